"""The movements of cash of a backtest as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest
from jstock_core.state.accounts.movements import cash_movements

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("group", "session", "kind", "code", "name", "shares", "amount", "cash", "reason")


def cash_frame(done: Backtest, panel: Panel) -> pd.DataFrame:
    """One row a movement of cash, by session and group; nothing else moves any.

    Columns: group, session, kind ("deposit", "sell", "buy", "fee", "dividend", and "fraction" for the part of
    a share that a split left), code, name, shares, amount (yen, negative for what is paid; of dividends after
    the tax that is withheld), cash (yen that the group has then), reason. A group begins with no cash: its
    initial capital is the first deposit, and the sum of its amounts is its cash after the last session. Tax
    on gains is not taken in a backtest.
    """
    import pandas as pd

    rows = []
    held: dict[str, int] = {}
    for each in cash_movements(done.happened, done.book):
        held[each.group] = held.get(each.group, 0) + each.amount
        column = panel.column.get(each.code)
        name = "" if column is None else panel.listings[column].name
        rows.append((
            each.group, each.session, each.kind, each.code, name, each.shares, each.amount,
            held[each.group], each.reason,
        ))  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame["session"] = pd.to_datetime(frame["session"]).astype("datetime64[s]")
    return frame
