from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import UsageError
from jstock_core.market.codes import from_jquants, parse_code, to_jquants

LETTERS = "ACDFGHJKLMNPRSTUWXY"
CODES = st.from_regex(rf"[0-9][0-9{LETTERS}][0-9][0-9{LETTERS}]", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [("7203", "7203"), ("167A", "167A"), ("7203.T", "7203"), (" 7203\n", "7203"), ("７２０３", "7203"),
     ("１６７Ａ", "167A")],
)  # fmt: skip
def test_codes_as_people_type_them(text: str, code: str) -> None:
    assert parse_code(text) == code


@pytest.mark.parametrize(
    "text", ["", "720", "72030", "167B", "167E", "A203", "72A3", "7203.O", "7203 T", "167a", "٧٢٠٣", "72-3"]
)
def test_what_is_no_code_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="is not a TSE stock code") as caught:
        parse_code(text)
    assert f'"{text}"' in caught.value.what


@pytest.mark.parametrize(
    ("five", "four"), [("72030", "7203"), ("167A0", "167A"), ("25935", "25935"), ("7203", "7203")]
)
def test_only_a_final_zero_is_dropped(five: str, four: str) -> None:
    assert from_jquants(five) == four


@given(CODES)
def test_every_code_survives_the_way_to_j_quants_and_back(code: str) -> None:
    assert parse_code(code) == code
    assert len(to_jquants(code)) == 5
    assert from_jquants(to_jquants(code)) == code


def test_a_preferred_share_survives_too() -> None:
    assert to_jquants(from_jquants("25935")) == "25935"
