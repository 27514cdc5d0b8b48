"""What rules saved or cost: how stocks went on after a sale by a layer, or a refusal."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from statistics import fmean
from typing import Any

from tests.reports.build.recount.journal import Fact
from tests.reports.build.recount.market import last_close
from tests.reports.build.recount.morning import Counted

HORIZON = 20
KEY = ("kind", "rule", "mode")
Case = tuple[float | None, float | None, float | None]
"""Percent to the close twenty sessions later, that of TOPIX, and yen saved."""
RULE = re.compile(r"(filter|protection) ([^:;]+): ")


def judged(counted: Counted) -> dict[str, Any] | None:
    """Every number of the month before, on the first trade date of a month."""
    day = counted.day
    if counted.trade_date.month == day.month:
        return None
    found: dict[tuple[str, str, str], list[tuple[float | None, float | None, float | None]]] = defaultdict(
        list
    )
    for key, code, session, price, shares in cases(counted):
        row = counted.market.row(session)
        if row + HORIZON > counted.row or ended(counted, row) != (day.year, day.month):
            continue
        change = None if price is None else 100 * (later(counted, code, row) - price) / price
        saved = None if shares is None or change is None else -round(price * shares * change / 100)
        found[key].append((change, topix(counted, row), saved))
    rules = [{**dict(zip(KEY, key, strict=True)), **rule(found[key])} for key in sorted(found)]
    return {"year": day.year, "month": day.month, "rules": rules}


def ended(counted: Counted, row: int) -> tuple[int, int]:
    last = counted.market.dates[row + HORIZON]
    return last.year, last.month


def later(counted: Counted, code: str, row: int) -> float:
    """The close twenty sessions later, in yen of the session."""
    panel = counted.market.panel
    close = last_close(panel, row + HORIZON, code)
    for factor in panel.adj_factor[row + 1 : row + HORIZON + 1, panel.column[code]]:
        close /= factor
    return close


def topix(counted: Counted, row: int) -> float | None:
    start, end = counted.market.panel.topix[row - 1], counted.market.panel.topix[row + HORIZON]
    found = float(100 * (end - start) / start)
    return None if found != found else found  # noqa: PLR0124 (NaN)


def rule(cases: list[Case]) -> dict[str, Any]:
    changes = [change for change, _, _ in cases if change is not None]
    ahead = [change - index for change, index, _ in cases if change is not None and index is not None]
    saved = [yen for _, _, yen in cases if yen is not None]
    return {
        "cases": len(cases), "judged": len(changes), "change_pct": fmean(changes) if changes else None,
        "excess_pct": fmean(ahead) if ahead else None, "saved": sum(saved) if saved else None,
    }  # fmt: skip


def cases(counted: Counted) -> Iterator[tuple[tuple[str, str, str], str, date, float | None, int | None]]:
    """Kind, rule and mode; the stock, the session, the price that counts, and the shares that were sold."""
    for purse in counted.now.values():
        for lot in purse.closed:
            if lot.layer:
                yield ("exit", lot.layer, ""), lot.code, lot.session, lot.proceeds / lot.shares, lot.shares
    newest = {(f.session, f.group): f for f in counted.facts if f.kind == "decided"}
    for decided in newest.values():
        for code, kind, name, mode in sorted(set(refused(decided))):
            row = counted.market.row(decided.session)
            opened = counted.stock(code).raw("open", row)
            yield (kind, name, mode), code, decided.session, opened, None


def refused(decided: Fact) -> Iterator[tuple[str, str, str, str]]:
    """Code, kind, rule and mode of each BUY that a filter or protection refused, or would have."""
    buys = [row for row in decided.details["signals"] if row["action"] == "BUY"]
    told = [(row["code"], row.get("note", "")) for row in buys]
    for row in decided.details["skipped"]:
        codes = [buy["code"] for buy in buys] if row["action"] == "PAUSE" else [row["code"]]
        told += [(code, row["reason"]) for code in codes]
    for code, text in told:
        mode = "shadow" if text.startswith("shadow: ") else "enforce"
        yield from ((code, kind, name, mode) for kind, name in RULE.findall(text))
