"""What changed in a golden is said in words."""

from __future__ import annotations

import json
from typing import Any

from jstock_core.runs.notebook.golden_changes import SCRAP, describe_golden


def cell(id_: str, *outputs: dict[str, Any], source: str = "x") -> dict[str, Any]:
    return {"id": id_, "cell_type": "code", "source": source, "outputs": list(outputs)}


def scrap(name: str, data: Any) -> dict[str, Any]:
    return {"data": {SCRAP: {"name": name, "data": data, "encoder": "json"}}}


def table(text: str, html: str = "<p>") -> dict[str, Any]:
    return {"data": {"text/html": html, "text/markdown": text, "text/plain": "plain"}}


def said(before: list[Any], after: list[Any]) -> tuple[str, ...]:
    files = [json.dumps({"cells": cells}).encode() for cells in (before, after)]
    return describe_golden("daily.ipynb", *files).sentences


def test_the_same_is_no_change():
    assert said([cell("a", table("1"))], [cell("a", table("1"))]) == ()
    assert describe_golden("a.md", b"x", b"x").sentences == ()


def test_recorded_values_are_named_with_both_sides():
    before = [cell("m", scrap("metrics", {"core": {"sharpe": 0.41, "lots": 3}}))]
    after = [cell("m", scrap("metrics", {"core": {"sharpe": 0.44, "lots": 3, "beta": 1.0}}))]
    assert said(before, after) == (
        "m: glued metrics.core.sharpe 0.41 -> 0.44",
        "m: glued metrics.core.beta is new: 1.0",
    )
    noise = [cell("m", scrap("metrics", {"core": {"sharpe": 0.41 + 1e-13, "lots": 3}}))]
    assert said(before, noise) == (), "within the tolerance of the tests"


def test_lines_that_came_and_went_are_quoted():
    before, after = "| 7203 | BUY |\n| 6758 | BUY |", "| 7203 | BUY |\n| 6501 | SELL |\n| 6502 | SELL |"
    assert said([cell("orders", table(before))], [cell("orders", table(after))]) == (
        'orders: 2 lines added: "| 6501 | SELL |", "| 6502 | SELL |"',
        'orders: 1 line removed: "| 6758 | BUY |"',
    )


def test_cells_that_came_went_or_were_edited():
    before = [cell("a"), cell("b"), cell("c")]
    after = [cell("c"), cell("a", source="y"), cell("d")]
    assert said(before, after) == (
        "a: the cell itself was edited",
        "the cell b is gone",
        "the cell d is new",
        "its cells stand in another order",
    )


def test_only_the_looks():
    assert said([cell("a", table("1", "<p>"))], [cell("a", table("1", "<b>"))]) == (
        "a: it looks otherwise (its HTML), and reads the same",
    )


def test_other_files():
    before, after = ({"rule": "x", "sha256": letter * 64, "checks": [1, 2]} for letter in "ab")
    found = describe_golden("x.json", json.dumps(before).encode(), json.dumps(after).encode())
    assert found.sentences == ("sha256 aaaaaaaa… -> bbbbbbbb…",)
    many = [json.dumps(dict.fromkeys("abcdefgh", n)).encode() for n in (1, 2)]
    assert describe_golden("x.json", *many).sentences[-1] == "and 2 more values"
    assert describe_golden("x.json", b"[1, 2]", b"[1, 2, 3]").sentences == (" has 3 entries, before 2",)
    assert describe_golden("x.json", b"{}", b"{ }").sentences == ("written otherwise, with the same values",)
    assert describe_golden("x.md", None, b"x").sentences == ("new",)
    assert describe_golden("x.md", b"x", None).sentences == ("removed",)
    assert describe_golden("x.md", b"one\n", b"two\n").sentences == (
        '1 line added: "two"', '1 line removed: "one"',
    )  # fmt: skip
