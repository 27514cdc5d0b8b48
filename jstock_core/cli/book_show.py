"""What the book's commands show in the terminal."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from jstock_core.base.errors import ExitStatus
from jstock_core.base.words import count, price, signed_yen, yen
from jstock_core.cli.show import console, show_json, show_table


def show_kept(done: dict[str, Any], *, as_json: bool) -> int:
    """What was recorded of a group, and what it has now."""
    if as_json:
        show_json(done)
        return ExitStatus.OK
    out = console()
    for fact in done["recorded"]:
        out.print(f"recorded {escape(fact)}", soft_wrap=True)
    if not done["recorded"]:
        out.print("it is so already: nothing was recorded")
    held = f", {done['shares']:,} shares of {done['code']}" if "code" in done else ""
    reserved = f", {yen(done['reserved'])} of it reserved" if done["reserved"] else ""
    out.print(f"{done['group']} has {yen(done['cash'])}{reserved}{held}")
    return ExitStatus.OK


def show_orders(found: dict[str, Any], *, as_json: bool) -> int:
    """Orders as a table."""
    if as_json:
        show_json(found)
        return ExitStatus.OK
    columns = {
        "for": "left", "group": "left", "side": "left", "code": "left", "shares": "right", "open": "right",
        "filled by": "left", "is": "wrap", "id": "wrap",
    }  # fmt: skip
    rows = [
        [
            o["session"], o["group"], o["side"], o["code"], count(o["shares"]), count(o["open"]),
            o["filled_by"], o["is"], o["id"],
        ]
        for o in found["orders"]
    ]  # fmt: skip
    show_table("orders", columns, rows)
    return ExitStatus.OK


def show_history(found: dict[str, Any], *, as_json: bool) -> int:
    """What moved money or shares, with its sums."""
    if as_json:
        show_json(found)
        return ExitStatus.OK
    columns = {
        "session": "left", "what": "left", "group": "left", "code": "left", "shares": "right",
        "price": "right", "cash": "right", "fee": "right", "gain": "right", "text": "cut", "id": "spare",
    }  # fmt: skip
    show_table("history", columns, [_fact(fact) for fact in found["facts"]])
    console().print(
        f"{found['fills']:,} fills: bought {yen(found['bought'])}, sold {yen(found['sold'])}, "
        f"gain {signed_yen(found['gain'])} before {yen(found['fees'])} of fees (first in, first out)"
    )
    return ExitStatus.OK


def _fact(fact: dict[str, Any]) -> list[str]:
    return [
        fact["session"], fact["side"] or fact["kind"].replace("_", " "), fact["group"], fact["code"],
        "" if fact["shares"] is None else count(fact["shares"]),
        "" if fact["price"] is None else price(fact["price"]),
        "" if fact["amount"] is None else signed_yen(fact["amount"]),
        yen(fact["fee"]) if fact["fee"] else "", "" if fact["gain"] is None else signed_yen(fact["gain"]),
        fact["text"], fact["id"],
    ]  # fmt: skip


def show_reconciled(found: dict[str, Any], *, as_json: bool) -> int:
    """Orders against fills, slippage, and the differences to the broker's holdings."""
    if as_json:
        show_json(found)
        return ExitStatus.OK
    if found["session"]:
        _orders(found)
        _fills(found)
    if found["holdings"] is not None:
        _holdings(found)
    return ExitStatus.OK


def _orders(found: dict[str, Any]) -> None:
    columns = {
        "group": "left", "side": "left", "code": "left", "ordered": "right", "filled": "right",
        "price": "right", "is": "left", "why": "cut",
    }  # fmt: skip
    rows = [
        [
            o["group"], o["side"], o["code"], count(o["ordered"]), count(o["filled"]),
            "" if o["price"] is None else price(o["price"]), o["is"], o["why"],
        ]
        for o in found["orders"]
    ]  # fmt: skip
    show_table(f"orders of {found['session']}", columns, rows)
    missing = sum(o["is"] == "missing" for o in found["orders"])
    if missing:
        console().print(f"[bold red]{missing} missing[/]: neither a fill nor none is recorded")


def _fills(found: dict[str, Any]) -> None:
    columns = {
        "group": "left", "side": "left", "code": "left", "name": "cut", "shares": "right", "price": "right",
        "open": "right", "slippage": "right", "bps": "right", "ticks": "right", "": "left",
    }  # fmt: skip
    unexpected = set(found["unexpected"])
    rows = [
        [
            f["group"], f["side"], f["code"], f["name"], count(f["shares"]), price(f["price"]),
            *_slipped(f), "unexpected" if f["id"] in unexpected else "inside" if f["inside"] else "",
        ]
        for f in found["fills"]
    ]  # fmt: skip
    show_table("fills against the open", columns, rows)
    if found["slippage"] is not None:
        whole = found["slippage"]
        console().print(
            f"slippage {signed_yen(round(whole['yen']))}, {whole['bps']:+.2f} basis points (+ is worse)"
        )


def _slipped(fill: dict[str, Any]) -> list[str]:
    if fill["open"] is None:
        return ["-", "-", "-", "-"]
    return [
        price(fill["open"]), signed_yen(round(fill["yen"])), f"{fill['bps']:+.1f}", f"{fill['ticks']:+.1f}"
    ]  # fmt: skip


def _holdings(found: dict[str, Any]) -> None:
    columns = {
        "code": "left", "name": "cut", "desk": "right", "broker": "right", "difference": "right",
        "groups": "wrap",
    }  # fmt: skip
    rows = [
        [
            d["code"], d["name"], count(d["desk"]), count(d["broker"]), f"{d['difference']:+,}",
            ", ".join(d["groups"]),
        ]
        for d in found["holdings"]["differences"]
    ]  # fmt: skip
    account = ", ".join(found["holdings"]["account"])
    show_table(f"holdings of {account} that differ", columns, rows, empty="the same as the broker's")
    for fact in found["adjusted"]:
        console().print(f"recorded {escape(fact)}", soft_wrap=True)
