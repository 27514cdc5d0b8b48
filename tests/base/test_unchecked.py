"""An unchecked constructor makes what the usual one does, of the same names, and checks nothing."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from jstock_core.base.unchecked import replace_unchecked, unchecked


@dataclass(frozen=True)
class Price:
    yen: int
    code: str = "7203"
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.yen <= 0:
            raise ValueError("no price")


make_price = unchecked(Price)


def test_it_makes_what_the_usual_constructor_makes():
    made = make_price(yen=3_120, notes=[])
    assert made == Price(3_120)
    assert type(made) is Price
    assert repr(made) == repr(Price(3_120))
    with pytest.raises(FrozenInstanceError):
        made.yen = 1


def test_it_checks_nothing():
    assert make_price(yen=-1, notes=[]).yen == -1


@pytest.mark.parametrize("given", [{"yen": 1}, {"notes": []}, {"yen": 1, "notes": [], "name": "x"}])
def test_a_field_is_given_or_has_a_plain_default(given):
    with pytest.raises(TypeError, match="Price: give each field once"):
        make_price(**given)


def test_some_fields_are_replaced_and_the_value_stays_as_it_was():
    price = Price(3_120)
    assert replace_unchecked(price, code="6758") == Price(3_120, "6758")
    assert replace_unchecked(price, yen=-1).yen == -1
    assert replace_unchecked(price, yen=1, code="6758", notes=[]) == Price(1, "6758")
    assert price == Price(3_120)
    with pytest.raises(TypeError, match=r"Price has no field \['name'\]"):
        replace_unchecked(price, name="x")
