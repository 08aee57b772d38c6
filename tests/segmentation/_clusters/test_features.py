"""Features are learned from some customers, kept as plain frames, and encode any others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.mixed import MixedTable, read_mixed
from custvalue._estimator.persistence import _encode
from custvalue._estimator.reading import _decode
from custvalue.exceptions import DataError
from custvalue.segmentation._clusters.features import (
    encode,
    encoded_names,
    fit_categories,
    fit_numeric,
    split_features,
)


def make_frame(n: int = 60) -> pd.DataFrame:
    """Return customers with money, visits, a market's code, a city and a flag."""
    generator = np.random.default_rng(8)
    return pd.DataFrame(
        {
            "money": generator.lognormal(size=n),
            "visits": generator.poisson(2.0, n),
            "market": generator.integers(1, 4, n),
            "city": generator.choice(["Basel", "Bern", "Genf"], n),
            "vip": generator.random(n) < 0.3,
        },
        index=pd.Index([f"c{i}" for i in range(n)], name="customer_id"),
    )


FRAME = make_frame()
TABLE = read_mixed(FRAME)


def learn(
    table: MixedTable, scale="yeo_johnson", weights=None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is learned of a table with the market as a category, if it is there."""
    numeric, categorical = split_features(table, [n for n in ["market"] if n in table])
    return (
        fit_numeric(table, numeric, scale=scale, weights=weights),
        fit_categories(table, categorical, weights=weights),
    )


def encoded(table: MixedTable, learned, missing="raise", unseen="raise") -> np.ndarray:
    """Return the encoded rows."""
    return encode(table, *learned, missing=missing, unseen=unseen)


def test_text_bool_and_named_codes_are_categories():
    """All else is numbers, in the order of the table."""
    assert split_features(TABLE, ["market"]) == (["money", "visits"], ["market", "city", "vip"])
    assert split_features(TABLE, [])[0] == ["money", "visits", "market"]
    with pytest.raises(ValueError, match="categorical must name features .*; found 'age'"):
        split_features(TABLE, ["age"])


def test_the_frames_say_what_was_learned():
    """One row a feature, one row a level, under fixed columns."""
    numeric, categories = learn(TABLE, {"visits": "robust"}, {"city": 4})
    assert numeric.index.tolist() == ["money", "visits"]
    assert numeric.columns.tolist() == [
        *("scale", "unit", "exponent", "centre", "spread", "fill", "constant", "weight")
    ]
    assert numeric["scale"].tolist() == ["yeo_johnson", "robust"]
    assert numeric["fill"].tolist() == [FRAME["money"].median(), FRAME["visits"].median()]
    assert categories.loc["city", "share"].to_dict() == pytest.approx(
        FRAME["city"].value_counts(normalize=True).to_dict()
    )
    assert (categories.loc["city", "weight"] == 4).all()
    assert not categories["constant"].any()


def test_each_feature_has_the_variance_of_its_weight():
    """A category counts as much as a number, and a weight multiplies the variance."""
    learned = learn(TABLE, weights={"visits": 3, "city": 0.5, "vip": 0})
    names, Z = encoded_names(*learned), encoded(TABLE, learned)
    variance = pd.Series(Z.var(axis=0)).groupby([name.split("=")[0] for name in names]).sum()
    expected = {"money": 1, "visits": 3, "market": 1, "city": 0.5, "vip": 0}
    assert variance.to_dict() == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)


def test_columns_are_named_in_their_order():
    """Numbers first, then one column a level."""
    assert encoded_names(*learn(TABLE)) == [
        *("money", "visits", "market=1", "market=2", "market=3"),
        *("city=Basel", "city=Bern", "city=Genf", "vip=False", "vip=True"),
    ]


def test_each_row_is_encoded_by_itself():
    """A row has the same columns alone as among all others."""
    learned = learn(TABLE)
    together = encoded(TABLE, learned)
    for i in (0, 17, 59):
        np.testing.assert_array_equal(encoded(TABLE.take(slice(i, i + 1)), learned)[0], together[i])


def test_order_of_rows_and_currency_change_nothing():
    """The frames are equal bit by bit in another order, the columns to 1e-9 in another unit."""
    order = np.random.default_rng(9).permutation(len(FRAME))
    for one, other in zip(learn(TABLE), learn(TABLE.take(order)), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    other = read_mixed(FRAME.assign(money=FRAME["money"] * 7.3))
    np.testing.assert_allclose(
        encoded(other, learn(other)), encoded(TABLE, learn(TABLE)), atol=1e-9
    )


@pytest.mark.parametrize("columns", [["money"], ["city"], ["money", "city"]])
def test_what_was_learned_survives_as_json(columns):
    """The frames come back as they were and encode the same, one kind of feature or both."""
    table = read_mixed(FRAME[columns])
    learned = learn(table, "log")
    read = tuple(_decode(_encode(frame, "frame"), lambda name: None) for frame in learned)
    for one, other in zip(learned, read, strict=True):
        pd.testing.assert_frame_equal(one, other, check_index_type=False)
    np.testing.assert_array_equal(encoded(table, read), encoded(table, learned))


GAPS = FRAME.astype({"city": object, "visits": float})
GAPS.loc["c3", "visits"] = np.nan
GAPS.loc[["c4", "c9"], "city"] = None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("visits", r"'visits' must be known .*missing='raise'; row 3 \(customer_id 'c3'\).* \(1 s"),
        (
            "city",
            r"'city' must be known .*; row 4 \(customer_id 'c4'\) has city=None \(2 such rows",
        ),
    ],
)
def test_missing_values_are_an_error_that_names_them(name, message):
    """Column, rule, first row and number of rows are said."""
    table = read_mixed(GAPS[[name]])
    with pytest.raises(DataError, match=message):
        encoded(table, learn(table))


def test_missing_values_are_imputed_as_said():
    """A number is the median; a category is a level of its own that those missing share."""
    table = read_mixed(GAPS)
    learned = learn(table)
    assert learned[1].loc[("city", "(missing)"), "share"] == 2 / 60
    Z = pd.DataFrame(encoded(table, learned, missing="impute"), columns=encoded_names(*learned))
    filled = GAPS.assign(visits=GAPS["visits"].fillna(GAPS["visits"].median()))
    middle = encoded(read_mixed(filled), learned, missing="impute")
    np.testing.assert_array_equal(Z, middle)
    assert Z["city=(missing)"].gt(0).to_numpy().nonzero()[0].tolist() == [4, 9]


def test_a_category_missing_for_the_first_time_is_the_average_customer():
    """Nobody was missing when the levels were learned, and the policy is to impute."""
    learned = learn(TABLE)
    Z = pd.DataFrame(
        encoded(read_mixed(GAPS), learned, missing="impute"), columns=encoded_names(*learned)
    )
    assert (Z.filter(like="city=").loc[[4, 9]] == 0).all(axis=None)


def test_unseen_categories_are_an_error_or_the_average_customer():
    """Both policies look at the same rows."""
    learned = learn(TABLE)
    new = read_mixed(FRAME.assign(city=["Chur", *FRAME["city"][1:]]))
    message = r"'city' must be one of the categories learned \(Basel, Bern, Genf\).*city='Chur'"
    with pytest.raises(DataError, match=message):
        encoded(new, learned)
    Z = pd.DataFrame(encoded(new, learned, unseen="average"), columns=encoded_names(*learned))
    assert (Z.filter(like="city=").iloc[0] == 0).all()
    np.testing.assert_array_equal(Z.iloc[1:], encoded(TABLE, learned)[1:])


def test_text_in_a_column_of_numbers_is_refused():
    """A column that was numbers must stay so; one that is wholly missing is still numbers."""
    learned = learn(TABLE)
    with pytest.raises(DataError, match="'visits' must be numbers, as in the data it was learned"):
        encoded(read_mixed(FRAME.assign(visits="many")), learned)
    none = read_mixed(FRAME.assign(visits=None))
    Z = encoded(none, learned, missing="impute")
    assert (Z[:, 1] == Z[0, 1]).all()
    with pytest.raises(DataError, match="'visits' must be known"):
        encoded(none, learned)


def test_codes_as_text_are_the_levels_they_were_as_numbers():
    """3.0, 3 and "3" are one market."""
    learned = learn(TABLE)
    texts = read_mixed(FRAME.assign(market=FRAME["market"].astype(str)))
    np.testing.assert_array_equal(encoded(texts, learned), encoded(TABLE, learned))


def test_constant_features_are_marked_and_zero():
    """A number of one value and a category of one level tell nobody apart."""
    table = read_mixed(FRAME.assign(money=5.0, city="Bern"))
    learned = learn(table)
    assert learned[0]["constant"].to_dict() == {"money": True, "visits": False}
    assert learned[1].loc["city", "constant"].all()
    Z = pd.DataFrame(encoded(table, learned), columns=encoded_names(*learned))
    assert (Z[["money", "city=Bern"]] == 0).all(axis=None)


def test_ids_are_refused_as_categories():
    """Many levels, or one a customer, are names and not categories."""
    with pytest.raises(DataError, match="'id' must have categories that customers share; each of"):
        learn(read_mixed(pd.DataFrame({"id": FRAME.index.astype(str)})))
    many = read_mixed(pd.DataFrame({"id": [f"c{i % 101}" for i in range(300)]}))
    with pytest.raises(DataError, match="'id' must have at most 100 categories; found 101 in 300"):
        learn(many)


def test_numbers_that_are_all_missing_are_refused():
    """There is nothing to learn a scale from."""
    table = read_mixed(FRAME.assign(money=np.nan))
    with pytest.raises(
        DataError, match=r"'money' must be known for at least one .* \(60 such rows"
    ):
        learn(table)
