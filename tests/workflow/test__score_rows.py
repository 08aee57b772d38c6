"""A chunk comes back with its ids, the columns kept and the scores."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD
from custvalue.workflow._score_rows import score_rows
from support.cdnow import calibration_summary

COLUMNS = ["probability_alive", "expected_purchases"]


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Return 50 customers, the id first."""
    return pa.Table.from_pandas(calibration_summary().head(50).reset_index(), preserve_index=False)


@pytest.fixture(scope="module")
def model() -> BetaGeoNBD:
    """Return the published model."""
    return BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})


def test_ids_kept_columns_and_scores_come_in_that_order(rows, model):
    """What is kept stands between the ids and the scores; slices change nothing."""
    found = score_rows(model, rows, ["T"], 7, "data")
    assert found.column_names == ["customer_id", "T", *COLUMNS]
    whole = model.transform(rows)
    for name in COLUMNS:
        np.testing.assert_allclose(found[name], whole[name], rtol=1e-12)


def test_data_without_ids_have_none(rows, model):
    """The first column is no id where the model reads it."""
    found = score_rows(model, rows.drop_columns("customer_id"), [], 100, "data")
    assert found.column_names == COLUMNS


def test_a_pipeline_keeps_ids_out_of_its_later_steps(rows, model):
    """Its features are the scores alone; the id stands before them."""
    pipeline = make_pipeline(BetaGeoNBD(), StandardScaler()).fit(calibration_summary())
    assert score_rows(pipeline, rows, [], 100, "data").column_names == ["customer_id", *COLUMNS]
    bare = score_rows(pipeline, rows.drop_columns("customer_id"), [], 100, "data")
    assert bare.column_names == COLUMNS


def test_errors_say_where_the_rows_are(rows, model):
    """The message counts rows from the beginning of the data, and says which."""
    bad = rows.set_column(2, "recency", pa.array([-1.0] * 50))
    with pytest.raises(DataError, match="recency must not be negative; row 507 .* in 'a.parquet'"):
        score_rows(model, bad.slice(7), [], 100, "'a.parquet'", 507)
    with pytest.raises(DataError, match="missing: nothing; found: customer_id"):
        score_rows(model, rows, ["nothing"], 100, "data")
