"""Estimators answer in the caller's kind of frame and keep the customers' ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_table
from custvalue._estimator.output import OutputMixin, build_frame, per_row

IDS = pd.Index([11, 12, 13], name="customer_id")
X = pd.DataFrame({"T": [1.0, 2.0, 3.0]}, index=IDS)


class Doubler(OutputMixin, BaseEstimator):
    """Give T twice over, under two names."""

    _output_columns = ("double", "word")

    def fit(self, X, y=None):
        """Learn nothing."""
        self.n_features_in_ = 1
        return self

    def transform(self, X):
        """Double."""
        table = read_table(X, ("T",))
        words = np.array([f"w{value:.0f}" for value in table["T"]], dtype=object)
        return self._frame(table, {"double": 2 * table["T"], "word": words})


def _polars(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": frame.index.to_numpy(), "T": frame["T"].to_numpy()})


EXPECTED = {"customer_id": [11, 12, 13], "double": [2.0, 4.0, 6.0], "word": ["w1", "w2", "w3"]}


def test_pandas_gives_pandas_with_its_index():
    """The index of the input is the index of the output."""
    out = Doubler().fit_transform(X)
    pd.testing.assert_index_equal(out.index, IDS)
    assert list(out.columns) == ["double", "word"]
    assert out["double"].tolist() == EXPECTED["double"]


def test_polars_gives_polars_with_the_id_first():
    """The id column comes out as the first column, of the type it had."""
    out = Doubler().fit_transform(_polars(X))
    assert isinstance(out, pl.DataFrame)
    assert out.to_dict(as_series=False) == EXPECTED
    assert out.schema["customer_id"] == pl.Int64


def test_pyarrow_gives_pyarrow_with_the_id_first():
    """Tables and batches of Arrow come out as a table with the id first."""
    arrow = _polars(X).to_arrow()
    for given in (arrow, arrow.to_batches()[0]):
        out = Doubler().fit_transform(given)
        assert isinstance(out, pa.Table)
        assert out.to_pydict() == EXPECTED


def test_an_array_gives_pandas_with_row_numbers():
    """Arrays have no names; a pandas frame names the columns."""
    out = Doubler().fit_transform(X.to_numpy())
    assert list(out.columns) == ["double", "word"]
    pd.testing.assert_index_equal(out.index, pd.RangeIndex(3))


@pytest.mark.parametrize("given", [X, _polars(X), _polars(X).to_arrow()])
def test_set_output_decides_whatever_came_in(given):
    """The ids survive the change from one library to the other."""
    as_pandas = Doubler().set_output(transform="pandas").fit_transform(given)
    assert isinstance(as_pandas, pd.DataFrame)
    assert as_pandas.reset_index().to_dict("list") == EXPECTED
    as_polars = Doubler().set_output(transform="polars").fit_transform(given)
    assert isinstance(as_polars, pl.DataFrame)
    assert as_polars.to_dict(as_series=False) == EXPECTED


def test_set_output_can_be_undone():
    """The default goes back to the caller's kind, None changes nothing."""
    model = Doubler().set_output(transform="polars")
    assert model.set_output(transform=None) is model
    assert isinstance(model.fit_transform(X), pl.DataFrame)
    assert isinstance(model.set_output(transform="default").fit_transform(X), pd.DataFrame)


def test_set_output_survives_a_clone():
    """A pipeline that clones its steps keeps the choice."""
    assert isinstance(
        clone(Doubler().set_output(transform="polars")).fit_transform(X), pl.DataFrame
    )


def test_the_global_choice_of_scikit_learn_counts():
    """``sklearn.set_config`` reaches our estimators too, but for those that chose themselves."""
    with config_context(transform_output="polars"):
        assert isinstance(Doubler().fit_transform(X), pl.DataFrame)
        chosen = Doubler().set_output(transform="pandas")
        assert isinstance(chosen.fit_transform(X), pd.DataFrame)


def test_an_unknown_kind_is_refused():
    """The error names the kinds that there are."""
    with pytest.raises(ValueError, match="'default', 'pandas' or 'polars'; found 'arrow'"):
        Doubler().set_output(transform="arrow")


def test_feature_names_are_those_of_the_columns():
    """Names come as an array of objects, after fit alone."""
    names = Doubler().fit(X).get_feature_names_out()
    assert names.dtype == object
    assert list(names) == ["double", "word"]
    with pytest.raises(NotFittedError):
        Doubler().get_feature_names_out()


@pytest.mark.parametrize("index", [None, pd.RangeIndex(2)])
def test_rows_without_names_get_none(index):
    """Plain row numbers do not become a column."""
    frame = build_frame({"a": np.array([1.0, 2.0])}, kind="polars", index=index)
    assert frame.columns == ["a"]


def test_an_index_without_a_name_is_called_customer_id():
    """Labels that have no name become the column customer_id."""
    frame = build_frame({"a": np.array([1.0])}, kind="pyarrow", index=pd.Index(["x"]))
    assert frame.to_pydict() == {"customer_id": ["x"], "a": [1.0]}


def test_an_id_never_overwrites_a_result():
    """Where a result has the name of the id, the result stays."""
    index = pd.Index(["x"], name="a")
    frame = build_frame({"a": np.array([1.0])}, kind="polars", index=index)
    assert frame.to_dict(as_series=False) == {"a": [1.0]}


def test_several_levels_of_an_index_become_several_columns():
    """Ids in two parts survive the change of library."""
    index = pd.MultiIndex.from_tuples([("de", 1), ("fr", 2)], names=["country", None])
    frame = build_frame({"a": np.array([1.0, 2.0])}, kind="polars", index=index)
    expected = {"country": ["de", "fr"], "customer_id": [1, 2], "a": [1.0, 2.0]}
    assert frame.to_dict(as_series=False) == expected


def test_one_number_per_row_is_a_series_for_pandas_alone():
    """Pandas input gives a named Series with the index, all else an array."""
    values = np.array([5.0, 6.0, 7.0])
    series = per_row(read_table(X, ("T",)), values, "value")
    pd.testing.assert_series_equal(series, pd.Series(values, index=IDS, name="value"))
    for given in (_polars(X), _polars(X).to_arrow(), X.to_numpy()):
        assert per_row(read_table(given, ("T",)), values, "value") is values
