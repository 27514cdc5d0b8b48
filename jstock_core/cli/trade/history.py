"""`jstock trade history`: what moved money or shares."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.words import count, price, signed_yen, yen
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import CsvOption, GroupOption
from jstock_core.cli.terminal.show import console, escape, show_table
from jstock_core.desk.trading.portfolio.history import LedgerEntry, LedgerHistory, ledger_history
from jstock_core.desk.workspace.desk import Desk


def show_history(found: LedgerHistory) -> None:
    """Print what moved money or shares, and its sums."""
    columns = {
        "session": "left", "what": "left", "group": "left", "code": "left", "shares": "right",
        "price": "spare right", "cash": "right", "fee": "spare right", "gain": "spare right",
    }  # fmt: skip
    rows = [_row(fact) for fact in found.facts]
    if any(fact.account for fact in found.facts):
        columns["account"] = "spare left"
        rows = [[*row, fact.account] for row, fact in zip(rows, found.facts, strict=True)]
    if len({fact.by for fact in found.facts}) > 1:
        columns["by"] = "wrap"
        rows = [[*row, fact.by] for row, fact in zip(rows, found.facts, strict=True)]
    columns |= {"text": "spare cut", "id": "spare left"}
    rows = [[*row, fact.text, fact.id] for row, fact in zip(rows, found.facts, strict=True)]
    show_table("history", columns, rows)
    console().print(
        f"{len(found.fills):,} fills: bought {yen(found.bought)}, sold {yen(found.sold)}, "
        f"gain {signed_yen(found.gain)} before {yen(found.fees)} of fees (first in, first out)"
    )
    if found.csv:
        console().print(f"written to {escape(found.csv)}", soft_wrap=True)


def _row(fact: LedgerEntry) -> list[str]:
    return [
        str(fact.session), fact.side or fact.kind.replace("_", " "), fact.group, fact.code,
        "" if fact.shares is None else count(fact.shares),
        "" if fact.price is None else price(fact.price),
        "" if fact.amount is None else signed_yen(fact.amount),
        yen(fact.fee) if fact.fee else "", "" if fact.gain is None else signed_yen(fact.gain),
    ]  # fmt: skip


@command(show=show_history, example="jstock trade history --code 7203 --from 2026-01-01")
def history(
    desk: Desk,
    *,
    code: Annotated[str, typer.Option("--code", "-c", metavar="CODE", help="Only this stock.")] = "",
    group: GroupOption = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, as 2026-01-21.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, as 2026-06-30.")] = "",
    csv: CsvOption = "",
) -> LedgerHistory:
    """Show what moved money or shares: fills, deposits, dividends, splits, adjustments.

    Corrections are applied.
    """
    return ledger_history(desk, code=code, group=group, first=first, last=last, csv=csv)
