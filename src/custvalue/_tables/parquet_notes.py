"""What a frame said of itself when it was written to Parquet: pandas keeps ``attrs`` there."""

from __future__ import annotations

import json
import os
from typing import Any

import pyarrow.parquet as pq

from custvalue._tables.files import matching_files

__all__ = ["parquet_attrs"]

_KEY = b"PANDAS_ATTRS"


def parquet_attrs(X: Any) -> dict[str, Any]:
    """Return the ``attrs`` of the frame that a Parquet file was written from.

    Parameters
    ----------
    X : object
        Of a path or glob the first file is looked at; anything else has none.

    Returns
    -------
    dict
        Empty where the file says nothing.
    """
    if not isinstance(X, (str, os.PathLike)):
        return {}
    first = matching_files(os.fspath(X))[0]
    if not first.lower().endswith((".parquet", ".pq")):
        return {}
    found = (pq.read_schema(first).metadata or {}).get(_KEY)
    said = {} if found is None else json.loads(found)
    return said if isinstance(said, dict) else {}
