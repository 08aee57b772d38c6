"""The command: what it prints and writes, and one clear sentence for every wrong input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import custvalue
from custvalue import cli
from custvalue.datasets import make_orders
from custvalue.lifetime import BetaGeoNBD
from custvalue.workflow import CustomerAnalysis

END = ["--observation-end", "2025-06-30"]


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """Return a folder with order logs, a model file and files that are neither."""
    folder = tmp_path_factory.mktemp("kit")
    orders = make_orders(100, start="2024-01-01", observation_end="2025-06-30", random_state=0)
    orders["date"] = orders["date"].dt.normalize()
    orders.to_csv(folder / "orders.csv", index=False)
    orders.to_parquet(folder / "orders.parquet")
    renamed = orders.set_axis(["who", "when", "paid"], axis=1)
    renamed.to_csv(folder / "renamed.csv", index=False)
    orders.iloc[:150].to_csv(folder / "part-1.csv", index=False)
    orders.iloc[150:].to_csv(folder / "part-2.csv", index=False)
    orders.drop_duplicates("customer_id").to_csv(folder / "once.csv", index=False)
    orders.head(0).to_csv(folder / "header.csv", index=False)
    orders.assign(date="soon").to_csv(folder / "text-date.csv", index=False)
    orders.assign(amount="much").to_csv(folder / "text-amount.csv", index=False)
    orders.assign(amount=orders["amount"].where(orders.index > 0)).to_csv(
        folder / "gap.csv", index=False
    )
    (folder / "empty.csv").touch()
    (folder / "false.parquet").write_text("no parquet")
    (folder / "orders.xlsx").write_text("no table")
    BetaGeoNBD.from_params({"r": 0.2, "alpha": 4.0, "a": 0.8, "b": 2.4}).save(folder / "btyd.json")
    analysis = CustomerAnalysis(observation_end="2025-06-30", holdout=None).fit(orders)
    analysis.save(folder / "model.json")
    text = (folder / "model.json").read_text()
    (folder / "half.json").write_text(text[: len(text) // 2])
    (folder / "foreign.json").write_text(json.dumps({"class": "os.system"}))
    changed = json.loads(text) | {"class": "subprocess.Popen"}
    (folder / "hostile.json").write_text(json.dumps(changed))
    return folder


@pytest.fixture
def run(kit, tmp_path, monkeypatch):
    """Return a function that runs the command in an empty folder, where ``kit/`` is at hand."""
    (tmp_path / "kit").symlink_to(kit)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        return CliRunner().invoke(cli.app, list(arguments), prog_name="custvalue")

    return invoke


def written() -> list[str]:
    """Return the files that the command wrote."""
    return sorted(set(os.listdir()) - {"kit"})


def refused(result) -> str:
    """Assert that a run ended as wrong input, with nothing written, and return the sentence."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert written() == []
    *notes, last = result.stderr.splitlines()
    assert all(note.startswith("custvalue: note: ") for note in notes)
    assert last.startswith("custvalue: error: ")
    return last.removeprefix("custvalue: error: ")


# What it does


def test_version_and_help(run):
    """The version is that of the library; the help names the three commands."""
    assert run("--version").stdout == f"custvalue {custvalue.__version__}\n"
    overview = run("--help")
    assert overview.exit_code == 0
    for command in ("report", "fit", "score"):
        assert f"\n  {command} " in overview.stdout
        assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize("command", [cli.report, cli.fit])
def test_the_defaults_are_those_of_the_analysis(command):
    """Options that are left out mean what they mean in Python."""
    defaults = CustomerAnalysis().get_params(deep=False)
    options = dict(zip(command.__code__.co_varnames[2:], command.__defaults__, strict=False))
    assert len(options) > 7
    assert {name: value for name, value in options.items() if name != "customers"} == {
        name: defaults[name] for name in options if name != "customers"
    }


def test_report_writes_the_page_and_the_table_and_prints_a_summary(run):
    """The numbers printed are those of the analysis in Python."""
    arguments = ["kit/orders.csv", *END, "-o", "report.html", "--customers", "customers.csv"]
    result = run("report", *arguments)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert written() == ["customers.csv", "report.html"]
    page = Path("report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")

    customers = pd.read_csv("customers.csv", index_col="customer_id")
    orders = pd.read_csv("kit/orders.csv", parse_dates=["date"])
    expected = CustomerAnalysis(observation_end="2025-06-30").fit_transform(orders)
    pd.testing.assert_series_equal(customers["value"], expected["value"], rtol=1e-9)
    assert re.search(r"^customers +100$", result.stdout, re.MULTILINE)
    assert re.search(rf"^orders +{len(orders)}$", result.stdout, re.MULTILINE)
    total = f"{expected['value'].sum():,.2f}"
    assert re.search(rf"^value within 12 months +{total}$", result.stdout, re.MULTILINE)
    assert result.stdout.endswith("wrote report.html\nwrote customers.csv\n")


def test_the_segments_printed_add_up(run):
    """Every segment with customers has a line, in the order of the rules."""
    result = run("fit", "kit/orders.parquet", *END, "-o", "model.json")
    lines = result.stdout.split("segment", 1)[1].splitlines()[1:]
    rows = [re.split(r" {2,}", line) for line in lines if re.search(r"\d$", line)]
    assert sum(int(customers) for _, customers, _ in rows) == 100
    order = list(custvalue.load("model.json").segmenter_.rules_["segment"])
    names = [name for name, _, _ in rows]
    assert names == [name for name in order if name in names]


def test_fit_then_score_gives_what_python_gives(run):
    """A model fitted and applied by the command scores as in Python; both table kinds agree."""
    assert run("fit", "kit/orders.parquet", *END, "-o", "model.json").exit_code == 0
    later = ["--observation-end", "2025-12-31"]
    for output in ("scores.parquet", "scores.csv"):
        result = run("score", "model.json", "kit/orders.csv", *later, "-o", output)
        assert result.exit_code == 0, result.output
        assert result.stdout.endswith(f"wrote {output}\n")
    orders = pd.read_parquet("kit/orders.parquet")
    expected = custvalue.load("model.json").transform_at(orders, "2025-12-31")
    from_csv = pd.read_csv("scores.csv", index_col="customer_id")
    from_parquet = pd.read_parquet("scores.parquet")
    assert list(from_parquet.columns) == ["customer_id", *expected.columns]
    for scores in (from_csv, from_parquet.set_index("customer_id")):
        pd.testing.assert_series_equal(scores["value"], expected["value"], rtol=1e-9)
        assert list(scores["segment"]) == list(expected["segment"])


def test_options_reach_the_analysis(run):
    """Every option of ``fit`` is a parameter of the analysis that is saved."""
    options = {
        "customer": "who",
        "date": "when",
        "amount": "paid",
        "time_unit": "day",
        "observation_end": "2025-09-30",
        "horizon": "90",
        "margin": "0.25",
        "annual_discount_rate": "0.05",
    }
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    result = run("fit", "kit/renamed.csv", *arguments, "-o", "model.json")
    assert result.exit_code == 0, result.output
    assert "value within 90 days " in result.stdout
    found = custvalue.load("model.json").get_params(deep=False)
    expected = options | {"horizon": 90.0, "margin": 0.25, "annual_discount_rate": 0.05}
    assert {name: found[name] for name in options} == expected


def test_several_files_are_one_order_log(run):
    """A pattern names all files that match it."""
    assert run("fit", "kit/part-*.csv", *END, "-o", "parts.json").exit_code == 0
    assert run("fit", "kit/orders.csv", *END, "-o", "whole.json").exit_code == 0
    one, other = custvalue.load("parts.json"), custvalue.load("whole.json")
    pd.testing.assert_series_equal(
        one.value_.attrition_.params_, other.value_.attrition_.params_, rtol=1e-9
    )


def test_an_output_that_exists_is_replaced(run):
    """A second run takes the place of the first."""
    Path("model.json").write_text("old")
    assert run("fit", "kit/orders.csv", *END, "-o", "model.json").exit_code == 0
    assert custvalue.load("model.json").margin == 1.0


def test_a_warning_is_one_line_on_standard_error(run):
    """What was inferred is said once, apart from the results."""
    result = run("fit", "kit/orders.csv", "-o", "model.json")
    assert result.exit_code == 0, result.output
    notes = result.stderr.splitlines()
    assert len(notes) == len(set(notes))
    assert all(note.startswith("custvalue: note: ") for note in notes)
    assert any("observation_end was inferred to be 2025-06-" in note for note in notes)
    assert "note" not in result.stdout


def test_for_ever_is_called_so(run):
    """An infinite horizon has a finite value where something discounts it."""
    result = run("score", "kit/model.json", "kit/orders.csv", *END, "-o", "scores.csv")
    assert "value within 12 months " in result.stdout
    result = run("fit", "kit/orders.csv", *END, "--horizon", "inf", "-o", "model.json")
    assert "value for ever " in result.stdout


# Wrong input

WRONG = {
    "no such orders": (["report", "no.csv", "-o", "r.html"], "ORDERS must name a file.*'no.csv'"),
    "orders are a folder": (["report", "kit", "-o", "r.html"], "'kit', which is a folder"),
    "pattern without match": (["report", "kit/z*.csv", "-o", "r.html"], r"'kit/z\*.csv'"),
    "orders of another format": (["report", "kit/orders.xlsx", "-o", "r.html"], "orders.xlsx"),
    "false parquet": (["report", "kit/false.parquet", "-o", "r.html"], "false.parquet"),
    "empty file": (["report", "kit/empty.csv", "-o", "r.html"], "missing: customer_id, date"),
    "no rows": (["report", "kit/header.csv", "-o", "r.html"], "'kit/header.csv' has columns but"),
    "no such column": (
        ["report", "kit/orders.csv", "--customer", "client", "-o", "r.html"],
        "missing: client; found: customer_id, date, amount",
    ),
    "one column twice": (
        ["report", "kit/orders.csv", "--amount", "date", "-o", "r.html"],
        "a column of its own",
    ),
    "dates that are text": (["report", "kit/text-date.csv", "-o", "r.html"], "'date'.*'soon'"),
    "amounts that are text": (["report", "kit/text-amount.csv", "-o", "r.html"], "'amount'.*much"),
    "an amount that is missing": (
        ["report", "kit/gap.csv", "-o", "r.html"],
        "'amount'.*1 such row",
    ),
    "nobody came back": (["report", "kit/once.csv", *END, "-o", "r.html"], "one repeat purchase"),
    "time unit": (
        ["report", "kit/orders.csv", "--time-unit", "fortnight", "-o", "r.html"],
        "'time_unit'.*'fortnight'",
    ),
    "horizon in no words": (
        ["report", "kit/orders.csv", *END, "--horizon", "soon", "-o", "r.html"],
        "horizon must be.*'soon'",
    ),
    "negative horizon": (
        ["report", "kit/orders.csv", "--horizon=-3", "-o", "r.html"],
        "'horizon'.*-3.0",
    ),
    "negative margin": (["fit", "kit/orders.csv", "--margin=-1", "-o", "m.json"], "'margin'.*-1.0"),
    "margin no number": (["fit", "kit/orders.csv", "--margin", "x", "-o", "m.json"], "--margin"),
    "negative discount": (
        ["fit", "kit/orders.csv", "--annual-discount-rate=-0.1", "-o", "m.json"],
        "'annual_discount_rate'.*-0.1",
    ),
    "for ever without discount": (
        ["fit", "kit/orders.csv", "--annual-discount-rate=0", "--horizon=inf", "-o", "m.json"],
        "annual_discount_rate must be positive",
    ),
    "end that is no date": (
        ["fit", "kit/orders.csv", "--observation-end", "tomorrow", "-o", "m.json"],
        "observation_end must be a date.*'tomorrow'",
    ),
    "end before the first order": (
        ["fit", "kit/orders.csv", "--observation-end", "1999-12-31", "-o", "m.json"],
        "1999-12-31, and the first of",
    ),
    "output in no folder": (
        ["report", "kit/orders.csv", "-o", "no/r.html"],
        "folder of 'no/r.html'",
    ),
    "table in no folder": (
        ["report", "kit/orders.csv", "-o", "r.html", "--customers", "no/c.csv"],
        "folder of 'no/c.csv'",
    ),
    "report of another format": (["report", "kit/orders.csv", "-o", "r.pdf"], "'r.pdf'"),
    "table of another format": (
        ["report", "kit/orders.csv", "-o", "r.html", "--customers", "c.xlsx"],
        r"\.csv or \.parquet; found 'c.xlsx'",
    ),
    "model of another format": (["fit", "kit/orders.csv", "-o", "m.pkl"], r"\.json; found 'm.pkl'"),
    "scores of another format": (["score", "kit/model.json", "kit/orders.csv", "-o", "s"], "'s'"),
    "no such model": (["score", "no.json", "kit/orders.csv", "-o", "s.csv"], "open 'no.json'"),
    "model that is a folder": (["score", "kit", "kit/orders.csv", "-o", "s.csv"], "open 'kit'"),
    "model that is no JSON": (
        ["score", "kit/orders.csv", "kit/orders.csv", "-o", "s.csv"],
        "kit/orders.csv must be JSON",
    ),
    "half a model": (["score", "kit/half.json", "kit/orders.csv", "-o", "s.csv"], "must be JSON"),
    "foreign JSON": (
        ["score", "kit/foreign.json", "kit/orders.csv", "-o", "s.csv"],
        "foreign.json",
    ),
    "hostile JSON": (
        ["score", "kit/hostile.json", "kit/orders.csv", "-o", "s.csv"],
        "'subprocess.Popen'",
    ),
    "another model": (
        ["score", "kit/btyd.json", "kit/orders.csv", "-o", "s.csv"],
        "must hold a CustomerAnalysis.*found BetaGeoNBD",
    ),
    "scoring without orders": (
        ["score", "kit/model.json", "no.csv", "-o", "s.csv"],
        "ORDERS must name a file.*'no.csv'",
    ),
    "scoring at no date": (
        ["score", "kit/model.json", "kit/orders.csv", "--observation-end", "x", "-o", "s.csv"],
        "observation_end must be a date.*'x'",
    ),
    "no output": (["report", "kit/orders.csv"], "'--output' / '-o'; see 'custvalue --help'"),
    "no orders": (["fit", "-o", "m.json"], "Missing argument"),
    "unknown option": (["fit", "kit/orders.csv", "-o", "m.json", "--colour", "red"], "--colour"),
    "unknown command": (["draw", "kit/orders.csv"], "'draw'"),
    "no command": ([], "Missing command"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_ends_with_one_sentence_and_no_file(run, case):
    """Status 2, one sentence that names the thing, no traceback, nothing written or left behind."""
    arguments, message = WRONG[case]
    assert re.search(message, refused(run(*arguments)))


@pytest.mark.parametrize(("library", "extra"), [("jinja2", "report"), ("matplotlib", "report")])
def test_a_missing_library_is_named_with_its_extra(run, monkeypatch, library, extra):
    """Who lacks an optional library is told what to install."""
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    sentence = refused(run("report", "kit/orders.csv", *END, "-o", "r.html"))
    assert library in sentence
    assert f'pip install "custvalue[{extra}]"' in sentence


def test_a_failure_leaves_older_files_as_they_were(run):
    """An error after the report was drafted leaves the report of yesterday alone."""
    Path("report.html").write_text("yesterday")
    result = run("report", "kit/orders.csv", *END, "-o", "report.html", "--customers", "no/c.csv")
    assert result.exit_code == 2
    assert Path("report.html").read_text() == "yesterday"
    assert written() == ["report.html"]


def test_a_file_that_may_not_be_read_is_named(run, monkeypatch):
    """A lack of permission is one sentence with the name of the file."""

    def locked(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(custvalue, "load", locked)
    sentence = refused(run("score", "kit/model.json", "kit/orders.csv", "-o", "s.csv"))
    assert sentence == "cannot open 'kit/model.json': permission denied"


@pytest.mark.parametrize(
    "slip",
    [
        lambda: {}["key"],
        lambda: float("no number"),
        lambda: 1 / 0,
        lambda: pd.Series([1, 2]).to_numpy().reshape(3),
        lambda: __import__("no_such_module_of_ours"),
    ],
)
def test_an_error_of_the_program_is_not_dressed_up(run, monkeypatch, slip):
    """A slip inside the library passes through with its traceback, and leaves no file."""
    monkeypatch.setattr(CustomerAnalysis, "fit_transform", lambda *arguments: slip())
    result = run("fit", "kit/orders.csv", "-o", "model.json")
    assert result.exit_code == 1
    assert not isinstance(result.exception, SystemExit)
    assert "custvalue: error" not in result.output
    assert written() == []


def test_an_interrupt_leaves_no_file(run, monkeypatch):
    """Who stops the command finds nothing half written."""

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(CustomerAnalysis, "fit_transform", stop)
    assert run("fit", "kit/orders.csv", "-o", "model.json").exit_code == 130
    assert written() == []


def test_warnings_are_as_before_after_a_run(run):
    """A run inside another program leaves that program's warnings alone."""
    before = warnings.showwarning, list(warnings.filters)
    run("fit", "kit/orders.csv", *END, "-o", "model.json")
    assert (warnings.showwarning, list(warnings.filters)) == before


# As a process


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    program = "from custvalue.cli import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_process_ends_with_status_0(run):
    """A real run writes its file and says so on standard output alone."""
    done = process("fit", "kit/orders.csv", *END, "-o", "model.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("wrote model.json\n")
    assert written() == ["model.json"]


def test_the_process_ends_with_status_2(run):
    """A real run on wrong input says one sentence on standard error alone."""
    done = process("score", "kit/hostile.json", "kit/orders.csv", "-o", "scores.csv")
    assert (done.returncode, done.stdout) == (2, "")
    [sentence] = done.stderr.splitlines()
    assert sentence.startswith("custvalue: error: kit/hostile.json cannot be read: class must be")
    assert written() == []


def test_the_version_loads_no_engine():
    """Asking for the version takes a moment, not seconds."""
    program = (
        "import sys, custvalue.cli\n"
        "print(sorted({'ibis', 'pandas', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
