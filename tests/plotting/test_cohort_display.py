"""CohortDisplay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from custvalue.plotting.cohort_display import CohortDisplay
from custvalue.plotting.style import RAMP, WIDTH
from custvalue.transactions.cohort_table import CohortTable

NAN = np.nan
STARTS = pd.DatetimeIndex(["2024-01-01", "2024-02-01", "2024-03-01"], name="cohort")
COUNTS = [[80.0, 20.0, 10.0], [0.0, 0.0, NAN], [50.0, NAN, NAN]]
TABLE = pd.DataFrame(COUNTS, index=STARTS, columns=["0", "1", "2"])


def made(n_orders=3_000, **parameters):
    """Return a CohortTable and its table of random orders."""
    generator = np.random.default_rng(4)
    orders = pd.DataFrame(
        {
            "customer_id": generator.integers(0, 900, n_orders),
            "date": pd.Timestamp("2023-01-01")
            + pd.to_timedelta(generator.integers(0, 731, n_orders), unit="D"),
            "amount": generator.integers(100, 90_000, n_orders) / 100,
        }
    )
    maker = CohortTable(amount="amount", observation_end="2024-12-31", **parameters)
    return maker, maker.fit_transform(orders)


def texts_of(display):
    """Return the texts of the cells."""
    return [text.get_text() for text in display.texts_]


def check_texts(display):
    """Check that texts are apart and inside the size that a picture has for itself."""
    figure = Figure(figsize=display.size, layout="constrained")
    FigureCanvasAgg(figure)
    display.plot(figure.add_subplot())
    figure.canvas.draw()
    ax = display.ax_
    texts = [*display.texts_, *display.sizes_, *ax.get_xticklabels(), *ax.get_yticklabels()]
    texts += [ax.title, ax.xaxis.label]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    assert sum(box.overlaps(other) for box in boxes for other in boxes) == len(boxes)
    assert min(box.x0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.width
    assert min(box.y0 for box in boxes) >= 0
    assert max(box.y1 for box in boxes) <= figure.bbox.height


def test_a_table_says_what_it_is():
    """Measure, period and shares come from ``attrs``; the values are those of the table."""
    maker, table = made(measure="revenue", relative=True, period="quarter")
    display = CohortDisplay.from_table(table, sizes=maker.sizes_)
    assert (display.measure, display.period, display.relative) == ("revenue", "quarter", True)
    pd.testing.assert_frame_equal(display.values, table)
    assert display.sizes.tolist() == maker.sizes_.tolist()


def test_numbers_become_shares_of_their_own_row():
    """As the table with relative=True has them; the sizes are those of age 0."""
    _, numbers = made()
    _, shares = made(relative=True)
    display = CohortDisplay.from_table(numbers, relative=True)
    pd.testing.assert_frame_equal(display.values, shares)
    assert display.sizes.tolist() == numbers["0"].tolist()
    assert CohortDisplay.from_table(numbers).sizes is None
    plain = pd.DataFrame(shares.to_numpy(), columns=shares.columns)
    assert CohortDisplay.from_table(plain).relative


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "profit"}, "measure must be one of 'customers', .*; found 'profit'"),
        ({"period": "fortnight"}, "period must be one of 'day', .*; found 'fortnight'"),
        ({"sizes": [1, 2]}, "sizes must have one number for each of the 3 cohorts; found 2"),
        ({"sizes": {STARTS[0]: 80}}, "of the 3 cohorts; found 3, of which 2 are missing"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    """The message says what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        CohortDisplay.from_table(TABLE, **arguments)


def test_shares_have_no_numbers():
    """A relative table cannot be shown absolute."""
    _, shares = made(relative=True)
    with pytest.raises(ValueError, match="relative=False needs a table of numbers"):
        CohortDisplay.from_table(shares, relative=False)


def test_the_picture_holds_the_numbers(ax):
    """Cells have number and shade, cohorts their name and size, ages theirs."""
    display = CohortDisplay.from_table(TABLE, period="month", sizes=[80, 0, 50])
    assert display.plot(ax) is display
    assert texts_of(display) == ["80", "20", "10", "0", "0", "", "50", "", ""]
    colours = np.reshape(display.mesh_.get_array(), (9, 4))[:, :3]
    levels = [0, 5, 3, 0, 0, 0, 0, 0, 0]
    expected = [[int(RAMP[i][1 + 2 * k : 3 + 2 * k], 16) / 255 for k in range(3)] for i in levels]
    np.testing.assert_allclose(colours, expected, atol=1e-9)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Jan 2024", "Feb 2024", "Mar 2024"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]
    assert [size.get_text() for size in display.sizes_] == ["80", "0", "50"]
    assert ax.get_title() == "months since the first purchase"
    assert ax.get_xlabel() == "customers who bought\nall customers before each row"
    assert ax.get_ylim() == (3, 0)


def test_unobserved_cells_are_blank_and_zeros_are_not(ax):
    """What is missing is clear and has no text; 0 per cent has both."""
    display = CohortDisplay.from_table(TABLE, relative=True).plot(ax)
    opacity = np.reshape(display.mesh_.get_array(), (9, 4))[:, 3]
    assert opacity.tolist() == [1, 1, 1, 0, 0, 0, 1, 0, 0]
    assert texts_of(display) == ["100", "25", "12", "", "", "", "100", "", ""]
    assert ax.get_xlabel() == "customers who bought, % of age 0\nall customers before each row"
    zero = CohortDisplay.from_table(TABLE.replace(10.0, 0.0), relative=True).plot(ax)
    assert texts_of(zero)[2] == "0"


def test_settings_reach_the_mesh(ax):
    """Keywords of plot are those of the main artist."""
    display = CohortDisplay.from_table(TABLE).plot(ax, linewidth=7.0)
    assert display.mesh_.get_linewidth() == 7.0


def test_names_are_text_and_not_formulas(ax):
    """A dollar sign in the name of a cohort is a dollar sign."""
    named = TABLE.set_axis(["over $5 and $9", "b", "c"])
    CohortDisplay.from_table(named).plot(ax)
    ax.figure.canvas.draw()
    assert not any(label.get_parse_math() for label in ax.get_yticklabels())


def test_a_large_table_has_small_cells_without_numbers():
    """Two years of weeks stay a picture: about a dozen names on each side."""
    _, table = made(period="week", relative=True)
    display = CohortDisplay.from_table(table, sizes=np.arange(len(table)) + 1).plot()
    assert display.texts_ == display.sizes_ == []
    assert len(display.ax_.get_xticks()) <= 12
    assert len(display.ax_.get_yticks()) <= 12
    assert display.size[0] < 3 * WIDTH


@pytest.mark.parametrize(
    "parameters",
    [{"relative": True}, {"measure": "revenue"}, {"measure": "orders", "period": "quarter"}],
    ids=["shares", "revenue", "orders"],
)
def test_no_text_lies_on_another(parameters):
    """In the size that the picture has for itself, texts are apart and inside."""
    maker, table = made(**parameters)
    display = CohortDisplay.from_table(table, sizes=maker.sizes_)
    check_texts(display)


@pytest.mark.parametrize("n_cohorts", [1, 2, 5])
@pytest.mark.parametrize("names", ["month", "premium customers of the far north"])
def test_no_text_of_a_small_table_lies_on_another(n_cohorts, names):
    """Title and caption have room beside long names, too: wide, or in two lines."""
    cells = np.where(np.tri(n_cohorts)[::-1] > 0, 20_000.0, NAN)
    index = pd.date_range("2024-01-01", periods=n_cohorts, freq="MS")
    if names != "month":
        index = pd.Index([f"{i} {names}" for i in range(n_cohorts)])
    table = pd.DataFrame(cells, index=index, columns=[str(age) for age in range(n_cohorts)])
    check_texts(CohortDisplay.from_table(table, relative=True, period="quarter"))


def test_the_caption_stays_in_one_line_where_it_fits(ax):
    """A year of months is wide enough."""
    _, table = made()
    CohortDisplay.from_table(table, relative=True).plot(ax)
    assert ax.get_xlabel() == "customers who bought, % of age 0; all customers before each row"


def test_a_table_that_says_nonsense_is_refused():
    """Words in ``attrs`` are checked like those given."""
    table = TABLE.copy()
    table.attrs = {"period": "fortnight"}
    with pytest.raises(ValueError, match="period must be one of .*; found 'fortnight'"):
        CohortDisplay.from_table(table)
