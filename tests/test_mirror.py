"""The tests mirror the source, file by file, and say what they claim."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "custvalue"

WITHOUT_TESTS = {
    "_typing.py": "names for types",
    "_version.py": "one string",
}

WITHOUT_SOURCE = {
    "factors/test_psych_agreement.py": "the room against stored results of psych",
    "lifetime/test_cnbd_story.py": "regular purchases against integrals and their own story",
    "lifetime/test_engines_story.py": "models fitted where their summaries are",
    "lifetime/test_golden.py": "all laws of the lifetime family against the oracle",
    "transactions/test_engines_story.py": "the same orders through every engine",
    "workflow/test_crm_story.py": "scores in databases against Python, row for row",
    "test_architecture.py": "the floors of the house",
    "test_docstrings.py": "the docstrings of all public names",
    "test_estimator_tables.py": "what all estimators do with tables",
    "test_estimators.py": "what all estimators have in common",
    "test_light_import.py": "what an import loads",
    "test_readme.py": "what the README shows",
    "test_mirror.py": "this file",
    "test_public_names.py": "the public names of all rooms",
}


def expected_test(source: str) -> str:
    """Return the test file of a source file, both as paths below their folders."""
    folder, _, name = source.rpartition("/")
    return f"{folder}/test_{name}" if folder else f"test_{name}"


def source_files() -> list[str]:
    """Return the source files that need tests: all but the faces of the rooms."""
    every = (path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
    return sorted(file for file in every if not file.endswith("/__init__.py"))


def files_of_tests() -> list[str]:
    """Return the files that hold tests."""
    return sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py"))


def undocumented_tests(text: str) -> list[str]:
    """Return the test functions of a file that have no docstring."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]


@pytest.mark.parametrize("source", source_files())
def test_every_source_file_has_its_test_file(source):
    """Whoever changes a file knows where its tests are."""
    if source not in WITHOUT_TESTS:
        assert (TESTS / expected_test(source)).is_file()


@pytest.mark.parametrize("file", files_of_tests())
def test_every_test_file_has_its_source_file(file):
    """No test file outlives what it tests."""
    assert file in WITHOUT_SOURCE or file in {expected_test(one) for one in source_files()}


@pytest.mark.parametrize("file", sorted(WITHOUT_TESTS))
def test_what_needs_no_test_exists(file):
    """The list of exceptions names real files, and none that has a test file."""
    assert (SOURCE / file).is_file()
    assert not (TESTS / expected_test(file)).exists()


@pytest.mark.parametrize("file", sorted(WITHOUT_SOURCE))
def test_what_mirrors_no_source_exists(file):
    """The list of test files without a source file names real files."""
    assert (TESTS / file).is_file()


@pytest.mark.parametrize("file", files_of_tests())
def test_every_test_says_what_it_claims(file):
    """Every test function has a docstring."""
    assert undocumented_tests((TESTS / file).read_text(encoding="utf-8")) == []


def test_a_test_without_a_docstring_is_found():
    """Methods of test classes are looked at too; helpers need none."""
    text = (
        "def test_a():\n    pass\n\n"
        'def test_b():\n    """Claim."""\n\n'
        "class TestC:\n    def test_d(self):\n        pass\n\n"
        "def helper():\n    pass\n"
    )
    assert undocumented_tests(text) == ["test_a", "test_d"]


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("cli.py", "test_cli.py"),
        ("__init__.py", "test___init__.py"),
        ("lifetime/beta_geo_nbd.py", "lifetime/test_beta_geo_nbd.py"),
        ("lifetime/_beta_geo_nbd.py", "lifetime/test__beta_geo_nbd.py"),
    ],
)
def test_the_mirror_image_of_a_file(source, test):
    """A private file's test keeps its underscore."""
    assert expected_test(source) == test
