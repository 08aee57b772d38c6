"""Reading the golden files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent.parent.parent / "golden"
LIVE_POINTS = 20


def read_document(name: str) -> Any:
    """Read one golden file, compressed or not."""
    packed = GOLDEN / f"{name}.json.gz"
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def load_points(name: str, section: str = "points") -> dict[str, np.ndarray]:
    """Read one section of a golden file as float64 arrays, one entry a column."""
    columns = read_document(name)["sections"][section]
    return {column: np.array([float(value) for value in columns[column]]) for column in columns}


def live_points(name: str = "beta_geo_nbd", section: str = "points") -> dict[str, np.ndarray]:
    """Return about 20 rows of a golden section, evenly spread, for the tests to work out anew."""
    points = load_points(name, section)
    n_rows = len(next(iter(points.values())))
    rows = np.unique(np.linspace(0, n_rows - 1, LIVE_POINTS).astype(int))
    return {column: values[rows] for column, values in points.items()}
