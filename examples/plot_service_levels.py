"""
How much service, at what cost
==============================

More service costs more, and after a point it no longer pays. This example goes from stock to
service (:class:`~custvalue.service.InventoryServiceLevel`), from service to the best level of it
(:class:`~custvalue.service.ServiceLevelOptimizer`), to how customers answer to it
(:class:`~custvalue.service.ServiceResponse`), and to what failures cost that no ledger shows
(:class:`~custvalue.service.LostSalesCost`).
"""

# %%
# Stock and service
# -----------------
# An item is ordered when its stock falls to the reorder point :math:`x`. Until the delivery the
# demand :math:`D` must be met from it. With :math:`d, s` the mean and standard deviation of the
# demand of one period and :math:`L, s_L` those of the lead time,
#
# .. math:: \sigma = \sqrt{L s^2 + d^2 s_L^2}, \qquad
#           \alpha = P(D \le x), \qquad
#           \beta = 1 - \frac{E[\max(D - x, 0)]}{Q} .
#
# The cycle service level :math:`\alpha` is the share of cycles without a stock-out, the fill rate
# :math:`\beta` the share of the demand that is met from stock, with :math:`Q` units ordered in a
# cycle (Silver, Pyke and Thomas 2017, chapters 6 and 7). Every further standard deviation of safety
# stock buys less than the one before:

import warnings

import numpy as np
import pandas as pd

from custvalue.exceptions import DataError
from custvalue.plotting import (
    CostCurveDisplay,
    ProfitCurveDisplay,
    ResponseDisplay,
    ServiceLevelDisplay,
)
from custvalue.service import (
    InventoryServiceLevel,
    LostSalesCost,
    ServiceLevelOptimizer,
    ServiceResponse,
)

InventoryServiceLevel.standard_table()

# %%
# Three items: what they are served with by the safety stock they have. The two measures are not the
# same. The lamps are ordered in large quantities, so that few cycles are at risk and the fill rate
# is high although every third cycle runs out.

items = pd.DataFrame(
    {
        "demand_mean": [50.0, 12.0, 4.0],
        "demand_sd": [10.0, 7.0, 2.0],
        "lead_time": [4.0, 2.0, 6.0],
        "lead_time_sd": [0.5, 0.0, 1.0],
        "order_quantity": [800.0, 24.0, 26.0],
        "safety_stock": [14.0, 20.0, 9.0],
    },
    index=pd.Index(["lamp", "fuse", "motor"], name="product"),
)
service = InventoryServiceLevel().fit(items)
service.transform(items).round(3)

# %%
_ = ServiceLevelDisplay.from_estimator(service, items.loc[["fuse"]]).plot()

# %%
# The other way round: the stock for a target. Say what the target is of. For 98 % of the units the
# lamps need less than nothing beyond the mean demand; for 98 % of the cycles much more.

targets = {}
for measure in ("cycle", "fill_rate"):
    wanted = InventoryServiceLevel(measure=measure, target=0.98).fit_transform(items)
    targets[measure] = wanted["safety_stock"]
pd.DataFrame(targets).round(1)

# %%
# Not all demand is normal. The fuses sell unevenly: mean 12, standard deviation 7. ``demand`` takes
# other laws, or ``"empirical"`` the history as it is. The stock for the same promise differs, and
# where demand is so uneven that the normal law would often make it negative, a warning says so.

fuse = items.loc[["fuse"]]
laws = ["normal", "gamma", "negative_binomial"]
reorder = {
    law: InventoryServiceLevel(demand=law, target=0.99).fit_transform(fuse).loc["fuse"]
    for law in laws
}
pd.DataFrame(reorder).T.round(3)

# %%
# The best service level of an item
# ---------------------------------
# One unit too few costs the margin and the goodwill, :math:`C_u`; one too many costs :math:`C_o`.
# Then the best probability of meeting the demand is the *newsvendor*'s (Arrow, Harris and Marschak
# 1951),
#
# .. math:: SL^* = \frac{C_u}{C_u + C_o} .

papers = pd.DataFrame(
    {"underage": [30.0, 8.0], "overage": [10.0, 10.0], "mean": 100.0, "sd": 20.0},
    index=pd.Index(["dear", "cheap"], name="product"),
)
ServiceLevelOptimizer().fit_transform(papers).iloc[:, [0, 4, 5, 6]].round(3)

# %%
# Where stock goes on from period to period, ask at the *margin* (Ballou 2004): one point of service
# more brings :math:`\Delta P = \text{margin} \times \text{response} \times \text{volume}` and costs
# :math:`\Delta C = \text{carrying rate} \times \text{unit cost} \times \sigma_L \, \Delta z`. Go on
# as long as it pays.

item = pd.DataFrame(
    {
        "margin": [18.0],
        "response": [0.0012],
        "volume": [120_000.0],
        "carrying_rate": [0.24],
        "unit_cost": [75.0],
        "demand_sd": [300.0],
        "lead_time": [4.0],
    },
    index=pd.Index(["item"], name="product"),
)
lead_times = {
    way: ServiceLevelOptimizer(form="marginal", lead_time_scaling=way).fit_transform(item)
    for way in ("sqrt", "linear")
}
pd.concat(lead_times, names=["lead_time_scaling"]).iloc[:, [0, 4, 5, 6, 7]].round(3)

# %%
# A trap: a published solution of this exercise multiplies the standard deviation by the lead time
# and stops at 96 %. Four weeks that know nothing of each other vary by :math:`\sqrt{4}` times one
# week, and more service pays.

# %%
# The best service level of a business
# ------------------------------------
# Where sites or months with different service levels are on record, revenue and cost can be fitted
# as curves, and the largest difference is the optimum. Its interval says how much the data know.
# These data were made so that the best level is 0.886. With ``by="segment"`` every segment has an
# optimum of its own. ``limits`` keeps the search where there are data.

generator = np.random.default_rng(4)
level = generator.uniform(0.80, 0.995, 120)
sites = pd.DataFrame(
    {
        "service_level": level,
        "revenue": 130 - 600 * (1 - level) ** 2 + generator.normal(0, 2, 120),
        "cost": 30 + 500 * (level - 0.75) ** 2 + generator.normal(0, 2, 120),
    }
)
optimizer = ServiceLevelOptimizer(
    form="curve", revenue_curve="quadratic", cost_curve="quadratic", limits=(0.80, 0.99)
)
optimizer.fit(sites)
optimizer.optimum_[["service_level", "lower", "upper", "profit", "place", "concave"]].round(3)

# %%
_ = ProfitCurveDisplay.from_estimator(optimizer).plot()

# %%
# A better warehouse moves the cost curve to the right: the same service for what two points less
# cost before. What is it worth, and should service rise?

scenarios = {
    "cost curve 2 points to the right": {"cost_shift": 0.02},
    "costs 10 % lower": {"cost_factor": 0.9},
    "customers pay 3 % more": {"revenue_factor": 1.03},
}
optimizer.compare(scenarios)[["service_level", "profit", "profit_change", "saved_at_base"]].round(3)

# %%
# An optimum at the end of the limits, several local maxima, or a best level beyond all that was
# observed are said aloud, as warnings and in ``optimum_``.
#
# How value answers: four stages
# ------------------------------
# A little service changes nothing; then it pays; then less; at last it costs more than it brings.
# :class:`~custvalue.service.ServiceResponse` fits a continuous broken line (Muggeo 2003),
#
# .. math:: E[y] = a + b x + \sum_k d_k \, (x - \tau_k)_+ ,
#
# with as many changes of slope as a test sees, and an interval for each.

level = generator.uniform(50, 100, 500)
value = np.interp(level, [50, 62, 82, 92, 100], [10, 11, 42, 45, 33])
customers = pd.DataFrame({"service_level": level, "value": value + generator.normal(0, 3, 500)})
response = ServiceResponse(random_state=0).fit(customers)
response.stages_.drop(columns="share").round(2)

# %%
_ = ResponseDisplay.from_estimator(response, customers).plot()

# %%
response.change_points_.round(2)

# %%
# Stages that are not there are not found. Where a straight line does, it says so.

customers["value"] = 0.3 * level + generator.normal(0, 3, 500)
print(ServiceResponse(random_state=0).fit(customers).says_)

# %%
# What failures cost that no ledger shows
# ---------------------------------------
# A customer whom a failure drives away takes all future sales along. With :math:`k` failures that
# drive the customer away with probability :math:`p` each, a residual lifetime value :math:`V`, and
# :math:`w` prospects of value :math:`v` lost with every leaver,
#
# .. math:: E[\text{cost}] = \left(1 - (1 - p)^k\right) (V + w \, v) .
#
# Count the value once: the sales of next year are part of :math:`V`. Here 400 customers with late
# and damaged orders. Their values would come from :class:`~custvalue.lifetime.LifetimeValue`.

base = pd.DataFrame(
    {
        "segment": generator.choice(["shops", "online", "export"], 400, p=[0.3, 0.6, 0.1]),
        "orders": 1 + generator.poisson(9, 400),
        "value": np.round(generator.gamma(1.2, 500, 400), 2),
    },
    index=pd.RangeIndex(1, 401, name="customer_id"),
)
base["late"] = generator.binomial(base["orders"], np.where(base["segment"] == "export", 0.15, 0.05))
base["damaged"] = generator.binomial(base["orders"], 0.01)

cost = LostSalesCost(
    components=("late", "damaged"),
    leaving_probability={"late": 0.04, "damaged": 0.15},
    orders="orders",
    segment="segment",
    prospects_per_leaver=0.5,
    prospect_value=150.0,
).fit(base)
cost.total_.round(1).to_frame("all customers")

# %%
# By component the costs add up; ``avoidable_cost`` is what perfection in this one alone would save.

cost.cost_by_component_.round(2)

# %%
cost.cost_by_segment_[["customers", "failures", "expected_cost", "share"]].round(2)

# %%
# And whom to call first:

cost.transform(base).nlargest(3, "expected_cost").round(2)

# %%
# The probabilities are the weak point. So look at what hangs on them. The rows are 50 to 150 % of
# what was assumed.

cost.sensitivity_.round(0)

# %%
# Hidden costs fall with the level of service, those of stock and transport rise. Their sum has a
# lowest point, which the direct costs alone would put much too low.

levels = np.linspace(0.88, 0.995, 116)
direct = 60 / (1.003 - levels)
_ = CostCurveDisplay.from_estimator(cost, base, levels, direct).plot()

# %%
# Leaving can be estimated from histories: who stayed, among customers with and without a failure.
# Beware. Those who order more meet more failures *and* stay longer, so that failures may even seem
# to bind customers. Compare alike with alike: ``strata``. ``fit`` warns in any case, since only an
# experiment proves a cause.

n_orders = 1 + generator.poisson(9, 4000)
past = pd.DataFrame({"failures": generator.binomial(n_orders, 0.06), "value": 500.0})
busy, failed = n_orders > 9, past["failures"] > 0
stays = np.where(busy, 0.95, 0.75) * np.where(failed, 0.90, 1.0)
past["alive"] = (generator.random(4000) < stays).astype(float)
past["activity"] = np.where(busy, "busy", "quiet")

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    plain = LostSalesCost(repeated="first").fit(past)
    alike = LostSalesCost(repeated="first", strata="activity").fit(past)
print(caught[0].message)

# %%
alike.comparison_.round(3)

# %%
# In truth a failure drives away 10 % of those who would stay.

pd.DataFrame(
    {
        "plain": [plain.leaving_probability_, *plain.leaving_interval_],
        "within strata": [alike.leaving_probability_, *alike.leaving_interval_],
    },
    index=["leaving_probability", "lower", "upper"],
).round(3)

# %%
# Wrong input is refused in a sentence.

try:
    InventoryServiceLevel().fit(items.assign(demand_sd=-items["demand_sd"]))
except DataError as error:
    print(error)

# %%
# How often orders fail is measured in :doc:`/gallery/plot_perfect_orders`; what customers expect
# is in :doc:`/gallery/plot_gaps_and_indices`. Formulas and sources in full are in
# :doc:`/guides/mathematics`.
