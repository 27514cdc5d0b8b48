"""`jstock trade pnl`: what was won and lost, lot by lot or session by session, and the proof."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jstock_core.cli.options import JsonOption, NowOption, WorkspaceOption

WIDE = 120  # columns from which on a lot's values stand beside its prices


def register(app: typer.Typer) -> None:
    """Put the command under `jstock trade`."""
    app.command(epilog="Example: jstock trade pnl --from 2026-01-05 --to 2026-01-30")(pnl)


def pnl(
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="The session; default: the last that was settled.")
    ] = "",
    first: Annotated[
        str, typer.Option("--from", metavar="DATE", help="A line a session instead, from this day on.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The same, up to this day.")] = "",
    group: Annotated[str, typer.Option("--group", "-g", metavar="GROUP", help="Only this group.")] = "",
    csv: Annotated[
        str, typer.Option("--csv", metavar="FILE", help="Write it into this file, for a spreadsheet.")
    ] = "",
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """What a session won or lost, lot by lot, and why equity is what it is; or a span beside TOPIX."""
    from jstock_core.base.errors import UsageError
    from jstock_core.cli.show import show_json
    from jstock_core.desk.trading.pnl import session_pnl, span_pnl

    if date and (first or last):
        raise UsageError("--date is one session, --from and --to are a span", do="give one or the other")
    spans = bool(first or last)
    if spans:
        found = span_pnl(workspace, first=first, last=last, group=group, csv=csv, now=now)
    else:
        found = session_pnl(workspace, day=date, group=group, csv=csv, now=now)
    if as_json:
        show_json(found)
    else:
        (_show_span if spans else _show_session)(found)
    return 0


def _show_session(found: dict[str, Any]) -> None:
    from jstock_core.base.words import pct
    from jstock_core.cli.show import console

    topix = f", TOPIX {pct(found['topix_pct'], 2)}"
    console().print(f"P&L of [bold]{found['session']}[/], close to close{topix}{_simulated(found)}")
    for part in found["groups"]:
        _show_lots(part)
        _show_sums(part, part["group"])
    if found["whole"] and len(found["groups"]) > 1:
        console().print()
        _show_sums(found["whole"], "whole")
    _show_csv(found)


def _show_lots(part: dict[str, Any]) -> None:
    from jstock_core.cli.show import console, show_table

    wide = console().width >= WIDE
    columns = {"code": "left", "name": "cut"} | ({"lot of": "left"} if wide else {}) | {"": "left"}
    right = ("shares", "from", "to", *(("start", "end") if wide else ()), "P&L")
    rows = [_lot(lot, wide=wide) for lot in part["lots"]]
    title = f"lots of {part['group']}"
    show_table(title, columns | dict.fromkeys(right, "right"), rows, empty="nothing was held, bought or sold")


def _lot(lot: dict[str, Any], *, wide: bool) -> list[str]:
    from jstock_core.base.words import price

    opened, values = ([lot["opened"] or ""], [_money(lot["start"]), _money(lot["end"])]) if wide else ([], [])
    return [
        lot["code"], lot["name"], *opened, lot["how"], f"{lot['shares']:,}", price(lot["start_price"]),
        price(lot["end_price"]), *values, _signed(lot["pnl"]),
    ]  # fmt: skip


def _show_sums(part: dict[str, Any], name: str) -> None:
    """The P&L as its lots made it, as it is booked, and as equity has it: three times the same sum."""
    from jstock_core.base.words import pct
    from jstock_core.cli.show import console

    out, lots = console(), part["pnl"] - part["dividends"] + part["fees"]
    both = f"dividends {_signed(part['dividends'])}, fees {_signed(-part['fees'])}"
    out.print(f"{name}: [bold]P&L {_signed(part['pnl'])}[/] ({pct(part['return_pct'], 2)})", soft_wrap=True)
    out.print(f"  by lot  lots {_signed(lots)}, {both}", soft_wrap=True)
    booked = f"realized {_signed(part['realized'])}, {both}"
    out.print(f"  booked  {booked}; unrealized {_signed(part['unrealized_change'])}", soft_wrap=True)
    out.print(f"  equity  {_equation(part)}", soft_wrap=True)


def _equation(part: dict[str, Any]) -> str:
    before, after = _money(part["equity_before"]), _money(part["equity"])
    return f"{before} before, {_signed(part['came_in'])} put in, {_signed(part['pnl'])} P&L = {after}"


def _show_span(found: dict[str, Any]) -> None:
    from jstock_core.base.words import pct
    from jstock_core.cli.show import console, show_table

    span = f"[bold]{found['from']}[/] to [bold]{found['to']}[/]"
    console().print(f"P&L of {span}, net of deposits and withdrawals{_simulated(found)}")
    alone = len(found["sums"]) == 2  # a group, and the whole which is the same
    sums = found["sums"][:1] if alone else found["sums"]
    right = ("P&L", "realized", "unrealized", "return", "so far", "TOPIX", "so far ")
    columns = {"session": "left"} | dict.fromkeys(right, "right")
    for total in sums:
        name = total["group"] or "whole"
        rows = [_line(line) for line in found["lines"] if line["group"] == total["group"]]
        show_table(name, columns, rows)
        against = f"TOPIX {pct(total['topix_pct'], 2)}"
        console().print(
            f"{name}: [bold]P&L {_signed(total['pnl'])}[/] ({pct(total['return_pct'], 2)}, {against})"
            f"\n  equity  {_equation(total)}",
            soft_wrap=True,
        )
    _show_csv(found)


def _line(line: dict[str, Any]) -> list[str]:
    from jstock_core.base.words import pct, signed_yen

    return [
        line["session"], _signed(line["pnl"]), signed_yen(line["realized"]),
        _signed(line["unrealized_change"]), pct(line["return_pct"], 2), pct(line["cumulative_pct"], 2),
        pct(line["topix_pct"], 2), pct(line["topix_cumulative_pct"], 2),
    ]  # fmt: skip


def _simulated(found: dict[str, Any]) -> str:
    return "  [yellow]SIMULATED MARKET[/]" if found["simulated"] else ""


def _show_csv(found: dict[str, Any]) -> None:
    from rich.markup import escape

    from jstock_core.cli.show import console

    if found["csv"]:
        console().print(f"written to {escape(found['csv'])}", soft_wrap=True)


def _money(amount: float) -> str:
    """Yen with the fraction that odd lots may have: a sum that proves something must add up as shown."""
    from jstock_core.base.words import MINUS, YEN, yen

    if amount == int(amount):
        return yen(amount)
    return f"{MINUS if amount < 0 else ''}{YEN}{abs(amount):,.2f}".rstrip("0").rstrip(".")


def _signed(amount: float) -> str:
    return f"+{_money(amount)}" if amount > 0 else _money(amount)
