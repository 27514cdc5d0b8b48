"""The commands of `jstock trade`: where each is found and what help says of it."""

from __future__ import annotations

from jstock_core.cli.program.tree import Branch, Leaf

TRADE = Branch(
    "Trading: prepare, approve, record, status, pnl, history, reconcile, orders, cash, position, group, "
    "report.",
    {
        "prepare": Leaf(
            "trade.prepare",
            "prepare",
            "Show the signals and order tickets of a trade date; journals nothing.",
        ),
        "record": Leaf(
            "recording.record",
            "record",
            "Record what was really filled: in a dialogue, from a CSV, or as ordered.",
        ),
        "status": Leaf(
            "trade.status", "status", "Show the portfolio by group: cash, lots, P&L, stops, due orders."
        ),
        "pnl": Leaf(
            "trade.pnl",
            "pnl",
            "Show what a session won or lost, lot by lot, or a span session by session beside TOPIX.",
        ),
        "history": Leaf(
            "trade.history",
            "history",
            "Show what moved money or shares: fills, deposits, dividends, splits, adjustments.",
        ),
        "reconcile": Leaf(
            "recording.reconcile",
            "reconcile",
            "Compare orders with fills, and holdings with the broker's.",
        ),
        "approve": Leaf(
            "trade.approve",
            "approve",
            "Let buys that wait for approval go to the open; what nobody approves in time ends.",
        ),
        "orders": Branch(
            "Orders: list, cancel, export.",
            {
                "list": Leaf(
                    "trade.orders",
                    "list_",
                    "List the open orders: who fills them, and what became of those that are done.",
                ),
                "cancel": Leaf("trade.orders", "cancel", "Cancel open orders: all of those named, or none."),
                "export": Leaf(
                    "trade.orders",
                    "export",
                    "Check the orders to be placed at the broker and write them as tickets; nothing is ever "
                    "sent.",
                ),
            },
        ),
        "cash": Branch(
            "Cash of a group: deposit, withdraw, dividend, fee, set.",
            {
                "deposit": Leaf("recording.cash", "deposit", "Put cash into a group."),
                "withdraw": Leaf(
                    "recording.cash", "withdraw", "Take cash out of a group, of what open orders do not need."
                ),
                "dividend": Leaf(
                    "recording.cash",
                    "dividend",
                    "Record a dividend that a group received for a stock it holds or held.",
                ),
                "fee": Leaf(
                    "recording.cash",
                    "fee",
                    "Record a fee for no fill in particular.",
                ),
                "set": Leaf(
                    "recording.cash",
                    "set_cash",
                    "Set a group's cash to what was counted; journal the difference.",
                ),
            },
        ),
        "position": Branch(
            "Positions of a group: set.",
            {
                "set": Leaf(
                    "recording.position",
                    "set_position",
                    "Set a group's position to what was counted; journal the difference.",
                ),
            },
        ),
        "group": Branch(
            "Groups: rename, adopt, wind-down.",
            {
                "rename": Leaf(
                    "trade.group",
                    "rename",
                    "Let a group go on under another name, with its cash, shares, orders and past.",
                ),
                "adopt": Leaf(
                    "trade.group",
                    "adopt",
                    "Go on with a group whose file was removed: write the file again as last decided.",
                ),
                "wind-down": Leaf(
                    "trade.group",
                    "wind_down",
                    "End a group: it sells all it holds and enters nothing any more.",
                ),
            },
        ),
        "report": Leaf(
            "day.daily",
            "report",
            "Render the report of a trade date again, from what was recorded, as a new run.",
        ),
    },
)
