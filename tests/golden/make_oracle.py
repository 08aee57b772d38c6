"""Write the golden files of the oracle: python tests/golden/make_oracle.py [model ...].

Inputs (golden_points.py) are stored as the decimal strings of float64 numbers, so that reader and
oracle see the same bits; results as 20 significant digits. Before anything is written, one form is
checked against another (check_oracle.py). A model takes minutes, and a third of that with gmpy2.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import mpmath
import numpy as np
from mpmath import mp, mpf

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import check_oracle  # noqa: E402
import golden_points  # noqa: E402
from golden_points import REGULAR, Point, without  # noqa: E402

from support import oracle  # noqa: E402

SEED = 20050524
STORED_DIGITS = 20
Row = dict[str, str]
HISTORY = ("x", "t_x", "T")

SOURCES = {
    "pareto_nbd": "Pareto/NBD, Schmittlein, Morrison & Colombo (1987)",
    "modified_beta_geo_nbd": "MBG/NBD, Batislam, Denizel & Filiztekin (2007)",
    "beta_geo_nbd": "BG/NBD, Fader, Hardie & Lee (2005)",
    "nbd": "NBD, Ehrenberg (1959)",
    "beta_geo_beta_binom": "BG/BB, Fader, Hardie & Shang (2010)",
    "gamma_gompertz_nbd": "Gamma-Gompertz/NBD, Bemmaor & Glady (2012)",
    "beta_geo_cnbd": "BG/CNBD-k, Reutterer, Platzer & Schröder (2021)",
    "modified_beta_geo_cnbd": "MBG/CNBD-k, Reutterer, Platzer & Schröder (2021)",
    "gamma_gamma": "Gamma-Gamma, Fader & Hardie (2013)",
}


def main() -> None:
    """Make the golden file of each model named, or of all."""
    for name in sys.argv[1:] or SOURCES:
        if name == "gamma_gamma":
            make_gamma_gamma()
        else:
            make_model(name)


def make_model(name: str) -> None:
    """Check one model, work it out at all its points and write its file."""
    check_oracle.check(name)
    generator = np.random.default_rng([SEED, len(name), *name.encode()])
    history = (*HISTORY, "log_interval_sum") if name in REGULAR else HISTORY
    everything = {
        "log_likelihood": history,
        "probability_alive": history,
        "expected_purchases": (*history, "horizon"),
        "expected_purchases_new": ("horizon",),
        "gradient": history,
    }
    wanted: dict[str, tuple[list[Point], dict[str, tuple[str, ...]]]] = {
        "points": (golden_points.main_points(name, generator), everything),
        "ahead": (
            golden_points.ahead_points(name, generator),
            {"probability_alive": (*history, "ahead")},
        ),
        "purchase_probability": (
            golden_points.count_points(name, generator),
            {"purchase_probability": (*history, "n", "horizon")},
        ),
        "purchase_probability_new": (
            [without(point, *history) for point in golden_points.count_points(name, generator)],
            {"purchase_probability_new": ("n", "horizon")},
        ),
        "discounted": (
            golden_points.discounted_points(name, generator),
            {"discounted_expected_purchases": (*history, "rate", "horizon")},
        ),
    }
    sections = {
        section: evaluated(name, points, quantities)
        for section, (points, quantities) in wanted.items()
    }
    write(name, SOURCES[name], sections)


def evaluated(
    name: str, points: Sequence[Point], quantities: dict[str, tuple[str, ...]]
) -> list[Row]:
    """Return the points with the values of the oracle as decimal strings."""
    start, rows = time.monotonic(), []
    for number, point in enumerate(points, 1):
        rows.append(evaluate(name, point, quantities))
        if number % 200 == 0 or number == len(points):
            passed = time.monotonic() - start
            print(f"{name} {'+'.join(quantities)}: {number} points, {passed:.0f} s", flush=True)
    return rows


def evaluate(name: str, point: Point, quantities: dict[str, tuple[str, ...]]) -> Row:
    """Return one point with its values; a gradient has a column a parameter."""
    model = oracle.MODELS[name](*(point[letter] for letter in oracle.MODELS[name].names))
    values = {
        quantity: getattr(model, quantity)(*(point[key] for key in arguments))
        for quantity, arguments in quantities.items()
    }
    if "gradient" in values:
        letters = [letter for letter in model.names if letter != "k"]
        slopes = zip(letters, values.pop("gradient"), strict=True)
        values |= {f"d_{letter}": slope for letter, slope in slopes}
    return {
        **{key: short(value) for key, value in point.items()},
        **{key: mp.nstr(value, STORED_DIGITS) for key, value in values.items()},
    }


def make_gamma_gamma() -> None:
    """Write the file of the spend model."""
    check_oracle.check("gamma_gamma")
    generator = np.random.default_rng(SEED)
    arguments = ("p", "q", "v", "x", "m")
    sections = {
        "points": [
            spend_row(point, "log_likelihood", oracle.gamma_gamma_log_likelihood, arguments)
            for point in golden_points.spend_points(generator)
        ],
        "spend": [
            spend_row(point, "expected_spend", oracle.gamma_gamma_expected_spend, arguments)
            for point in golden_points.mean_spend_points(generator)
        ],
    }
    write("gamma_gamma", SOURCES["gamma_gamma"], sections)


def spend_row(
    point: Point, name: str, function: Callable[..., mpf], arguments: Sequence[str]
) -> Row:
    value = mp.nstr(function(*(point[key] for key in arguments)), STORED_DIGITS)
    return {**{key: short(number) for key, number in point.items()}, name: value}


def short(value: float) -> str:
    """Return the shortest decimal string of the number."""
    return repr(value).removesuffix(".0")


def write(name: str, source: str, sections: dict[str, list[Row]]) -> None:
    """Write the sections, column by column, as compressed JSON without a date."""
    document = {
        "source": f"{source}; made by tests/golden/make_oracle.py",
        "seed": SEED,
        "mpmath": mpmath.__version__,
        "digits": STORED_DIGITS,
        "sections": {section: columns_of(rows) for section, rows in sections.items()},
    }
    text = json.dumps(document, separators=(",", ":")) + "\n"
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    (HERE / f"{name}.json.gz").write_bytes(packed)
    counts = ", ".join(f"{section} {len(rows)}" for section, rows in sections.items())
    print(f"{name}.json.gz, {len(packed)} bytes: {counts}", flush=True)


def columns_of(rows: Iterable[Row]) -> dict[str, list[str]]:
    every = list(rows)
    return {column: [row[column] for row in every] for column in every[0]}


if __name__ == "__main__":
    main()
