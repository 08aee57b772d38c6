from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.exceptions import DataError
from custvalue.service.service_response import ServiceResponse

PHASES = ["low", "rising", "transition", "falling"]


@pytest.fixture
def table() -> pd.DataFrame:
    """Return 400 customers around four stages that change at 62, 80 and 92."""
    rng = np.random.default_rng(5)
    level = rng.uniform(50, 100, 400)
    value = np.interp(level, [50, 62, 80, 92, 100], [10, 10, 40, 42, 30])
    index = pd.Index([f"c{i:03}" for i in range(400)], name="customer_id")
    return pd.DataFrame(
        {"service_level": level, "value": value + rng.normal(0, 1.5, 400)}, index=index
    )


def test_an_s_shape_has_its_four_stages(table):
    """The stages are named in order, change points are near the truth, and the peak within data."""
    response = ServiceResponse(random_state=0).fit(table)
    assert response.stages_["stage"].tolist() == PHASES
    assert response.ordered_
    assert response.n_stages_ == 4
    changes = response.change_points_
    # the intervals are about 2 wide
    assert changes["service_level"].to_numpy() == pytest.approx([62, 80, 92], abs=1.5)
    assert (changes["lower"] < changes["service_level"]).all()
    assert (changes["service_level"] < changes["upper"]).all()
    assert 50 <= response.peak_["service_level"] <= 100
    assert response.peak_["service_level"] == pytest.approx(92, abs=1.5)


def test_a_straight_line_has_one_stage(table):
    """Nothing is broken that is straight; what does not answer is flat."""
    rng = np.random.default_rng(1)
    straight = table.assign(value=2 * table["service_level"] + rng.normal(0, 3, 400))
    response = ServiceResponse(random_state=0).fit(straight)
    assert response.stages_["stage"].tolist() == ["rising"]
    assert response.says_.startswith("1 stage")
    nothing = ServiceResponse(random_state=0).fit(table.assign(value=rng.normal(0, 3, 400)))
    assert nothing.stages_["stage"].tolist() == ["flat"]
    constant = ServiceResponse(random_state=0).fit(table.assign(value=3.7))
    assert constant.stages_["stage"].tolist() == ["flat"]
    assert constant.transform(table)["expected_value"].unique() == pytest.approx([3.7])


def test_units_do_not_matter(table):
    """Shares instead of per cent and cents instead of euros: same stages, same p values."""
    other = pd.DataFrame({"service_level": table["service_level"] / 100, "value": table["value"]})
    other["value"] = 5 + 100 * other["value"]
    one, two = (ServiceResponse(random_state=0).fit(X) for X in (table, other))
    assert two.stages_["stage"].tolist() == one.stages_["stage"].tolist()
    assert two.selection_["p_value"].tolist() == pytest.approx(
        one.selection_["p_value"].tolist(), abs=0.005, nan_ok=True
    )
    columns = ["service_level", "lower", "upper"]
    # draws on grids: rounding may move one by a step
    assert two.change_points_[columns].to_numpy() * 100 == pytest.approx(
        one.change_points_[columns].to_numpy(), rel=1e-3
    )
    rows = two.transform(other)["expected_value"]
    assert (rows - 5).to_numpy() / 100 == pytest.approx(
        one.transform(table)["expected_value"].to_numpy(), rel=1e-4
    )


def test_order_and_seed(table):
    """Shuffled rows and the same seed give the same to the last bit; rows alone as together."""
    one = ServiceResponse(random_state=3).fit(table)
    other = ServiceResponse(random_state=3).fit(table.sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(one.stages_, other.stages_, check_exact=True)
    pd.testing.assert_frame_equal(one.change_points_, other.change_points_, check_exact=True)
    alone = one.transform(table.iloc[[7]])
    pd.testing.assert_frame_equal(alone, one.transform(table).iloc[[7]], check_exact=True)


def test_tables_of_every_kind(table):
    """A frame needs the level only; polars keeps ids; an array has both columns."""
    response = ServiceResponse(random_state=0).fit(table)
    expected = response.transform(table)
    pd.testing.assert_frame_equal(response.transform(table[["service_level"]]), expected)
    frame = response.transform(pl.from_pandas(table.reset_index()))
    assert frame["customer_id"].to_list() == table.index.tolist()
    assert frame["stage"].to_list() == expected["stage"].tolist()
    assert response.transform(table.to_numpy())["slope"].tolist() == expected["slope"].tolist()


def test_a_file_is_small_and_holds_no_customer(table, tmp_path):
    """Stages and tests are all that is stored."""
    ServiceResponse(random_state=0).fit(table).save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert len(text) < 20_000
    assert "c007" not in text


def test_bad_input_is_refused(table):
    """One column for both, a gap, and too few rows."""
    with pytest.raises(ValueError, match="value must name another column than service"):
        ServiceResponse(value="service_level").fit(table)
    with pytest.raises(DataError, match="'value' must be finite"):
        ServiceResponse().fit(table.assign(value=np.nan))
    with pytest.raises(DataError, match="at least 10 rows; found 9"):
        ServiceResponse().fit(table.head(9))
    with pytest.raises(ValueError, match="max_stages"):
        ServiceResponse(max_stages=5).fit(table)
