"""A job knows Spark without loading it, and travels to its workers."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD
from custvalue.workflow._score_job import ScoreJob, is_spark
from support.cdnow import calibration_summary


@pytest.fixture
def job() -> ScoreJob:
    """Return a job of the published model."""
    model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    return ScoreJob(model, ("T",), 10)


def test_only_spark_is_spark():
    """A frame with the method but of another library is none."""
    assert not is_spark(pd.DataFrame())
    assert not is_spark("pyspark")


def test_a_worker_scores_chunks_and_leaves_empty_ones_out(job):
    """The job is pickled, called with batches, and gives batches."""
    rows = pa.Table.from_pandas(calibration_summary().head(25).reset_index())
    batches = [part.to_batches()[0] for part in (rows.slice(0, 15), rows.slice(15))]
    found = list(pickle.loads(pickle.dumps(job))([batches[0], batches[0].slice(0, 0), batches[1]]))
    assert sum(len(batch) for batch in found) == 25
    scores = pa.Table.from_batches(found)
    assert scores.column_names[:2] == ["customer_id", "T"]
    expected = job.model.transform(rows)["expected_purchases"]
    np.testing.assert_allclose(scores["expected_purchases"], expected, rtol=1e-12)


def test_an_array_has_no_names_to_keep(job):
    """Columns to keep ask for a frame."""
    with pytest.raises(TypeError, match="data must be a frame"):
        job.of_frame(np.ones((2, 3)), None)


def test_another_unit_of_time_is_refused(job, tmp_path):
    """A Parquet file that pandas wrote says what its times are measured in."""
    rows = calibration_summary().head(25)
    rows.attrs["time_unit"] = "day"
    rows.to_parquet(tmp_path / "days.parquet")
    with pytest.raises(DataError, match="measured in time_unit 'week'.*measured in 'day'"):
        job.of_files([str(tmp_path / "days.parquet")], None)
