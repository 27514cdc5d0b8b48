"""jstock: a daily trading desk for Japanese equities, driven by notebooks.

    import jstock_core as js

    day = js.run_day(js.open_desk(), intent="rehearse")
    js.page(day).orders

`dir(js)` lists what notebooks are written with. Each name is imported when it is first used, so that
importing the package costs nothing. Rules are written with `jstock_core.rules`, and tried in tests with
`jstock_core.testing`.

The rooms, from the bottom up (imports point down only):

- `base`: errors, parameters, durable files, words and numbers
- `market`: sessions, trading rules, codes, and the panel of prices and facts as known at a time
- `data`, `signals`, `state`: providers and store; features, scores and rules; events, lots and the journal
- `execution`: sizing, legal order tickets, the paper broker
- `decide`: the one decision function that notebook, backtest and production share
- `explain`, `research`, `reports`, `runs`: why; backtests; what people look at; notebook runs
- `desk`: opens a workspace and runs a day
- `cli`: the command line
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    # A desk and its day
    "Intent": "base.intent",
    "create_workspace": "desk.workspace.workspace",
    "open_desk": "desk.workspace.desk",
    "page": "desk.day.publishing.page",
    "run_day": "desk.day.day",
    # What a desk holds and did
    "look_back": "desk.past.looking_back",
    "data_quality": "desk.past.quality",
    "ledger_history": "desk.trading.portfolio.history",
    "list_orders": "desk.trading.orders",
    "parity": "desk.parity.parity",
    "portfolio_status": "desk.trading.portfolio.status",
    "preview_morning": "desk.trading.preparation",
    "runs": "desk.lookback.listing",
    "session_pnl": "desk.trading.portfolio.pnl",
    "span_pnl": "desk.trading.portfolio.pnl",
    "tax_estimate": "desk.trading.portfolio.tax",
    # Research
    "Cluster": "research.sweep.cluster",
    "backtest_page": "desk.past.study",
    "combine_groups": "research.combinations",
    "evaluate_groups": "research.combinations",
    "explain_decision": "desk.past.explain",
    "feature": "signals.language.registry",
    "lab": "desk.lab.lab",
    "make_group": "decide.groups",
    "promote": "desk.promotion.promotion",
    "run_backtest": "desk.past.backtests",
    "scan": "research.scan",
    "try_groups": "desk.past.backtests",
    # What is shown and kept
    "MorningPage": "reports.render.page",
    "QualityPage": "reports.render.quality_page",
    "ReviewPage": "reports.render.review_page",
    "certificate_table": "reports.render.research.research",
    "check_injected": "runs.notebook.parameters",
    "glue": "runs.notebook.scraps",
    "metrics_table": "reports.render.research.research",
    "returns_chart": "reports.render.money.curves",
    "short_errors": "base.scripts",
    "text_of": "reports.render.parts.figures",
    "words_of": "desk.day.publishing.page",
    "write_files": "reports.render.outgoing.files",
}
"""Where each public name is defined."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = import_module(f"{__name__}.{_PLACES[name]}")
    if name in globals():  # `runs`: the room of that name, which can be called
        return globals()[name]
    found = getattr(place, name, None) or import_module(f"{place.__name__}.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(_PLACES)
