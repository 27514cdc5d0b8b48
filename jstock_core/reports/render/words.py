"""What a page says, in the language of its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from jstock_core.base import words as english

Language = Literal["en", "ja"]
GainColour = Literal["green", "red"]


@dataclass(frozen=True)
class Words:
    """The words and numbers of a page: English texts of the code and of the core, shown in `language`.

    What the catalogue does not know stays English. `gain_colour` is the colour of a gain: red in Japan.
    """

    language: Language = "en"
    gain_colour: GainColour = "green"

    def __call__(self, text: str, **places: object) -> str:
        """A text of the page; `{name}` in it is replaced by the place of that name."""
        return text.format(**places) if places else text

    def sentence(self, text: str) -> str:
        """A sentence that the core made: an alert, a reason, a refusal."""
        return text

    def layer(self, name: str) -> str:
        """The name of an exit layer: "stop loss" for `stop_loss`."""
        return name.replace("_", " ")

    def side(self, side: str) -> str:
        """BUY or SELL as brokers say it."""
        return side

    def day(self, value: date | None) -> str:
        """A date: 2026-01-21."""
        return english.day(value)

    def weekday(self, value: date) -> str:
        """A date with its weekday: Wed 2026-01-21."""
        return f"{value:%a} {value}"

    def yen(self, amount: float | None) -> str:
        """Whole yen: ¥1,234,567."""
        return english.yen(amount)

    def signed_yen(self, amount: float | None) -> str:
        """Yen won or lost, with the sign."""
        return english.signed_yen(amount)

    def price(self, value: float | None) -> str:
        """A price per share in yen."""
        return english.price(value)

    def count(self, value: float | None) -> str:
        """A number of things."""
        return english.count(value)

    def number(self, value: float | None, decimals: int = 2) -> str:
        """A plain number."""
        return english.number(value, decimals)

    def pct(self, value: float | None, decimals: int = 1) -> str:
        """A percentage with its sign."""
        return english.pct(value, decimals)

    def tone(self, value: float | None) -> str:
        """The class of a gain or a loss."""
        return english.tone(value)


ENGLISH = Words()
