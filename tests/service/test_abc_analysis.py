"""ABCAnalysis."""

from __future__ import annotations

import pickle

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_selector
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.exceptions import DataError
from custvalue.service.abc_analysis import ABCAnalysis

SALES = [500.0, 300, 80, 50, 30, 15, 10, 7, 5, 3]


def frame(values, **columns) -> pd.DataFrame:
    """Return values as a table of products."""
    index = pd.Index([f"p{place}" for place in range(len(values))], name="product")
    return pd.DataFrame({"value": np.asarray(values, dtype=float), **columns}, index=index)


def classes(values, **parameters) -> str:
    """Return the classes of a table that is fitted and sorted, as one word."""
    return "".join(ABCAnalysis(**parameters).fit_transform(frame(values))["class"])


def test_the_worked_table_of_the_value_rule():
    """Ten products at cuts 80 and 95 % of the value; worked by hand from the shares before."""
    out = ABCAnalysis().fit_transform(frame(SALES))
    assert "".join(out["class"]) == "AABBBCCCCC"
    expected = [0.5, 0.8, 0.88, 0.93, 0.96, 0.975, 0.985, 0.992, 0.997, 1.0]
    np.testing.assert_allclose(out["cumulative_share"], expected, rtol=1e-12)  # one rounding each


def test_the_worked_table_of_the_count_rule():
    """20, 50 and 30 % of ten products are two, five and three."""
    assert classes(SALES, rule="count") == "AABBBBBCCC"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([90, 5, 5], "ABB"),  # the share before is 0, .9, .9; after the item A would be empty
        ([97, 2, 1], "ACC"),  # B is empty: .97 stands before the second
        ([80, 15, 5], "ABC"),  # both cuts are reached exactly
        ([5, 5, 90], "BBA"),
        ([7], "A"),
        ([4, 4, 4, 4], "AAAA"),  # nothing parts equal values
        ([10, 0, 0], "ACC"),
    ],
)
def test_the_first_item_is_always_a(values, expected):
    """The traps on which a share after the item puts the best product into B or C."""
    assert classes(values) == expected


@pytest.mark.parametrize(("negative", "expected"), [("zero", "AAC"), ("own_class", "AAN")])
def test_a_return_does_not_part_equal_items(negative, expected):
    """Of 50, 50 and -20 both equal items are A; the return is last, or apart."""
    assert classes([50, 50, -20], negative=negative) == expected
    out = ABCAnalysis(negative=negative).fit_transform(frame([50, 50, -20]))
    assert out["cumulative_share"].tolist() == [1.0, 1.0, 1.0]


def test_a_return_is_an_error_unless_told_otherwise():
    """Both in fit and in transform, with the row."""
    analysis = ABCAnalysis()
    with pytest.raises(DataError, match=r"not be negative.*row 2 \(product 'p2'\) has value=-20"):
        analysis.fit(frame([50, 50, -20]))
    with pytest.raises(DataError, match=r"value must not be negative .*\(1 such row\)"):
        analysis.fit(frame([50, 50])).transform(frame([-1.0]))


def test_items_without_value_are_last_under_the_count_rule_too():
    """Nine of ten items bring nothing: none of them is A, although they tie at place two."""
    assert classes([5] + 9 * [0], rule="count") == "A" + 9 * "C"
    assert classes([5, 4, 3, 2] + 6 * [0], rule="count") == "AABB" + 6 * "C"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.0, 0.0], "value must have a total above zero .*found 0.0 in 2 row"),
        ([1.7e308, 1.7e308], "total .* below 1.8e308 .*found inf"),
        ([1.0, np.nan], r"'value' must be finite .*row 1 \(product 'p1'\) has value=nan"),
        ([1.0, np.inf], r"'value' must be finite .*value=inf"),
    ],
)
def test_values_without_shares_are_errors(values, message):
    """No total, and no number."""
    with pytest.raises(DataError, match=message):
        ABCAnalysis().fit(frame(values))
    with pytest.raises(DataError, match="total above zero"):
        ABCAnalysis(negative="own_class").fit(frame([-1.0, 0.0]))


def test_bad_tables_are_named():
    """A missing column, a product that comes twice, text, an array of another width."""
    with pytest.raises(DataError, match="needs the columns value; missing: value"):
        ABCAnalysis().fit(frame([1.0]).rename(columns={"value": "v"}))
    double = frame([1.0, 2.0]).set_axis(["a", "a"])
    with pytest.raises(DataError, match="each product must have one row"):
        ABCAnalysis().fit(double)
    with pytest.raises(DataError, match="'value' must be a number"):
        ABCAnalysis().fit(frame([1.0, 2.0]).astype(object).replace(2.0, "two"))
    with pytest.raises(DataError, match="expecting 1 features"):
        ABCAnalysis().fit(np.ones((3, 2)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cuts": (0.9, 0.8)}, "cuts must be 1 to 12 ascending numbers between 0 and 1"),
        ({"cuts": (0.8, 1.0)}, "cuts must be"),
        ({"cuts": ()}, "cuts must be"),
        ({"cuts": ("a", "b")}, "cuts must be"),
        ({"xyz_cuts": (1.0,)}, "xyz_cuts must be two ascending numbers above 0"),
        ({"xyz_cuts": (0.0, 1.0)}, "xyz_cuts must be"),
        ({"rule": "profit"}, "rule"),
        ({"hysteresis": 1.0}, "hysteresis"),
        ({"negative": "drop"}, "negative"),
        ({"variability": ("cv",)}, "variability must be one column of coefficients"),
        ({"variability": "value"}, "must name different columns; found 'value', 'value'"),
        ({"previous": "value"}, "must name different columns"),
        ({"variability": make_column_selector()}, r"found \('value',\)"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    """Each with its rule and what was found."""
    with pytest.raises(ValueError, match=message):
        ABCAnalysis(**parameters).fit(frame([3.0, 1.0]))


def test_what_is_learned_sorts_new_rows():
    """New items are classed by the least values of the classes, whatever rows come with them."""
    analysis = ABCAnalysis().fit(frame(SALES))
    assert analysis.thresholds_.to_dict() == {"A": 300.0, "B": 30.0}
    new = frame([1e9, 300.0, 299.99, 30.0, 29.99, 0.0])
    out = analysis.transform(new)
    assert "".join(out["class"]) == "AABBCC"
    pd.testing.assert_frame_equal(analysis.transform(new.iloc[[2]]), out.iloc[[2]])
    # Between points of the curve the share lies on a line: 190 is half-way from 300 to 80.
    assert analysis.transform(frame([190.0]))["cumulative_share"].item() == pytest.approx(0.84)
    assert out["cumulative_share"].tolist()[0] == 0.5
    assert out["cumulative_share"].tolist()[-1] == 1.0


def test_more_classes():
    """Each cut more is one class more."""
    assert classes(SALES, cuts=(0.5, 0.8, 0.9, 0.95)) == "ABCCDEEEEE"
    assert classes(SALES, cuts=(0.5,)) == "ABBBBBBBBB"


def test_the_summary_adds_up():
    """Items, values and shares of each class, N beside the total."""
    summary = ABCAnalysis().fit(frame(SALES)).class_summary_
    assert summary["items"].tolist() == [2, 3, 5]
    assert summary["value"].tolist() == [800.0, 160.0, 40.0]
    np.testing.assert_allclose(summary["value_share"], [0.8, 0.16, 0.04])
    np.testing.assert_allclose(summary["item_share"], [0.2, 0.3, 0.5])
    analysis = ABCAnalysis(negative="own_class").fit(frame([50, 50, -20]))
    own = analysis.class_summary_
    assert own.loc["N"].tolist() == [1.0, pytest.approx(1 / 3), -20.0, -0.2]
    assert own.loc["A", "value_share"] == 1.0
    assert (analysis.total_, analysis.n_items_) == (100.0, 3)
    zero = ABCAnalysis(negative="zero").fit(frame([50, 50, -20])).class_summary_
    assert zero.loc["C"].tolist() == [1.0, pytest.approx(1 / 3), 0.0, 0.0]


def test_concentration_is_that_of_the_definition():
    """Gini is half the mean absolute difference over the mean; the curve ends at all."""
    values = np.random.default_rng(3).lognormal(3, 1.5, 700)
    analysis = ABCAnalysis().fit(values.reshape(-1, 1))
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert analysis.gini_ == pytest.approx(differences / (2 * values.mean()), rel=1e-12)
    assert len(analysis.lorenz_) == 101
    assert analysis.lorenz_.iloc[[0, -1]].to_numpy().tolist() == [[0.0, 0.0], [1.0, 1.0]]
    below = analysis.lorenz_["item_share"] - analysis.lorenz_["value_share"]
    assert (below >= 0).all()


def test_the_share_of_many_items_is_close_to_that_of_all():
    """A curve of some 400 points tells the shares of 20,000 items to less than a percent."""
    values = np.random.default_rng(5).pareto(1.2, 20_000) + 0.1
    analysis = ABCAnalysis().fit(values.reshape(-1, 1))
    order = np.argsort(-values)
    exact = np.cumsum(values[order]) / values.sum()
    out = analysis.transform(values[order].reshape(-1, 1))
    assert len(analysis.curve_) <= 410
    assert np.abs(out["cumulative_share"] - exact).max() < 0.01  # no step is larger
    assert (np.diff(out["cumulative_share"]) >= 0).all()
    # The classes do not come from the curve and are those of the definition.
    before = np.concatenate([[0.0], exact[:-1]])
    assert (out["class"] == np.where(before < 0.8, "A", np.where(before < 0.95, "B", "C"))).all()


# Hysteresis


def test_items_near_a_threshold_keep_their_class():
    """At 10 % an A stays one down to 270, a B one up to 330, and new items know no margin."""
    values = [270.0, 269.9, 329.9, 330.0, 280.0, 310.0, 27.0, 26.9, 33.0, 500.0, 0.0]
    last = ["A", "A", "B", "B", None, None, "B", "B", "C", "C", "A"]
    sticky = ABCAnalysis(previous="last", hysteresis=0.1).fit(frame(SALES))
    out = sticky.transform(frame(values, last=last))
    assert "".join(out["class"]) == "ABBABABCBAC"
    plain = ABCAnalysis(previous="last").fit(frame(SALES)).transform(frame(values, last=last))
    assert "".join(plain["class"]) == "BBAABACCBAC"


def test_noise_at_a_threshold_does_not_make_classes_flap():
    """A value that swings by 5 % around a threshold changes class once at most."""
    sticky = ABCAnalysis(previous="class", hysteresis=0.1).fit(frame(SALES))
    last, seen = "B", set()
    for value in [305.0, 290.0, 312.0, 288.0, 301.0]:
        last = sticky.transform(frame([value]).assign(**{"class": last}))["class"].item()
        seen.add(last)
    assert seen == {"B"}
    plain = ABCAnalysis().fit(frame(SALES))
    assert set(plain.transform(frame([305.0, 290.0]))["class"]) == {"A", "B"}


def test_the_last_class_must_be_a_class():
    """Names of no class are refused with their row; N is one only where there is that class."""
    sticky = ABCAnalysis(previous="last", hysteresis=0.1).fit(frame(SALES))
    for bad in ("D", "N"):
        with pytest.raises(DataError, match=f"'last' must be a class.*last='{bad}'"):
            sticky.transform(frame([300.0], last=[bad]))
    with pytest.raises(DataError, match="missing: last"):
        sticky.transform(frame([300.0]))
    own = ABCAnalysis(previous="last", hysteresis=0.1, negative="own_class").fit(frame(SALES))
    out = own.transform(frame([290.0, 310.0, -5.0], last=["N", "N", "A"]))
    assert "".join(out["class"]) == "BAN"


def test_an_array_holds_the_last_class_last():
    """Numbers before, text behind, in an array of objects."""
    X = np.array([[500.0, "A"], [280.0, "A"], [10.0, None]], dtype=object)
    sticky = ABCAnalysis(previous="last", hysteresis=0.5, cuts=(0.5, 0.9)).fit(X)
    assert "".join(sticky.transform(X)["class"]) == "AAC"
    X[1, 0] = 249.0
    assert "".join(sticky.transform(X)["class"]) == "ABC"


# Variability


def test_steady_changing_and_erratic_demand():
    """Coefficients at a cut are still below it; a product without demand is Z."""
    periods = {"q1": [1.0, 4, 0, 0, -1], "q2": [2.0, 4, 0, 0, 0], "q3": [3.0, 4, 0, 9, 0]}
    X = frame([50, 30, 10, 6, 4], **periods)
    analysis = ABCAnalysis(variability=["q1", "q2", "q3"]).fit(X)
    out = analysis.transform(X)
    # By hand with ddof=1: .5, 0, none, sqrt(3), none (its mean is negative).
    assert "".join(out["xyz"]) == "XXZZZ"
    assert out["abc_xyz"].tolist() == ["AX", "AX", "BZ", "BZ", "CZ"]
    assert list(analysis.get_feature_names_out()) == list(out.columns)
    assert analysis.xyz_summary_.loc["A"].tolist() == [2, 0, 0]
    assert int(analysis.xyz_summary_.to_numpy().sum()) == 5
    selected = ABCAnalysis(variability=make_column_selector("^q")).fit(X)
    pd.testing.assert_frame_equal(selected.transform(X), out)


def test_coefficients_may_be_given():
    """A named column is taken as it is, and must not be negative."""
    X = frame([50, 30, 20], cv=[0.5, 0.8, 1.01])
    out = ABCAnalysis(variability="cv").fit_transform(X)
    assert "".join(out["xyz"]) == "XYZ"
    loose = ABCAnalysis(variability="cv", xyz_cuts=(0.1, 0.8)).fit_transform(X)
    assert "".join(loose["xyz"]) == "YYZ"
    with pytest.raises(DataError, match=r"cv must not be negative; row 0 .* has cv=-1"):
        ABCAnalysis(variability="cv").fit(X.assign(cv=-1.0))


# Properties

amounts = st.lists(st.integers(0, 60), min_size=1, max_size=25).filter(any)
rules = st.sampled_from(["value", "count"])


def by_definition(values: list[int], rule: str) -> str:
    """Return classes from whole numbers: no share is rounded."""
    cuts = {"value": (80, 95), "count": (20, 70)}[rule]
    total = sum(values) if rule == "value" else len(values)
    word = ""
    for value in values:
        larger = [other for other in values if other > value]
        before = 100 * (sum(larger) if rule == "value" else len(larger))
        place = sum(before >= cut * total for cut in cuts)
        word += "ABC"[place if value else 2]
    return word


@settings(max_examples=30)
@given(values=amounts, rule=rules)
def test_classes_are_those_of_the_definition(values, rule):
    """Counted item by item in whole numbers, ties and exact cuts included."""
    assert classes(values, rule=rule) == by_definition(values, rule)


@settings(max_examples=30)
@given(values=amounts, rule=rules, seed=st.integers(0, 99), scale=st.sampled_from([0.01, 7.3, 1e9]))
def test_order_of_rows_and_unit_of_value_change_nothing(values, rule, seed, scale):
    """Another order and another currency give each item the same class and share."""
    X = frame(values)
    expected = ABCAnalysis(rule=rule).fit_transform(X)
    order = np.random.default_rng(seed).permutation(len(X))
    other = ABCAnalysis(rule=rule).fit_transform(X.iloc[order] * scale)
    assert (other["class"] == expected["class"].iloc[order]).all()
    np.testing.assert_allclose(
        other["cumulative_share"], expected["cumulative_share"].iloc[order], rtol=1e-12
    )
    same = ABCAnalysis(rule=rule).fit(X.iloc[order])
    pd.testing.assert_frame_equal(same.transform(X), expected, check_exact=True)


@settings(max_examples=30)
@given(values=amounts, rule=rules)
def test_who_is_worth_more_is_in_no_later_class(values, rule):
    """Classes fall with the value, equal values share one, and the largest is A."""
    word = classes(values, rule=rule)
    pairs = sorted(zip(values, word, strict=True), key=lambda pair: (-pair[0], pair[1]))
    assert [name for _, name in pairs] == sorted(word)
    assert pairs[0][1] == "A"
    assert len({value for value, _ in pairs}) == len(set(pairs))


# Company


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "array"])
def test_other_tables(kind):
    """The same classes from each kind of table, the ids first."""
    X = frame(SALES)
    expected = ABCAnalysis().fit_transform(X)
    other = {
        "polars": lambda: pl.from_pandas(X.reset_index()),
        "pyarrow": lambda: pa.Table.from_pandas(X.reset_index()),
        "array": X.to_numpy,
    }[kind]()
    out = ABCAnalysis().fit_transform(other)
    out = out if kind == "array" else out.to_pandas().set_index("product")
    assert out["class"].tolist() == expected["class"].tolist()
    assert kind == "array" or list(out.index) == list(X.index)


def test_a_file_holds_thresholds_and_no_product(tmp_path):
    """What is loaded sorts as before; ten thousand products leave a file of some 30 kB."""
    values = np.random.default_rng(8).lognormal(3, 2, 10_000)
    X = frame(values, cv=np.linspace(0, 2, 10_000))
    analysis = ABCAnalysis(variability="cv", hysteresis=0.2).fit(X)
    analysis.save(tmp_path / "abc.json")
    text = (tmp_path / "abc.json").read_text()
    assert len(text) < 40_000
    assert '"p17"' not in text
    for again in (pickle.loads(pickle.dumps(analysis)), custvalue.load(tmp_path / "abc.json")):
        pd.testing.assert_frame_equal(again.transform(X), analysis.transform(X), check_exact=True)


def test_nothing_answers_before_fit():
    """Each method that needs a fit says so, a clone too."""
    analysis = clone(ABCAnalysis().fit(frame(SALES)))
    for ask in (lambda: analysis.transform(frame(SALES)), analysis.to_sql):
        with pytest.raises(NotFittedError):
            ask()


# SQL


def sorted_by_duckdb(analysis: ABCAnalysis, X: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return what the query of an analysis gives for a table of DuckDB."""
    with duckdb.connect() as connection:
        connection.register("given", X)
        quoted = table.replace('"', '""')
        connection.execute(f'CREATE TABLE "{quoted}" AS SELECT * FROM given')
        return connection.execute(analysis.to_sql(table=table)).df()


@pytest.mark.parametrize("negative", ["zero", "own_class"])
@pytest.mark.parametrize("variability", [None, "c'v", ("q1", 'q"2', "q 3")])
def test_sql_agrees_row_for_row(negative, variability):
    """On DuckDB, with names and thresholds made to break quoting and rounding."""
    generator = np.random.default_rng(17)
    values = generator.lognormal(3, 2, 500) - 5
    X = pd.DataFrame(
        {
            'va"lue; --': values,
            "last": generator.choice(["A", "B", "C", None], 500),
            "c'v": generator.uniform(0, 1.5, 500),
            "q1": generator.poisson(3, 500),
            'q"2': generator.poisson(3, 500),
            "q 3": generator.poisson(3, 500) / 7,
        }
    )
    analysis = ABCAnalysis(
        value='va"lue; --',
        variability=variability,
        hysteresis=0.15,
        previous="last",
        negative=negative,
    ).fit(X)
    # Rows at the thresholds, at their margins, and beside both.
    edges = np.outer(analysis.thresholds_, [1.0, 0.85, 1.15]).ravel()
    edges = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, np.inf), [0.0]])
    more = X.iloc[: 3 * len(edges)].assign(**{'va"lue; --': np.repeat(edges, 3)})
    more["last"] = np.tile(["A", "B", "C"], len(edges))
    X = pd.concat([X, more], ignore_index=True)
    expected, found = analysis.transform(X), sorted_by_duckdb(analysis, X, 'pro"ducts of 1.5')
    assert list(found.columns) == [*X.columns, *(c for c in expected if c != "cumulative_share")]
    for name in expected.columns.drop("cumulative_share"):
        assert found[name].tolist() == expected[name].tolist()
    assert set(found["class"]) >= {"A", "B", "C"}


def test_sql_gives_no_class_where_transform_raises():
    """Missing, infinite and negative numbers are NULL, in the joint class too."""
    X = frame([3.0, 1.0], q1=[1.0, 1.0], q2=[1.0, 3.0]).reset_index()
    analysis = ABCAnalysis(variability=("q1", "q2")).fit(X)
    value = [np.nan, np.inf, -1.0, 3.0, 3.0]
    new = pd.DataFrame({"value": value, "q1": 1.0, "q2": [1.0, 1, 1, 1, np.nan]})
    out = sorted_by_duckdb(analysis, new, "products")
    assert out["class"].isna().tolist() == [True, True, True, False, False]
    assert out["abc_xyz"].isna().tolist() == [True, True, True, False, True]


def test_sql_of_other_databases():
    """The words of the dialect, a schema, and clear errors for what is unknown."""
    analysis = ABCAnalysis().fit(frame(SALES))
    text = analysis.to_sql("postgres", ("shop", "products"))
    assert 'FROM "shop"."products"' in text
    assert "AS DOUBLE PRECISION" in text
    assert "FROM `products`" in analysis.to_sql("mysql")
    for bad in ("klingon", "", 3):
        with pytest.raises(ValueError, match="dialect must name a dialect of SQL.*found"):
            analysis.to_sql(bad)
    for bad in ("", (), ("a", "b", "c", "d"), 3):
        with pytest.raises(ValueError, match="table must be a name"):
            analysis.to_sql(table=bad)


def test_sql_reads_the_last_class_beside_the_new_one():
    """On DuckDB: items just beyond a threshold stay where they were, and both classes are there."""
    analysis = ABCAnalysis(previous="last_class", hysteresis=0.1).fit(frame(SALES))
    X = frame([280.0, 200.0, 320.0, 280.0], last_class=["A", "A", "B", None]).reset_index()
    found = sorted_by_duckdb(analysis, X, "products")
    assert list(found.columns) == ["product", "value", "last_class", "class"]
    assert found["class"].tolist() == analysis.transform(X)["class"].tolist()
    assert found["class"].tolist() == ["A", "B", "B", "B"]
    clash = ABCAnalysis(previous="class", hysteresis=0.1).fit(frame(SALES))
    with pytest.raises(ValueError, match="rename .* such as to 'last_class'; found 'class'"):
        clash.to_sql()
