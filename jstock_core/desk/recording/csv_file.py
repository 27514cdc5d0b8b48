"""The fills or holdings that a sheet lists.

Passed over are lines that are no fill: titles, sums, and shares or cash that moved without a trade (入庫,
配当金), which are shown. Margin trades, funds and everything that cannot be read refuse the file, unless they
are to be skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.desk.recording.lines import FillLine, parse_amount, parse_day, parse_whole
from jstock_core.desk.recording.sheet import Sheet, SheetRow
from jstock_core.desk.recording.terms import (
    AMENDMENTS,
    NOTHING,
    TRADES,
    Action,
    Kind,
    account_in_title,
    normalize_text,
    product_in_title,
    read_account,
    read_action,
    refuse_action,
)
from jstock_core.market.codes import from_jquants, parse_code

FILLS = frozenset({"code", "action", "qty", "price", "date"})
HOLDINGS = frozenset({"code", "qty"})
SHOWN_FAULTS = 8
_SUMS = ("合計", "総合計", "小計", "計", "total", "subtotal", "sum")
_LAST_WORD = re.compile(r"合計|総計|小計")
_MINUS = "-\u2212▲△"
"""How brokers mark what an execution that is cancelled took back."""
_IN_BRACKETS = re.compile(r"\((.{4,5})\)$")
_WITHOUT_TRADE: dict[Kind, str] = {
    "transfer": "shares moved without a trade; a split comes from the market data, another movement is "
    "recorded with `jstock trade position set`",
    "cash": "cash moved without a trade; record it with `jstock trade cash`",
}


@dataclass(frozen=True)
class BrokerHolding:
    """Shares that a broker says are held; `price` is what it says they cost, None where it does not.

    `account` is the type of its account, "" where that is not said.
    """

    code: str
    shares: int
    price: Decimal | None
    account: str = ""


@dataclass(frozen=True)
class SkippedLine:
    """A line of a file that is not recorded, and why."""

    number: int
    why: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"line": self.number, "why": self.why}


@dataclass(frozen=True)
class FillSheet:
    """The fills of a file, what the journal knows it by, and the lines that are not recorded."""

    lines: tuple[FillLine, ...]
    source: str
    skipped: tuple[SkippedLine, ...] = ()


@dataclass(frozen=True)
class HoldingSheet:
    """The holdings of a file, and the lines that are no holding of a stock."""

    held: tuple[BrokerHolding, ...]
    source: str
    skipped: tuple[SkippedLine, ...] = ()


def parse_fills(sheet: Sheet, *, skip_unknown: bool = False) -> FillSheet:
    """The fills of a sheet; with `skip_unknown` also where some of its lines cannot be read.

    Raises:
        UsageError: lines that cannot be read, all of them named.

    """
    lines: list[FillLine] = []
    skipped: list[SkippedLine] = []
    faults: list[tuple[int, JstockError]] = []
    for row in sheet.rows:
        if row.is_alone or _is_no_fill(row):
            continue
        try:
            action = _action(row)
            if action.kind in _WITHOUT_TRADE:
                skipped.append(SkippedLine(row.number, f"{action.text}: {_WITHOUT_TRADE[action.kind]}"))
            else:
                lines.append(_parse_fill(row, action))
        except JstockError as error:
            faults.append((row.number, error))
    if faults and not skip_unknown:
        raise _error_of(sheet.name, faults)
    skipped += [SkippedLine(number, error.what) for number, error in faults]
    return FillSheet(tuple(lines), sheet.source, tuple(sorted(skipped, key=lambda line: line.number)))


def _is_no_fill(row: SheetRow) -> bool:
    """Whether a row has no action, and no day or only the name of a sum."""
    if row.is_known and normalize_text(row.join("action")):
        return False
    return not normalize_text(row.join("date")) or _is_sum(row)


def _is_sum(row: SheetRow) -> bool:
    texts = [normalize_text(text).lower() for text in row.text]
    return any(text in _SUMS or _LAST_WORD.search(text[-4:]) for text in texts)


def _action(row: SheetRow) -> Action:
    """What a row reports, as its own words and the title above it say."""
    if not row.is_known:
        raise UsageError("it stands in a table without the columns of a fill", do="leave it out")
    row.check_length()
    action = read_action(*row.cells.get("action", ()))
    product = product_in_title(row.title)
    if action.kind in TRADES | AMENDMENTS and product != "trade":
        action = Action(product, action.side, f"{row.title} {action.text}")
    if action.kind not in TRADES | AMENDMENTS | _WITHOUT_TRADE.keys():
        raise refuse_action(action)
    return action


def _parse_fill(row: SheetRow, action: Action) -> FillLine:
    assert action.side is not None
    shares = row.one("qty")
    if action.kind in AMENDMENTS:
        shares = normalize_text(shares).lstrip(_MINUS)
    return FillLine(
        number=row.number,
        group=normalize_text(row.one("group")),
        code=_parse_code(row.one("code")),
        side=action.side,
        shares=parse_whole(shares, "the quantity"),
        price=parse_amount(row.one("price")),
        session=parse_day(row.one("date")),
        fee=sum(_fees(row, action)),
        kind=action.kind,
        account=_account(row),
    )


def _fees(row: SheetRow, action: Action) -> Iterator[int]:
    """A broker may show the tax on its commission in a column of its own: both are the fee."""
    for cell in row.cells.get("fee", ()):
        text = normalize_text(cell).lstrip(_MINUS) if action.kind == "cancellation" else cell
        yield parse_whole(str(parse_amount(text)), "the fee")


def _account(row: SheetRow) -> str:
    """The type of account: that of its own column, else that of the title above."""
    said = read_account(row.one("account"))
    return said or account_in_title(row.title)


def _parse_code(text: str) -> str:
    """A code as brokers write it: alone, with the stock's name, or with a fifth character "0"."""
    plain = normalize_text(text)
    found = _IN_BRACKETS.search(plain)
    for form in (plain, plain.split()[0] if plain else "", found[1] if found else ""):
        try:
            return parse_code(from_jquants(form))
        except UsageError:
            continue
    return parse_code(text)


# --- holdings -------------------------------------------------------------------------------------------


def parse_holdings(sheet: Sheet) -> HoldingSheet:
    """The holdings of a sheet, in every section of it.

    Raises:
        UsageError: lines that cannot be read, all of them named.

    """
    held: list[BrokerHolding] = []
    skipped: list[SkippedLine] = []
    faults: list[tuple[int, JstockError]] = []
    for row in sheet.rows:
        if row.is_alone or not row.is_known or _is_sum_of_holdings(row):
            continue
        try:
            other = _other_product(row)
            if other:
                skipped.append(SkippedLine(row.number, other))
            else:
                held.append(_parse_holding(row))
        except JstockError as error:
            if row.is_certain:
                faults.append((row.number, error))
    if faults:
        raise _error_of(sheet.name, faults)
    return HoldingSheet(tuple(held), sheet.source, tuple(skipped))


def _is_sum_of_holdings(row: SheetRow) -> bool:
    code = normalize_text(row.join("code"))
    return code.lower() in _SUMS or (code in NOTHING and _is_sum(row))


def _other_product(row: SheetRow) -> str:
    """What a row holds that is no stock paid in cash; "" for one that is."""
    cells = [cell for cell in row.cells.get("action", ()) if normalize_text(cell) not in NOTHING]
    if cells:
        try:
            kind = read_action(*cells).kind
        except UsageError:
            kind = "trade"
        if kind not in TRADES:
            return " ".join(cells)
    return row.title if row.is_certain and product_in_title(row.title) != "trade" else ""


def _parse_holding(row: SheetRow) -> BrokerHolding:
    row.check_length()
    price = parse_amount(row.one("price"))
    shares = parse_whole(row.one("qty"), "the quantity")
    return BrokerHolding(_parse_code(row.one("code")), shares, price or None, _account(row))


def _error_of(name: str, faults: Sequence[tuple[int, JstockError]]) -> UsageError:
    number, first = faults[0]
    if len(faults) == 1:
        do = first.do or "correct the line; nothing was recorded"
        return UsageError(first.what, where=f"{name}, line {number}", do=do)
    lines = [f"line {number}: {error.what}" for number, error in faults[:SHOWN_FAULTS]]
    more = [f"and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
    return UsageError(
        "\n".join([f"{len(faults):,} lines cannot be read", *lines, *more]),
        where=name,
        do="correct them; nothing was recorded",
    )
