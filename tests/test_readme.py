"""What the README shows is what there is."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def blocks(language):
    """Return the code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_two_commands_are_all_that_a_user_needs():
    """The shell block is make demo and make test, and the Makefile has both."""
    assert blocks("bash") == ["make demo\nmake test\n"]
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)


def test_the_python_example_runs(tmp_path, monkeypatch, capsys):
    """The ten lines print segments and customers, and leave a report and a model."""
    monkeypatch.chdir(tmp_path)
    [example] = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert "Champions" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "model.json"}


def test_every_link_leads_somewhere():
    """Files and pictures that the README points at exist."""
    targets = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    missing = [t for t in targets if not t.startswith("http") and not (README.parent / t).exists()]
    assert targets
    assert not missing
