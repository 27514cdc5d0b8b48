from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.reports.render.svg.element import Element, drawing, element, tenths, tooltip
from jstock_core.reports.render.svg.values import Caption


def legal(text: str) -> str:
    """The text on one line without what XML 1.0 forbids in production 2."""
    line = " ".join(text.split())
    return "".join(c for c in line if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_gives_valid_xml_in_which_it_is_no_markup(text, other) -> None:
    root = ET.fromstring(element("text", text, class_=other))
    assert len(root) == 0
    assert (root.text or "") == legal(text)
    assert root.get("class") == legal(other)


def test_characters_that_xml_forbids_are_left_out() -> None:
    assert element("text", "a\x00b\x1fc\ud800d\ufffee") == "<text>ab cde</text>"


def test_elements_are_not_escaped_twice() -> None:
    assert element("g", element("text", "a & b")) == "<g><text>a &amp; b</text></g>"
    assert isinstance(element("g"), Element)


def test_attributes_that_are_not_known_are_left_out() -> None:
    assert (
        element("rect", class_="c-x", stroke_width=1.25, x=None) == '<rect class="c-x" stroke-width="1.2"/>'
    )


def test_numbers_are_tenths_in_few_characters() -> None:
    assert [tenths(x) for x in (0, -0.04, 0.5, -0.5, 3.0, 12.34, 360, -10.0)] == [
        "0", "0", ".5", "-.5", "3", "12.3", "360", "-10",
    ]  # fmt: skip


def test_a_drawing_is_an_image_with_a_title_and_a_description() -> None:
    root = ET.fromstring(drawing(Caption("Equity", "It rose."), 360, 200, kind="chart"))
    assert root.get("role") == "img"
    assert [(each.tag, each.text) for each in root] == [("title", "Equity"), ("desc", "It rose.")]
    assert root.get("viewBox") == "0 0 360 200"


def test_without_a_text_there_is_nothing_to_point_at() -> None:
    assert tooltip("") == []
