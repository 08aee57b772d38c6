from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import DataError
from custvalue.plotting.portfolio_display import PortfolioDisplay
from custvalue.plotting.style import ACCENT, PAPER
from custvalue.service.order_priority import OrderPriority
from custvalue.service.portfolio_matrix import PortfolioMatrix


@pytest.fixture
def products():
    """Return sixty products with a long tail of volumes, some at a loss, one with dollars."""
    generator = np.random.default_rng(3)
    volume = np.exp(generator.normal(4, 1.5, 60)).round()
    profit = (volume * generator.normal(2, 3, 60)).round(1)
    names = [f"a rather long name {i}" if i % 2 else f"from $5 to $9 {i}" for i in range(60)]
    index = pd.Index(names, name="product")
    return pd.DataFrame({"units": volume, "margin": profit}, index=index)


@pytest.fixture
def matrix(products):
    """Return a matrix fitted on them."""
    return PortfolioMatrix(volume="units", profit="margin").fit(products)


def test_a_fitted_matrix_gives_quadrants_thresholds_and_names(products, matrix):
    """The table is that of the matrix; one not fitted has none; another table is refused."""
    display = PortfolioDisplay.from_estimator(matrix, products)
    assert display.table["quadrant"].equals(matrix.transform(products)["quadrant"])
    assert display.thresholds.equals(matrix.thresholds_)
    assert display.axis_names == ("units", "margin")
    with pytest.raises(NotFittedError):
        PortfolioDisplay.from_estimator(PortfolioMatrix(), products)
    with pytest.raises(DataError, match="PortfolioDisplay needs the columns units, margin"):
        PortfolioDisplay.from_estimator(matrix, products[["units"]])


def test_products_are_points_and_those_at_a_loss_rings(products, matrix, ax):
    """Every product is drawn once, where it is."""
    display = PortfolioDisplay.from_estimator(matrix, products).plot(ax)
    losing = products["margin"] < 0
    np.testing.assert_array_equal(display.points_.get_offsets(), products[~losing])
    np.testing.assert_array_equal(display.losses_.get_offsets(), products[losing])
    assert to_hex(display.points_.get_facecolor()[0]) == ACCENT
    assert to_hex(display.losses_.get_facecolor()[0]) == PAPER
    assert to_hex(display.losses_.get_edgecolor()[0]) == ACCENT


def test_thresholds_are_lines_and_named_on_the_axes(products, matrix, ax):
    """Lines stand at the thresholds, and the axes say from where on a product is high."""
    display = PortfolioDisplay.from_estimator(matrix, products).plot(ax)
    upright, flat = display.threshold_lines_
    assert upright.get_xdata()[0] == matrix.thresholds_["volume"]
    assert flat.get_ydata()[0] == matrix.thresholds_["profit"]
    assert ax.get_xlabel().startswith("units, high from ")
    assert ax.get_ylabel().startswith("margin, high from ")


def test_quadrants_are_named_by_their_actions(products, matrix, ax):
    """Each corner has its action and its number of products."""
    display = PortfolioDisplay.from_estimator(matrix, products).plot(ax)
    counts = matrix.quadrant_summary_["products"]
    for text, (_, row) in zip(display.corners_, matrix.quadrant_summary_.iterrows(), strict=True):
        words = text.get_text().replace("\n", " ")
        assert words.startswith(row["action"])
        assert f"{row['products']} product" in words
    assert counts.sum() == 60


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("n", [4, 60, 500])
def test_no_words_lie_on_others(n, seed):
    """Names and corners keep apart and inside the picture, and no point is under a corner."""
    generator = np.random.default_rng(seed)
    volume = np.exp(generator.normal(4, 1.5, n)).round()
    profit = volume * generator.normal(2, 3, n)
    names = [f"a rather long name {i}" for i in range(n)]
    cuts = (float(np.median(volume)), float(np.median(profit)))
    display = PortfolioDisplay.from_predictions(volume, profit, thresholds=cuts, names=names)
    figure = display.plot().figure_
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in (*display.corners_, *display.labels_)]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1
    points = display.ax_.transData.transform(np.column_stack([volume, profit]))
    for box in boxes[:4]:
        assert not any(box.contains(*point) for point in points)
    assert 1 <= len(display.labels_) <= 8
    plt.close(figure)


def test_names_are_as_many_as_asked_and_read_as_they_are(products, matrix, ax):
    """None where none is asked; dollars are dollars; the largest product is among the named."""
    none = PortfolioDisplay.from_estimator(matrix, products, n_labels=0).plot(ax)
    assert none.labels_ == []
    ax.clear()
    display = PortfolioDisplay.from_estimator(matrix, products, n_labels=3).plot(ax)
    assert 1 <= len(display.labels_) <= 3
    assert not any(label.get_parse_math() for label in display.labels_)


def test_one_product_makes_a_picture(ax):
    """A single product on both thresholds is high in both."""
    display = PortfolioDisplay.from_predictions([5], [-5.0], thresholds=(5, -5)).plot(ax)
    assert display.table["quadrant"].tolist() == ["Q2"]
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("volume", "profit", "names", "message"),
    [
        ([1], [1, 2], None, "one entry per product; found 1, 2 and 1"),
        ([1, 2], [1, 2], ["a"], "found 2, 2 and 1"),
        ([], [], None, "at least one row"),
        ([1, 2], [1, np.nan], None, r"'profit' must be finite .*; row 1 has profit=nan \(1 such"),
        ([1, -2], [1, 1], None, "volume must not be negative; row 1"),
        ([1, 2], [1, 1], ["a", "a"], "each product must have one row"),
    ],
)
def test_products_given_must_fit_together(volume, profit, names, message):
    """Each mistake gives one clear error."""
    with pytest.raises(ValueError, match=message):
        PortfolioDisplay.from_predictions(volume, profit, thresholds=(1, 1), names=names)


def test_settings_reach_points_and_rings(products, matrix, ax):
    """A colour given is the colour drawn."""
    display = PortfolioDisplay.from_estimator(matrix, products).plot(ax, color="#123456")
    assert to_hex(display.points_.get_facecolor()[0]) == "#123456"
    assert to_hex(display.losses_.get_edgecolor()[0]) == "#123456"


def test_another_estimator_is_refused():
    """With what is needed and what was found."""
    X = pd.DataFrame({"profit": [1.0, 2.0], "importance": [1, 2]})
    other = OrderPriority().fit(X)
    with pytest.raises(TypeError, match="needs a fitted PortfolioMatrix.*found OrderP"):
        PortfolioDisplay.from_estimator(other, X)
