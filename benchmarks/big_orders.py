"""Orders in Parquet, more than fit into memory, to one row a customer: seconds and peak memory.

    python -m benchmarks.big_orders --size 100000000 --memory-limit 2GB --folder /tmp/orders --write

The log is made once, seeded, a row group at a time, in about 15 bytes an order; a later run finds
it in the folder. Each figure is one new process, which summarises the file with its account of the
orders (``data_quality_``) and reports its own high-water mark of resident memory. Customers are
an eighth of the orders: some ten million rows come out of 10^8 orders. Orders, refunds and days in
the account must be those that were counted while the file was written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.child import peak_megabytes
from benchmarks.environments import HERE
from custvalue.transactions import RFMSummary

SEED = 42
ORDERS_PER_CUSTOMER = 8
GROUP = 1_000_000
FIRST_DAY, DAYS = np.datetime64("2022-01-01"), 1461
OBSERVATION_END = "2025-12-31"
FORMS = ("pandas", "arrow")
"""What comes out: a pandas frame of the path, an Arrow table of the dataset."""


@dataclass(frozen=True, slots=True)
class Log:
    """An order log in a file, and what must come out of it.

    Attributes
    ----------
    path : Path
    orders : int
    refunds : int
        Orders with a negative amount.
    """

    path: Path
    orders: int
    refunds: int


def main() -> int:
    """Make the log, summarise it in one process a form, and print or write the table."""
    asked = _arguments()
    if asked.child:
        return _child(asked.child, asked.form[0])
    folder = Path(asked.folder or tempfile.mkdtemp(prefix="custvalue-orders-"))
    folder.mkdir(parents=True, exist_ok=True)
    log = make_log(asked.size, folder)
    rows = [(form, measure(log, form, asked.memory_limit)) for form in asked.form]
    page = page_of(log, rows, asked.memory_limit)
    print(page)
    if asked.write:
        (HERE / "results" / "big_orders.md").write_text(page, encoding="utf-8")
    return 0 if all(is_right(report, log) for _, report in rows) else 1


def make_log(size: int, folder: Path) -> Log:
    """Write the order log unless it is there, a row group at a time."""
    path, note = folder / f"orders-{size}.parquet", folder / f"orders-{size}.json"
    if not (path.exists() and note.exists()):
        note.write_text(json.dumps({"refunds": _write(size, path)}), encoding="utf-8")
    return Log(path, size, json.loads(note.read_text(encoding="utf-8"))["refunds"])


def _write(size: int, path: Path) -> int:
    """Write the file and return the number of refunds in it."""
    generator = np.random.default_rng(SEED)
    n_customers = max(1, size // ORDERS_PER_CUSTOMER)
    schema = pa.schema(
        [("customer_id", pa.int64()), ("date", pa.timestamp("us")), ("amount", pa.float64())]
    )
    refunds = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, size, GROUP):
            n_rows = min(GROUP, size - start)
            # Few customers buy much: the share of the first x of them is the square root of x.
            customer = (n_customers * generator.random(n_rows) ** 2).astype(np.int64)
            seconds = generator.integers(0, DAYS * 86_400, n_rows)
            cents = generator.integers(100, 20_000, n_rows)
            cents = np.where(generator.random(n_rows) < 0.02, -cents, cents)
            date = FIRST_DAY.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
            arrays = [customer, date.astype("datetime64[us]"), cents / 100]
            writer.write_table(pa.table(dict(zip(schema.names, arrays, strict=True)), schema))
            refunds += int((cents < 0).sum())
    return refunds


def measure(log: Log, form: str, limit: str | None) -> dict[str, float]:
    """Summarise the log in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    if limit:
        environment["CUSTVALUE_MEMORY_LIMIT"] = limit
    command = [sys.executable, "-m", "benchmarks.big_orders", "--child", str(log.path)]
    done = subprocess.run(
        [*command, "--form", form], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def _child(path: str, form: str) -> int:
    """Summarise the file and print seconds, peak memory and what came out."""
    summary = RFMSummary(amount="amount", observation_end=OBSERVATION_END, extra=("total_value",))
    before = peak_megabytes()
    start = time.perf_counter()
    table = summary.fit_transform(path if form == "pandas" else ds.dataset(path))
    counts = summary.data_quality_
    report = {
        "seconds": time.perf_counter() - start,
        "peak_mb": peak_megabytes(),
        "before_mb": before,
        "rows": len(table),
        "customers": int(counts["customers"]),
        "purchases": int(counts["purchases"]),
        "orders": int(counts["orders_read"]),
        "refunds": int(counts["negative_amounts"]),
    }
    print(json.dumps(report))
    return 0


def is_right(report: dict[str, float], log: Log) -> bool:
    """Return whether nothing was lost on the way."""
    counted = (report["orders"], report["refunds"], report["rows"])
    return counted == (log.orders, log.refunds, report["customers"])


def page_of(log: Log, rows: list[tuple[str, dict[str, float]]], limit: str | None) -> str:
    """Return the figures as a page."""
    size = log.path.stat().st_size / 2**20
    lines = [
        "# Orders that do not fit into memory",
        "",
        f'`RFMSummary(amount=..., extra=("total_value",)).fit_transform(path)`: {log.orders:,} '
        f"orders in a Parquet file of {size:,.0f} MB; CUSTVALUE_MEMORY_LIMIT="
        f"{limit or 'not set'}. Peak memory is the high-water mark of the whole process.",
        "",
        "| out | customers | purchases | seconds | peak memory, MB |",
        "|---|---:|---:|---:|---:|",
    ]
    for form, report in rows:
        lines.append(
            f"| {form} | {report['customers']:,} | {report['purchases']:,} "
            f"| {report['seconds']:.1f} | {report['peak_mb']:,.0f} |"
        )
    wrong = [form for form, report in rows if not is_right(report, log)]
    lines += ["", f"Wrong: {', '.join(wrong)}." if wrong else "All orders are accounted for."]
    return "\n".join(lines) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000_000)
    parser.add_argument("--folder", help="where the log is made, and found again")
    parser.add_argument("--memory-limit", help="such as 2GB, for CUSTVALUE_MEMORY_LIMIT")
    parser.add_argument("--form", nargs="+", choices=FORMS, default=["pandas"])
    parser.add_argument("--write", action="store_true", help="write results/big_orders.md")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
