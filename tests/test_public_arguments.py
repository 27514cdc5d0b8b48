"""Public functions that are given something else than a desk or a result say so, in jstock's own errors."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import jstock_core as js
from jstock_core.base.errors import JstockError, UsageError

# Of these the first argument is a name, a path, an address or a value of any kind; or there is none.
_OTHERS = {
    "Cluster", "Intent", "check_injected", "create_workspace", "feature", "glue", "lab", "look_back",
    "make_group", "open_desk", "runs", "short_errors",
}  # fmt: skip
_TAKE_THINGS = sorted(set(dir(js)) - _OTHERS)


def call_with(name: str, value: Any) -> None:
    function = getattr(js, name)
    given = [
        value
        for each in inspect.signature(function).parameters.values()
        if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    function(*given)


@pytest.mark.parametrize("name", _TAKE_THINGS)
@pytest.mark.parametrize("value", [3, "nothing", None, [1]], ids=repr)
def test_what_is_no_desk_or_result_is_refused_in_words(name: str, value: Any) -> None:
    with pytest.raises(JstockError) as caught:
        call_with(name, value)
    assert caught.value.what
    assert caught.value.do


def test_a_page_of_something_else_than_a_trial_says_what_to_give() -> None:
    with pytest.raises(UsageError, match="'a trial' is not a trial") as caught:
        js.backtest_page("a trial")
    assert "lab.backtest" in caught.value.do


def test_a_group_is_made_of_a_mapping() -> None:
    with pytest.raises(UsageError, match="3 is not a mapping"):
        js.make_group("one", 3, where="here")  # type: ignore[arg-type]


def test_a_table_of_no_records_is_refused() -> None:
    with pytest.raises(UsageError, match="no track records"):
        js.metrics_table("Nothing", {})
