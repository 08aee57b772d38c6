"""The fingerprint of rows tells customers apart, and not the order in which they come."""

import numpy as np
import pytest

from custvalue.retention._fingerprint import fingerprint_of


@pytest.fixture
def rows():
    """Return duration, churned, entry, a covariate and weights of 500 rows."""
    generator = np.random.default_rng(0)
    duration = generator.integers(1, 9, 500).astype(float)
    churned = generator.integers(0, 2, 500).astype(float)
    return (duration, churned, 0 * duration), generator.normal(size=500), generator.random(500) + 1


def test_the_order_of_rows_does_not_matter(rows):
    """Nor does it for weights that are no whole numbers."""
    own, z, weights = rows
    order = np.random.default_rng(1).permutation(500)
    turned = tuple(column[order] for column in own)
    one = fingerprint_of(own, {"z": z}, weights)
    assert fingerprint_of(turned, {"z": z[order]}, weights[order]) == one


def test_a_weight_is_as_many_rows(rows):
    """Two rows are one row of weight two; rows of weight 0 and the sign of 0 say nothing."""
    own, _, _ = rows
    twice = tuple(np.tile(column, 2) for column in own)
    doubled = fingerprint_of(own, {}, np.full(500, 2.0))
    assert fingerprint_of(twice, {}, None) == doubled
    more = (np.append(own[0], 99.0), np.append(own[1], 0.0), np.append(-own[2], 0.0))
    assert fingerprint_of(more, {}, np.append(np.full(500, 2.0), 0.0)) == doubled


@pytest.mark.parametrize("column", [0, 1, 2])
def test_one_other_customer_shows(rows, column):
    """A change of duration, churned or entry in one row changes every hash."""
    own, z, _ = rows
    other = [one.copy() for one in own]
    other[column][7] = 1 - other[column][7] if column == 1 else other[column][7] + 1
    one, two = (fingerprint_of(tuple(each), {"z": z}, None) for each in (own, other))
    assert one[""] != two[""]
    assert one["z"] != two["z"]


def test_another_value_of_a_covariate_shows_there_alone(rows):
    """The rows and the other covariates keep their hashes."""
    own, z, _ = rows
    other = z.copy()
    other[3] += 1e-9
    one = fingerprint_of(own, {"a": z, "b": z}, None)
    two = fingerprint_of(own, {"a": z, "b": other}, None)
    assert {name for name in one if one[name] != two[name]} == {"b"}
