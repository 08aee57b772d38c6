from __future__ import annotations

import ast
import sys
from pathlib import Path

import pandas as pd
import pytest

import custvalue._catalogue
from custvalue._catalogue import SERVICE_ELEMENTS, ServiceElement, find_element


def test_the_slides_list_so_many_elements():
    """Four, five and four in slides 002; their post-transaction lists hold five together."""
    stages = pd.Series([element.stage for element in SERVICE_ELEMENTS])
    assert stages.value_counts(sort=False).to_dict() == {"pre": 4, "in": 5, "post": 5}
    in_both = [one.stage for one in SERVICE_ELEMENTS if one.source == "slides 002, 004"]
    assert (in_both.count("pre"), in_both.count("in")) == (4, 4)


def test_order_cycle_time_has_two_indicators():
    """Its mean and its variability, both better the less of them."""
    indicators = [one for one in SERVICE_ELEMENTS if one.key.startswith("order_cycle")]
    assert [one.direction for one in indicators] == ["less", "less"]
    assert [one.unit for one in indicators] == ["days", "coefficient of variation"]


def test_a_frame_of_the_elements_is_a_table():
    """One row an element and one column a field."""
    table = pd.DataFrame(SERVICE_ELEMENTS)
    assert table.shape == (14, 7)
    assert table["key"].is_unique
    assert set(table["stage"]) == {"pre", "in", "post"}
    assert set(table["direction"]) == {"more", "less"}
    assert table["key"].map(str.isidentifier).all()


@pytest.mark.parametrize("element", SERVICE_ELEMENTS, ids=lambda element: element.key)
def test_every_name_leads_to_its_element(element):
    """Key, English and Chinese name, however they are written."""
    for name in (element.key, element.english, element.chinese):
        assert find_element(name) is element
        assert find_element(f" {name.upper().replace('_', ' ')} ") is element


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Organization-structure", "organisation_structure"),
        ("系统柔性", "system_flexibility"),
        ("系统灵活性", "system_flexibility"),
        ("订单完成率", "order_fill_rate"),
        ("客户投诉,索赔与退货", "complaints_claims_returns"),
        ("ｏｒｄｅｒ　ｆｉｌｌ　ｒａｔｅ", "order_fill_rate"),
    ],
)
def test_other_names_in_use_are_known(name, key):
    """Other spellings, other punctuation and wide letters."""
    assert find_element(name).key == key


@pytest.mark.parametrize("name", ["", "   ", "order", "price", "overall_satisfaction"])
def test_what_is_no_element_is_not_found(name):
    """Parts of names and other words lead nowhere."""
    assert find_element(name) is None


def test_an_element_cannot_be_changed():
    """The catalogue is the same for everybody."""
    with pytest.raises(AttributeError):
        SERVICE_ELEMENTS[0].key = "other"
    assert all(isinstance(element, ServiceElement) for element in SERVICE_ELEMENTS)


def test_the_catalogue_needs_nothing_but_python():
    """It stands on the lowest floor: its imports are of the standard library."""
    tree = ast.parse(Path(custvalue._catalogue.__file__).read_text(encoding="utf-8"))
    modules = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in getattr(node, "names", [])]
        )
    }
    assert {name.split(".")[0] for name in modules} <= set(sys.stdlib_module_names)
