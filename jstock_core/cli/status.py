"""What `jstock trade status` shows in the terminal."""

from __future__ import annotations

from typing import Any

from jstock_core.base.words import pct, price, signed_yen, yen
from jstock_core.cli.show import console, show_table


def show_status(found: dict[str, Any]) -> None:
    """Accounts, positions and open orders as tables."""
    simulated = "  [yellow]SIMULATED MARKET[/]" if found["simulated"] else ""
    what = "as of" if found["as_of"] else "settled through"
    console().print(f"{what} [bold]{found['settled_through']}[/], valued at its close{simulated}")
    if not found["as_of"] and found["newest_bars"] > found["settled_through"]:
        console().print(
            f"[dim]bars up to {found['newest_bars']} are stored: the next `jstock daily` settles them[/]"
        )
    _accounts(found)
    _positions(found)
    _orders(found)


def _accounts(found: dict[str, Any]) -> None:
    right = ("equity", "cash", "invested", "day P&L", "unrealized", "realized", "return")
    columns = {"group": "left"} | dict.fromkeys(right, "right") | {"invested": "spare"}
    rows = [
        [
            a["group"] or "whole",
            yen(a["equity"]),
            yen(a["cash"]),
            yen(a["invested"]),
            signed_yen(a["day_pnl"]),
            signed_yen(a["unrealized"]),
            signed_yen(a["realized"]),
            pct(a["return_pct"]),
        ]
        for a in (*found["groups"], found["whole"])
    ]
    show_table("accounts", columns, rows)


def _positions(found: dict[str, Any]) -> None:
    right = ("shares", "paid", "close", "P&L", "%", "days", "stop", "to stop")
    columns = {"code": "left", "name": "cut"} | dict.fromkeys(right, "right") | {"paid": "spare"}
    for account in found["groups"]:
        own = [p for p in found["positions"] if p["group"] == account["group"]]
        rows = [row for p in own for row in (_position(p), *_lots(p))]
        show_table(f"positions: {account['group']}", columns, rows, empty="nothing is held")


def _position(p: dict[str, Any]) -> list[str]:
    stop = p["stop"]
    level = [price(stop["price"]), pct(stop["distance_pct"])] if stop else ["-", "-"]
    return [
        p["code"],
        p["name"],
        f"{p['shares']:,}",
        price(p["average_price"]),
        price(p["close"]),
        signed_yen(p["pnl"]),
        pct(p["pnl_pct"]),
        str(p["days_held"]),
        *level,
    ]


def _lots(p: dict[str, Any]) -> list[list[str]]:
    """The lots of a position, where there are several."""
    lots = p["lots"] if len(p["lots"]) > 1 else []
    return [
        [
            "",
            f"{lot['opened']}",
            f"{lot['shares']:,}",
            price(lot["price"]),
            "",
            signed_yen(lot["pnl"]),
            pct(100 * lot["pnl"] / lot["cost"]),
            str(lot["days_held"]),
            "",
            "",
        ]
        for lot in lots
    ]


def _orders(found: dict[str, Any]) -> None:
    columns = {
        "for": "left",
        "group": "left",
        "side": "left",
        "code": "left",
        "shares": "right",
        "state": "left",
    }
    rows = [
        [o["session"], o["group"], o["side"], o["code"], f"{o['shares']:,}", o["state"]]
        for o in found["orders"]
    ]
    show_table("open orders", columns, rows)
