"""Reading rankings from tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from custvalue.exceptions import DataError
from custvalue.segmentation._rankings.levels import dense_levels
from custvalue.segmentation._rankings.notation import (
    check_items,
    check_known,
    read_rankings,
    transposition_warning,
)
from support.words import WORD_COUNTS, WORD_RANKS

NAN = float("nan")
ITEMS = ("speed", "stock", "advice")


def ranks_of(rows: list, unranked: str = "last") -> np.ndarray:
    """Return the levels of rows in rank notation, called r0, r1, ..."""
    index = pd.Index([f"r{i}" for i in range(len(rows))], name="who")
    columns = [*ITEMS, "price"][: len(rows[0])]
    X = pd.DataFrame(rows, index=index, columns=columns)
    return read_rankings(X, None, notation="rank", unranked=unranked, owner="Reader").levels


def choices(rows: list, items: tuple[str, ...] | None = ITEMS, unranked: str = "last"):
    """Return the rankings of rows in order notation."""
    X = pd.DataFrame(rows, columns=["first", "second", "third"][: len(rows[0])])
    return read_rankings(X, items, notation="order", unranked=unranked, owner="Reader")


@pytest.mark.parametrize("method", ["min", "dense", "average"])
@settings(max_examples=30, deadline=None)
@given(arrays(np.int64, (4, 4), elements=st.integers(0, 3)))
def test_every_notation_of_ties_gives_the_same_levels(method, values):
    """Competition, dense and fractional ranks of one weak order are read alike."""
    ranks = rankdata(values, method, axis=1).astype(float)
    np.testing.assert_array_equal(ranks_of(ranks.tolist()), dense_levels(values.astype(float)))


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ([1, 3, 4, 5], "1, 3, 4, 5"),
        ([2, 3, 4, 5], "2, 3, 4, 5"),
        ([1, 2, 2, 5], "1, 2, 2, 5"),
        ([2, 2, 3, 4], "2, 2, 3, 4"),
        ([1, NAN, 3, NAN], "1, missing, 3, missing"),
        ([1.5, 2.5, 3.5, 4.5], "1.5, 2.5, 3.5, 4.5"),
    ],
)
def test_ranks_with_a_gap_are_refused(row, shown):
    """A row that no notation of ties gives is named with its values and the number of such rows."""
    with pytest.raises(DataError, match="without a gap") as caught:
        ranks_of([[1, 2, 3, 4], row, row])
    assert f"row 1 (who 'r1') has ({shown}) (2 such rows)" in str(caught.value)


def test_ranks_below_one_are_refused_by_column():
    """Zero is no rank; the message names the column."""
    with pytest.raises(DataError, match=r"column 'stock' must be a rank of at least 1, or miss"):
        ranks_of([[1, 0, 2]])


def test_the_first_k_alone_put_the_others_last_or_nowhere():
    """Missing items share the last level, or are unknown, as ``unranked`` says."""
    rows = [[2, 1, None, None], [1, 2, 3, 4]]
    assert ranks_of(rows).tolist() == [[1, 0, 2, 2], [0, 1, 2, 3]]
    assert ranks_of(rows, "unknown").tolist() == [[1, 0, -1, -1], [0, 1, 2, 3]]


def test_a_row_that_says_nothing_is_refused():
    """No rank at all is no ranking; one alone says nothing where the others are unknown."""
    with pytest.raises(DataError, match=r"rank at least one item; row 1 .* has \(missing, m"):
        ranks_of([[1, 2], [NAN, NAN]])
    assert ranks_of([[1, NAN]]).tolist() == [[0, 1]]
    with pytest.raises(DataError, match=r"unranked='unknown' each row must rank at least two"):
        ranks_of([[1, NAN]], "unknown")


def test_text_in_rank_notation_points_to_the_other_notation():
    """Names of items where ranks should be give an error that says so."""
    with pytest.raises(DataError, match=r"speed='stock'. A table .* has notation='order'"):
        ranks_of([["stock", "advice", "speed"]])


def test_named_items_pick_their_columns():
    """Other columns of the frame are left alone, and the order is that of the items."""
    X = pd.DataFrame({"age": [40.0], "stock": [1], "speed": [2]})
    found = read_rankings(X, ["speed", "stock"], notation="rank", unranked="last", owner="Reader")
    assert found.items == ("speed", "stock")
    assert found.levels.tolist() == [[1, 0]]


def test_the_two_notations_of_one_ranking_are_inverse():
    """Who chooses the third item, then the first, then the second, ranks them 2, 3, 1."""
    by_choice = choices([["advice", "speed", "stock"]])
    assert by_choice.items == ITEMS
    assert (by_choice.levels + 1).tolist() == [[2, 3, 1]]
    by_number = choices([[3, 1, 2]])
    assert by_number.levels.tolist() == by_choice.levels.tolist()
    assert ranks_of([[2, 3, 1]]).tolist() == by_choice.levels.tolist()


def test_items_left_out_are_the_sorted_ones_chosen():
    """Texts give their names in order, numbers their numbers."""
    assert choices([["b", "c"], ["a", None]], None).items == ("a", "b", "c")
    assert choices([[2, 3, NAN], [1, NAN, NAN]], None).items == ("1", "2", "3")


def test_choices_after_the_last_are_missing_items():
    """The first k choices put the others last or nowhere."""
    rows = [["stock", "speed", None], ["advice", "speed", "stock"]]
    assert choices(rows).levels.tolist() == [[1, 0, 2], [1, 2, 0]]
    assert choices(rows, unranked="unknown").levels.tolist() == [[1, 0, -1], [1, 2, 0]]


@pytest.mark.parametrize(
    ("rows", "items", "message"),
    [
        ([["speed", None, "stock"]], ITEMS, r"no choice may follow a missing one; row 0 has \('sp"),
        ([["speed", "speed", None]], ITEMS, r"name each item once at most; row 0 has \('speed', '"),
        ([["speed", "colour", None]], ITEMS, "column 'second' must be one of the items speed, sto"),
        ([[1, 4, 2]], ITEMS, "column 'second' must be the number of one of the 3 items speed, st"),
        ([[1, 2.5, 2]], None, "column 'second' must be the number of an item, 1, 2, 3, ...; row 0"),
        ([[1, 2, 5]], None, "items must be given .* nobody chose 3 of 1 to 5"),
        ([["speed", 2, 3]], None, "columns must hold texts alone or numbers alone"),
        ([[True, "a", "b"]], None, "columns must hold items, texts or their numbers; found first"),
        ([["speed"]], None, "Reader needs at least 2 items"),
    ],
)
def test_choices_that_are_no_ranking_are_refused(rows, items, message):
    """Each wrong row gives one clear error."""
    with pytest.raises(DataError, match=message):
        choices(rows, items)


def test_one_item_has_no_order():
    """A table of one column, or one named item, is refused."""
    with pytest.raises(DataError, match="needs at least 2 items, one alone has no order"):
        ranks_of([[1]])
    with pytest.raises(ValueError, match="items must be at least 2"):
        check_items(["speed"])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (["a", 3], "items must be texts, none of them empty; found 3"),
        (["a", " "], "items must be texts, none of them empty; found ' '"),
        (["a", "b", "a"], "items must differ; found 'a' more than once"),
    ],
)
def test_names_of_items_are_different_texts(items, message):
    """A wrong name is named."""
    with pytest.raises(ValueError, match=message):
        check_items(items)


def test_an_item_that_nobody_ranks_is_refused_by_name():
    """Nothing can be said of an item that is unknown in every row."""
    with pytest.raises(DataError, match="nobody ranks 'stock'"):
        check_known(np.array([[0, -1, 1], [1, -1, 0]]), ITEMS)


def test_the_words_read_in_the_wrong_notation_are_doubted():
    """As ranks the students are 1.08 pairs from their consensus, as orders 2.16."""
    right = WORD_RANKS - 1
    assert transposition_warning(right, WORD_COUNTS) is None
    text = transposition_warning(np.argsort(right, axis=1), WORD_COUNTS, "order")
    assert text == (
        "read with notation='order', 98 complete rankings are 2.16 pairs from their consensus on "
        "average, but only 1.08 if they were in notation='rank'; check which of the two X holds"
    )


def test_few_rankings_and_those_with_ties_raise_no_doubt():
    """Less than 20 complete rankings cannot tell, and a tie has no inverse."""
    wrong = np.argsort(WORD_RANKS - 1, axis=1)
    few = WORD_COUNTS * 19.9 / WORD_COUNTS.sum()
    assert transposition_warning(wrong, few) is None
    assert transposition_warning(wrong, few * 20.1 / 19.9) is not None
    assert transposition_warning(np.minimum(wrong, 3), WORD_COUNTS) is None
