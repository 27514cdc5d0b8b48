"""Every command: where it is found and what help says of it, without importing it."""

from __future__ import annotations

from collections.abc import Mapping

from jstock_core.cli.program.commands_trade import TRADE
from jstock_core.cli.program.operations import OPERATIONS
from jstock_core.cli.program.tree import Branch, Leaf

TREE: Mapping[str, Leaf | Branch] = {
    "daily": Leaf(
        "day.daily",
        "daily",
        "Run the daily notebook for a trade date: fetch, settle, decide, journal, publish the report.",
    ),
    "trade": TRADE,
    "halt": Leaf(
        "trade.halt", "halt", "Stop buying until `jstock resume`: open buys are taken back, and sells go on."
    ),
    "resume": Leaf(
        "trade.halt",
        "resume",
        "Buy again; refused while orders are unknown or positions differ from the broker's.",
    ),
    "explain": Leaf(
        "trade.explain",
        "explain",
        "Show why a stock was bought, held, sold or left alone: scores, rules, levels, orders.",
    ),
    "backtest": Leaf(
        "research.backtest",
        "backtest",
        "Fold the desk's decisions over past sessions and measure them beside TOPIX.",
    ),
    "sweep": Leaf(
        "research.sweep",
        "sweep",
        "Try many sets of parameters over past sessions, and show the best with what speaks against them.",
    ),
    "walk": Leaf(
        "research.walk",
        "walk",
        "Choose parameters on past sessions and trade them on those that follow, window by window.",
    ),
    "parity": Leaf(
        "research.parity",
        "parity",
        "Hold the mornings that the desk decided against a backtest of them: each difference with its class.",
    ),
    "holdout": Branch(
        "The newest sessions, kept back from research and tried once: declare, open, show.",
        {
            "declare": Leaf(
                "research.holdout",
                "declare",
                "Keep the sessions from a date on back from research until they are opened.",
            ),
            "open": Leaf(
                "research.holdout",
                "open_",
                "Try one group on the sessions kept back; this can be done once, and is recorded.",
            ),
            "show": Leaf(
                "research.holdout",
                "show",
                "Show what is kept back, what was opened when and with which group, and how much was tried.",
            ),
        },
    ),
    "app": Leaf(
        "research.lab_app",
        "app",
        "Serve the knobs of a group and their card alone, without code, to this machine.",
    ),
    "lab": Leaf(
        "research.lab",
        "lab",
        "Open JupyterLab on a copy of a notebook: sliders, trials and sweeps of the desk's groups.",
    ),
    "replay": Leaf(
        "day.replay",
        "replay",
        "Run the morning of every session into the journal, as if the desk had run each day.",
    ),
    "strategies": Branch(
        "Rules of strategies: list, check, docs.",
        {
            "list": Leaf(
                "research.strategies",
                "list_",
                "Every rule that a group file may name and every feature, plug-ins included.",
            ),
            "check": Leaf(
                "research.strategies",
                "check",
                "Certify rules on the desk's data: causal, settled, deterministic, independent, alive, "
                "consistent.",
            ),
            "docs": Leaf(
                "research.strategies",
                "docs",
                "Write the handbook: every rule with formula, source and parameters, and every feature.",
            ),
        },
    ),
    "params": Branch(
        "Parameters: check, schema, show, diff, promote, history.",
        {
            "check": Leaf(
                "care.params",
                "check",
                "Judge all files of parameters at once: every fault with its file, line and key.",
            ),
            "schema": Leaf(
                "care.params",
                "schema",
                "Write the JSON Schemas of all files of parameters, the desk's own rules included, for "
                "editors.",
            ),
            "show": Leaf(
                "care.params",
                "show",
                "Show every parameter of a group, a candidate, or what a group was last decided with; "
                "defaults too.",
            ),
            "diff": Leaf(
                "care.params",
                "diff",
                "Compare two sets of parameters key by key: groups, candidates, what was last decided with.",
            ),
            "promote": Leaf(
                "care.params",
                "promote",
                "Let a candidate become the file of a group, with a record of who, when, why and on what "
                "grounds.",
            ),
            "history": Leaf(
                "care.params",
                "history",
                "Show what was promoted when, by whom and on what grounds, and whether it is in force.",
            ),
        },
    ),
    "runs": Branch(
        "Published mornings: list, show, diff, verify, render, replay, prune.",
        {
            "list": Leaf(
                "day.runs",
                "list_",
                "List the trade dates with published runs: orders, P&L, equity, excess over TOPIX, alerts.",
            ),
            "show": Leaf(
                "day.runs",
                "show",
                "Show a run: its numbers, what it was made of, and whether its files are as published.",
            ),
            "diff": Leaf(
                "day.runs",
                "diff",
                "Explain why two mornings differ: in data, parameters and code, and which orders with it.",
            ),
            "verify": Leaf(
                "day.runs",
                "verify",
                "Decide a past morning again from what was known then, and prove the same signals and "
                "orders.",
            ),
            "render": Leaf(
                "day.runs",
                "render",
                "Write a published report again as page, Markdown and mail, from what its run kept.",
            ),
            "replay": Leaf(
                "day.runs",
                "replay_",
                "Write one offline page that steps through many mornings: orders, fills, positions, why.",
            ),
            "prune": Leaf(
                "day.runs",
                "prune_",
                "Remove runs that nobody needs: reruns, rehearsals and failures of older trade dates.",
            ),
        },
    ),
    "universe": Leaf(
        "research.universe",
        "universe",
        "Rank the stored stocks and choose the best; with --write they are the monitor list.",
    ),
    "tax": Leaf("trade.tax", "tax", "Estimate the tax of a year."),
    "data": Branch(
        "Market data: import, fetch, backfill, status, check, confirm, revisions, export, sample, rebuild, "
        "purge.",
        {
            "import": Leaf(
                "care.data",
                "import_",
                "Import files of market data; makes the workspace where there is none.",
            ),
            "fetch": Leaf("care.data", "fetch", "Fetch what became public since the last time."),
            "backfill": Leaf(
                "care.data_files",
                "backfill",
                "Fetch years of history, year by year; stopped at any point, it goes on where it was.",
            ),
            "status": Leaf(
                "care.data",
                "status",
                "Show what the store holds, what of it is late, and what the checks find in it.",
            ),
            "check": Leaf(
                "care.data",
                "check",
                "Check all stored data by every rule; with --against compare its closes with others'.",
            ),
            "confirm": Leaf(
                "care.data",
                "confirm",
                "Confirm that a blocked bar is what was traded, so that its stock is decided on again.",
            ),
            "export": Leaf(
                "care.data_files",
                "export",
                "Write stored market data into files, in the shape that `data import` reads.",
            ),
            "sample": Leaf(
                "care.data_files",
                "sample",
                "Write a small example of the files that `data import` reads, with made-up numbers.",
            ),
            "revisions": Leaf(
                "care.data",
                "revisions",
                "Show what vendors corrected, and which past decisions would be others on it.",
            ),
            "purge": Leaf(
                "care.data",
                "purge",
                "Remove the stored market data, as when a licence ends; the journal stays.",
            ),
            "rebuild": Leaf("care.data", "rebuild", "Make the parsed files again from the rows as received."),
        },
    ),
    "state": Branch(
        "The journal: backup, restore, verify, relocate, export, import, split, move, correct.",
        {
            "backup": Leaf(
                "care.state", "backup", "Take a backup of the journal, its views and the trial ledger."
            ),
            "restore": Leaf(
                "care.state",
                "restore",
                "Put a backup in the place of a damaged journal, whose files are kept aside.",
            ),
            "verify": Leaf(
                "care.state",
                "verify",
                "Replay the journal from its first event and check chain, invariants, views and backups.",
            ),
            "relocate": Leaf(
                "care.state",
                "relocate",
                "Move the journal to another place, with its events.",
            ),
            "export": Leaf("care.state", "export", "Write all events as JSON lines, and the fills as CSV."),
            "import": Leaf(
                "care.state",
                "import_",
                "Begin a journal with another program's state and trades; what they do not explain is shown.",
            ),
            "split": Leaf(
                "care.state", "split", "Record a split or consolidation that no data source has, or not yet."
            ),
            "move": Leaf("care.state", "move", "Record that the shares of a code became those of another."),
            "correct": Leaf(
                "care.state",
                "correct",
                "Correct a recorded fact: nothing is edited, the correction is recorded beside it.",
            ),
        },
    ),
    **OPERATIONS,
    "init": Leaf("care.init", "init", "Make a workspace, with parameters to edit."),
    "golden": Branch(
        "Golden notebooks, for developers of jstock.",
        {
            "update": Leaf(
                "care.golden",
                "update",
                "Execute the notebooks again into tests/golden/, and bring all else that is generated up to "
                "date.",
            )
        },
    ),
}
"""Every command, in the order of the help: what is used most comes first."""
