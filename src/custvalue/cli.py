"""The ``custvalue`` command: it parses, calls the workflow, and prints.

Exit status 0 is done; 2 is wrong input, with one sentence on standard error and nothing written.
Warnings are lines of their own on standard error. An error of the program shows its traceback.
"""

from __future__ import annotations

import glob
import linecache
import math
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import custvalue
from custvalue._estimator.files import replacing
from custvalue.exceptions import DataError, PersistenceError

__all__ = ["app", "main"]

_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
_TABLES = (".csv", ".parquet")
_CHECKERS = ("custvalue", "sklearn.utils._param_validation")
"""Modules whose errors are about what the user gave."""
_OPTIONAL = {"jinja2": "report", "matplotlib": "report"}


class _Commands(TyperGroup):
    """A group of commands in which wrong input ends with one sentence and status 2."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            with _warnings_as_notes():
                status = super().main(*args, **{**extra, "standalone_mode": False})
        except typer.Abort:
            sys.exit(130)
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            typer.echo(f"custvalue: error: {sentence}", err=True)
            sys.exit(2)
        sys.exit(status if isinstance(status, int) else 0)


app: typer.Typer = typer.Typer(
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Customer segments, lifetime value and priorities from an order log.",
)

Orders = Annotated[
    str, typer.Argument(help="Order log: a Parquet or CSV file, or a pattern such as 'o/*.csv'.")
]
Model = Annotated[Path, typer.Argument(help="Model file that `custvalue fit` wrote.")]
Customer = Annotated[str, typer.Option(help="Column of the customer's id.")]
Date = Annotated[str, typer.Option(help="Column of the order's date.")]
Amount = Annotated[str, typer.Option(help="Column of what the order is worth.")]
TimeUnit = Annotated[str, typer.Option(help="What times are measured in: day, week, month, year.")]
ObservationEnd = Annotated[
    str | None,
    typer.Option(help="Last day of observation, such as 2024-12-31; else that of the last order."),
]
Horizon = Annotated[str, typer.Option(help='Future that is valued: "12 months", 52, or inf.')]
Margin = Annotated[float, typer.Option(help="Profit per unit of spend.")]
Rate = Annotated[float, typer.Option(help="Annual discount rate; 0.1 is ten percent.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write.")]
Customers = Annotated[
    Path | None, typer.Option(help="Write the customer table too: .csv or .parquet.")
]


def main() -> None:
    """Run the command with the arguments of the process."""
    app(prog_name="custvalue")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"custvalue {custvalue.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Show help, or the version."""


@app.command()
def report(
    orders: Orders,
    output: Output,
    customer: Customer = "customer_id",
    date: Date = "date",
    amount: Amount = "amount",
    time_unit: TimeUnit = "week",
    observation_end: ObservationEnd = None,
    horizon: Horizon = "12 months",
    margin: Margin = 1.0,
    annual_discount_rate: Rate = 0.10,
    customers: Customers = None,
) -> None:
    """Write a report on the customers: one HTML file that needs nothing else."""
    table_path = None if customers is None else _with_ending(customers, _TABLES)
    with _outputs(_with_ending(output, (".html", ".htm")), table_path) as drafts:
        analysis = _analysis(
            customer=customer,
            date=date,
            amount=amount,
            time_unit=time_unit,
            observation_end=observation_end,
            horizon=_number_or_words(horizon),
            margin=margin,
            annual_discount_rate=annual_discount_rate,
        )
        table = analysis.fit_transform(_existing(orders))
        analysis.report(orders, drafts[0])
        for draft in drafts[1:]:
            _write_table(table, draft)
    _print_summary(analysis, table)
    _print_written(output, customers)


@app.command()
def fit(
    orders: Orders,
    output: Output,
    customer: Customer = "customer_id",
    date: Date = "date",
    amount: Amount = "amount",
    time_unit: TimeUnit = "week",
    observation_end: ObservationEnd = None,
    horizon: Horizon = "12 months",
    margin: Margin = 1.0,
    annual_discount_rate: Rate = 0.10,
) -> None:
    """Fit the models and write them to a JSON file, to score orders with later."""
    with _outputs(_with_ending(output, (".json",))) as drafts:
        analysis = _analysis(
            customer=customer,
            date=date,
            amount=amount,
            time_unit=time_unit,
            observation_end=observation_end,
            horizon=_number_or_words(horizon),
            margin=margin,
            annual_discount_rate=annual_discount_rate,
        )
        table = analysis.fit_transform(_existing(orders))
        analysis.save(drafts[0])
    _print_summary(analysis, table)
    _print_written(output)


@app.command()
def score(
    model: Model, orders: Orders, output: Output, observation_end: ObservationEnd = None
) -> None:
    """Score the customers of an order log by a fitted model."""
    with _outputs(_with_ending(output, _TABLES)) as drafts:
        analysis = _load(model)
        table = analysis.transform_at(_existing(orders), observation_end)
        _write_table(table, drafts[0])
    _print_summary(analysis, table)
    _print_written(output)


def _analysis(**parameters: Any) -> Any:
    return custvalue.workflow.CustomerAnalysis(**parameters)


def _load(path: Path) -> Any:
    analysis = custvalue.load(path)
    if not isinstance(analysis, custvalue.workflow.CustomerAnalysis):
        raise PersistenceError(
            f"{path} must hold a CustomerAnalysis, as `custvalue fit` writes it; "
            f"found {type(analysis).__name__}"
        )
    return analysis


def _existing(orders: str) -> str:
    if Path(orders).is_file() or (not Path(orders).exists() and glob.glob(orders, recursive=True)):
        return orders
    kind = "which is a folder" if Path(orders).is_dir() else "which does not exist"
    raise ValueError(f"ORDERS must name a file, or a pattern of files; found {orders!r}, {kind}")


def _number_or_words(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _with_ending(path: Path, endings: tuple[str, ...]) -> Path:
    if path.suffix.lower() not in endings:
        raise ValueError(f"the output must end in {' or '.join(endings)}; found {str(path)!r}")
    return path


@contextmanager
def _outputs(*paths: Path | None) -> Iterator[list[Path]]:
    """Give a draft for every file to write; all are put in place at the end, or none."""
    with ExitStack() as stack:
        yield [stack.enter_context(replacing(path)) for path in paths if path is not None]


def _write_table(table: Any, path: Path) -> None:
    if path.suffix.lower() == ".csv":
        table.to_csv(path)
    else:
        table.reset_index().to_parquet(path, index=False)


def _print_summary(analysis: Any, table: Any) -> None:
    figures = {
        "customers": f"{len(table):,}",
        "orders": f"{table['n_orders'].sum():,.0f}",
        "spent": f"{table['total_value'].sum():,.2f}",
        f"value {_horizon_in_words(analysis)}": f"{table['value'].sum():,.2f}",
    }
    for name, figure in figures.items():
        typer.echo(f"{name:<31}{figure:>16}")
    _print_segments(table, analysis.segmenter_.rules_["segment"])


def _horizon_in_words(analysis: Any) -> str:
    horizon = analysis.horizon
    if isinstance(horizon, str):
        return f"within {horizon}"
    return f"within {horizon:g} {analysis.time_unit}s" if math.isfinite(horizon) else "for ever"


def _print_segments(table: Any, names: Iterable[str]) -> None:
    """Print how many customers each segment has and what they are worth, in the rules' order."""
    typer.echo(f"\n{'segment':<20}{'customers':>11}{'value':>16}")
    values = dict(list(table.groupby("segment")["value"]))
    for name in dict.fromkeys(names):
        if name in values:
            typer.echo(f"{name:<20}{len(values[name]):>11,}{values[name].sum():>16,.2f}")


def _print_written(*paths: Path | None) -> None:
    typer.echo()
    for path in paths:
        if path is not None:
            typer.echo(f"wrote {path}")


@contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print each warning about the data or the models once, as one line."""
    seen: set[str] = set()

    def show(message: Warning | str, *details: Any, **more: Any) -> None:
        text = _one_line(message)
        if text not in seen:
            seen.add(text)
            typer.echo(f"custvalue: note: {text}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for category in (UserWarning, RuntimeWarning):
            warnings.simplefilter("always", category)
        warnings.showwarning = show
        yield


def _sentence(error: Exception) -> str | None:
    """Return what to tell the user, or None for an error of the program."""
    if isinstance(error, _USAGE_ERROR):
        message = error.format_message()  # type: ignore[attr-defined]
        return _one_line(f"{message.rstrip('.')}; see 'custvalue --help'")
    if isinstance(error, OSError):
        return _one_line(_trouble_with_a_file(error))
    if isinstance(error, ImportError):
        return _missing(error)
    if isinstance(error, (DataError, PersistenceError)):
        return _one_line(error)
    if isinstance(error, (TypeError, ValueError)) and _is_a_check(error):
        return _one_line(error)
    return None


def _trouble_with_a_file(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"cannot open {str(error.filename)!r}: {error.strerror.lower()}"


def _missing(error: ImportError) -> str | None:
    """Name the extra to install, if an optional library is missing."""
    extra = _OPTIONAL.get((error.name or "").split(".")[0])
    if extra is not None:
        return f'{error.name} is not installed: pip install "custvalue[{extra}]"'
    return _one_line(error) if "custvalue[" in str(error) else None


def _is_a_check(error: Exception) -> bool:
    """Return whether a check of ours raised the error, not a slip inside some library."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    code = trace.tb_frame
    line = linecache.getline(code.f_code.co_filename, trace.tb_lineno)
    module = str(code.f_globals.get("__name__"))
    return line.lstrip().startswith("raise") and module.startswith(_CHECKERS)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
