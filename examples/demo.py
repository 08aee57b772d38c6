"""The main job, on real orders: who the customers are, what they are worth, and a report."""

from pathlib import Path

from custvalue.datasets import load_cdnow
from custvalue.workflow import CustomerAnalysis

folder = Path("demo")
folder.mkdir(exist_ok=True)

orders = load_cdnow()
analysis = CustomerAnalysis(observation_end="1998-06-30", time_unit="week", horizon="12 months")
customers = analysis.fit_transform(orders)

customers.to_csv(folder / "customers.csv", float_format="%.4f")
analysis.report(orders, folder / "report.html", title="CDNOW customers")

segments = customers.groupby("segment")["value"].agg(["size", "mean", "sum"])
segments.columns = ["customers", "value each", "value"]
print(f"{len(orders):,} orders of {len(customers):,} customers; value of the next 12 months:\n")
print(segments.sort_values("value", ascending=False).map("{:,.0f}".format))
print(f"\n{folder / 'report.html'}    open it in a browser")
print(f"{folder / 'customers.csv'}  one row per customer")
