"""What a page says, in the language of its reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from jstock_core.base import words as english
from jstock_core.base.errors import UsageError
from jstock_core.reports.language.catalogue import Catalogue, read_catalogue
from jstock_core.reports.language.sectors import sector_in_english, sector_in_japanese

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
GainColour = Literal["green", "red"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_JA = "月火水木金土日"
_ACTIONS = {
    "SELL_25%": "Sell a quarter",
    "SELL_50%": "Sell half",
    "SELL_75%": "Sell three quarters",
    "SELL_100%": "Sell all",
    "EXIT_UNKNOWN": "Exit unknown",
    "HOLD": "Hold",
    "PAUSE": "Pause",
}
_ACRONYMS = frozenset({"adx", "atr", "ema", "macd", "obv", "rsi"})
_MAN, _OKU = 10_000, 100_000_000
_MANY_MAN = 100 * _MAN
"""From here on a rounded amount is shown in units of 10,000 yen."""


@dataclass(frozen=True)
class Words:
    """The words and numbers of a page: English texts of the code and of the core, shown in `language`.

    What the catalogue does not know stays English. `gain_colour` is the colour of a gain: red in Japan.
    """

    language: Language = "en"
    gain_colour: GainColour = "green"

    @property
    def _catalogue(self) -> Catalogue | None:
        return None if self.language == "en" else read_catalogue(self.language)

    def __call__(self, text: str, **places: object) -> str:
        """A text of the page; `{name}` in it is replaced by the place of that name."""
        shown = self._catalogue.text(text) if self._catalogue else text
        return shown.format(**places) if places else shown

    def plural(self, amount: int, one: str, many: str, **places: object) -> str:
        """A text with an amount `{n}`: `words.plural(3, "{n} order", "{n} orders")`."""
        return self(one if amount == 1 else many, n=english.count(amount), **places)

    def join(self, parts: Iterable[str]) -> str:
        """The parts that are not empty, in a row."""
        return english.join_parts(parts, self.comma)

    def named(self, what: str, said: str) -> str:
        """What is said of something: "core: bought", "core：bought"."""
        return self("{what}: {why}", what=what, why=said)

    @property
    def stop(self) -> str:
        """What stands between sentences in a row."""
        return "。" if self.language == "ja" else "; "

    @property
    def comma(self) -> str:
        """What stands between parts in a row."""
        return "、" if self.language == "ja" else ", "

    # --- what the core says ---------------------------------------------------------------------------

    def sentence(self, text: str) -> str:
        """A sentence that the core made: an alert, a reason, a refusal, a state of an order."""
        return self._catalogue.sentences.show(text) if self._catalogue else text

    def layer(self, name: str) -> str:
        """The name of an exit layer, a filter or a protection: "stop loss" for `stop_loss`."""
        return (self._catalogue and self._catalogue.sentences.whole.get(name)) or _spell_out(name)

    def rule(self, name: str) -> str:
        """The name of an entry, an exit or a sizing."""
        return (self._catalogue and self._catalogue.sentences.whole.get(name)) or name

    def side(self, side: str) -> str:
        """BUY or SELL as brokers say it."""
        return self.sentence(side)

    def action(self, action: str) -> str:
        """What a signal asks for: "Sell half" for SELL_50%."""
        return self(_ACTIONS[action]) if action in _ACTIONS else self.sentence(action)

    def sector(self, name: str) -> str:
        """A sector of TSE, whichever language the data has it in."""
        return sector_in_japanese(name) if self.language == "ja" else sector_in_english(name)

    # --- dates and numbers ----------------------------------------------------------------------------

    def day(self, value: date | None) -> str:
        """A date: 2026-01-21."""
        return english.day(value)

    def weekday(self, value: date) -> str:
        """A date with its weekday: Wed 2026-01-21, 2026-01-21（水）."""
        if self.language == "ja":
            return f"{value}（{_DAYS_JA[value.weekday()]}）"
        return f"{_DAYS[value.weekday()]} {value}"

    def yen(self, amount: float | None) -> str:
        """Whole yen: ¥1,234,567."""
        return english.yen(amount)

    def signed_yen(self, amount: float | None) -> str:
        """Yen won or lost, with the sign."""
        return english.signed_yen(amount)

    def round_yen(self, amount: float | None) -> str:
        """Yen for a headline: ¥1,234,567 in English, 123.5万円 and 1億2,346万円 in Japanese."""
        if self.language == "en" or amount is None or not abs(amount) >= _MANY_MAN:
            return english.yen(amount)
        sign, size = english.MINUS if amount < 0 else "", abs(amount)
        if size < _OKU - _MAN / 2:
            return f"{sign}{size / _MAN:,.1f}万円"
        oku, man = divmod(round(size / _MAN), _OKU // _MAN)
        return f"{sign}{oku:,}億{f'{man:,}万' if man else ''}円"

    def flow(self, thousand_yen: float | None) -> str:
        """A balance of investors, given in thousand yen: +¥123.4 bn, +1,234億円."""
        if thousand_yen is None or thousand_yen != thousand_yen:  # noqa: PLR0124 (NaN)
            return english.UNKNOWN
        if self.language == "ja":
            return f"{english.signed_number(thousand_yen / 1e5, 0 if abs(thousand_yen) >= 1e7 else 1)}億円"
        amount = english.signed_number(thousand_yen / 1e6, 1)
        return (
            f"{amount[0]}{english.YEN}{amount[1:]} bn"
            if amount[0] in f"+{english.MINUS}"
            else f"¥{amount} bn"
        )

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
        """A percentage with its sign: +1.2 %, +1.2% in Japanese."""
        shown = english.pct(value, decimals)
        return shown.replace(" %", "%") if self.language == "ja" else shown

    def tone(self, value: float | None) -> str:
        """The class of a gain or a loss."""
        return english.tone(value)


def _spell_out(name: str) -> str:
    """The name of a rule as words: "ADX exhaustion" for `adx_exhaustion`."""
    return " ".join(part.upper() if part in _ACRONYMS else part for part in name.split("_"))


ENGLISH = Words()


def read_language(text: str) -> Language:
    """A language by its code.

    Raises:
        UsageError: reports do not speak it.

    """
    for language in LANGUAGES:
        if text == language:
            return language
    raise UsageError(f'"{text}" is not a language of reports', do=f"give {' or '.join(LANGUAGES)}")
