"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.agreement import compare
from benchmarks.cases import GRAINS, PROBLEMS, Case, choose
from benchmarks.environments import HERE
from benchmarks.measure import measure
from benchmarks.tables import Result, as_json, markdown

REPEATS = {"quick": 3, "full": 5}


def main(arguments: list[str] | None = None) -> int:
    """Run the cases asked for, print the table, and return 1 if answers disagree anywhere."""
    options = parser().parse_args(arguments)
    scale = "full" if options.full else "quick"
    repeats = options.repeats or REPEATS[scale]
    cases = choose(options.problem, options.size, options.grain, scale)
    with tempfile.TemporaryDirectory() as folder:
        results = [run(case, options.rival, repeats, Path(folder)) for case in cases]
    print(markdown(results, repeats))
    if options.write:
        write(options.write, results, repeats)
    return 0 if all(result.verdict.agrees for result in results) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks", description="custvalue against rivals")
    scale = options.add_mutually_exclusive_group()
    scale.add_argument("--quick", action="store_true", help="small sizes, the default")
    scale.add_argument("--full", action="store_true", help="10^4 to 10^6 customers, 10^6 orders")
    options.add_argument("--problem", nargs="+", choices=PROBLEMS, default=[])
    options.add_argument("--size", nargs="+", type=int, default=[], help="customers, or orders")
    options.add_argument("--grain", nargs="+", choices=GRAINS, default=[])
    options.add_argument("--rival", choices=["lifetimes"], default="lifetimes")
    options.add_argument("--repeats", type=int, help="processes for each; 3 quick, 5 full")
    options.add_argument("--write", metavar="NAME", help="also write results/NAME.md and .json")
    return options


def run(case: Case, rival: str, repeats: int, folder: Path) -> Result:
    """Measure both libraries on one case and compare their answers."""
    print(f"{case} ...", file=sys.stderr, flush=True)
    ours, theirs = (measure(library, case, repeats, folder) for library in ("custvalue", rival))
    return Result(case, ours, theirs, compare(case, ours, theirs, folder))


def write(name: str, results: list[Result], repeats: int) -> None:
    """Write the results beside this file."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(markdown(results, repeats), encoding="utf-8")
    (folder / f"{name}.json").write_text(as_json(results, repeats), encoding="utf-8")
