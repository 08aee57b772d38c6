"""Summaries of any size become distinct rows with counts: exactly, binned or sampled."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.lifetime import BetaGeoNBD, GammaGamma
from custvalue.transactions.compressed_summary import compressed_summary
from support.cdnow import calibration_summary

HISTORY = ["frequency", "recency", "T"]


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Return the CDNOW summary with money."""
    return calibration_summary()


def test_nothing_is_lost_without_reduction(customers):
    """The counts are those of equal customers, and say that nothing was reduced."""
    rows = compressed_summary(customers)
    slow = customers.groupby(HISTORY).size()
    assert rows["n_customers"].tolist() == slow.tolist()
    assert rows[HISTORY].to_numpy().tolist() == [list(one) for one in slow.index]
    assert rows.attrs["reduced"] == "no: every customer is in it"


def test_the_same_rows_come_from_an_engine(customers):
    """A relation gives what its frame gives."""
    relation = duckdb.from_df(customers.reset_index())
    pd.testing.assert_frame_equal(compressed_summary(relation), compressed_summary(customers))


def test_bins_keep_the_rules_of_a_summary(customers):
    """Rounded times are still a history, and nobody is lost."""
    with pytest.warns(DataQualityWarning, match="T, recency were rounded .* 2,357 customers"):
        rows = compressed_summary(customers, reduce="bin", time_step=2.0)
    assert rows["n_customers"].sum() == len(customers)
    assert len(rows) < 0.6 * len(compressed_summary(customers))
    np.testing.assert_array_equal(rows["recency"] % 2, 0)
    assert BetaGeoNBD().fit(rows, sample_weight=rows["n_customers"]).convergence_.converged


def test_bins_move_a_fit_by_little(customers):
    """Rounded to half a week the estimates stay within a tenth of a standard error."""
    whole = BetaGeoNBD().fit(customers)
    with pytest.warns(DataQualityWarning, match="rounded"):
        rows = compressed_summary(customers, reduce="bin", time_step=0.5)
    binned = BetaGeoNBD().fit(rows, sample_weight=rows["n_customers"])
    assert (np.abs(binned.params_ - whole.params_) < 0.1 * whole.standard_errors_).all()


def test_money_is_rounded_relatively(customers):
    """Amounts move by at most half a step, and 0 stays 0."""
    columns = ("frequency", "monetary_value")
    with pytest.warns(DataQualityWarning, match="monetary_value were rounded"):
        rows = compressed_summary(
            customers, columns=columns, reduce="bin", time_step=1.0, money_step=0.02
        )
    paid = rows[rows["frequency"] > 0]
    steps = np.log(paid["monetary_value"]) / np.log(1.02)
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    assert (rows.loc[rows["frequency"] == 0, "monetary_value"] == 0).all()
    fitted = GammaGamma().fit(rows, sample_weight=rows["n_customers"])
    assert fitted.params_["q"] == pytest.approx(3.744, abs=0.01)


def test_a_sample_stands_for_everybody_and_is_seeded(customers):
    """At most as many customers as asked for are drawn; one seed draws one sample."""
    drawn = []
    for _ in range(2):
        with pytest.warns(DataQualityWarning, match="were sampled"):
            drawn.append(
                compressed_summary(customers, reduce="sample", max_rows=500, random_state=3)
            )
    pd.testing.assert_frame_equal(*drawn)
    assert drawn[0]["n_customers"].sum() == pytest.approx(len(customers))
    assert drawn[0]["n_customers"].min() >= len(customers) / 500 - 1e-9


def test_a_sample_is_not_taken_where_all_rows_may_travel(customers):
    """Few distinct rows come as they are, without a warning."""
    rows = compressed_summary(customers, reduce="sample")
    pd.testing.assert_frame_equal(rows, compressed_summary(customers))


def test_too_many_rows_are_refused(customers):
    """Without a choice the guard says how many there are and what to state."""
    with pytest.raises(DataError, match=r"at most 10 .* 2,357 customers have 1,016. State reduce="):
        compressed_summary(customers, max_rows=10)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": ()}, "columns must be different names"),
        ({"columns": ("T", "T")}, "columns must be different names"),
        ({"columns": ("n_customers",)}, "none of them 'n_customers'"),
        ({"reduce": "drop"}, "reduce must be"),
        ({"reduce": "bin"}, "time_step must be a positive number"),
        ({"reduce": "bin", "time_step": 0.0}, "time_step must be a positive number where"),
        ({"money_step": -1.0}, "money_step must be a positive number"),
        ({"max_rows": 0}, "max_rows must be a whole number"),
        ({"max_rows": 2.5}, "max_rows must be a whole number"),
    ],
)
def test_bad_parameters_are_refused(customers, change, said):
    """Every parameter says what it must be."""
    with pytest.raises(ValueError, match=said):
        compressed_summary(customers, **change)
