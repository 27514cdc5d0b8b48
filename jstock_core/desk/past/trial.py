"""A backtest as tables, charts and a card; and why it did what it did on a morning."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.arguments import require_whole
from jstock_core.base.errors import UsageError
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Tick, silent
from jstock_core.base.words import number, pct
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given.late import LateByDate
from jstock_core.decide.gone import untended_morning
from jstock_core.decide.groups import Group, fill_on_paper
from jstock_core.decide.morning import DecisionRecord
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.past.comparison import Comparison
from jstock_core.desk.past.trial_files import write_tables
from jstock_core.desk.past.trial_sheet import make_sheet
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow, strategy_digest
from jstock_core.desk.trials.tally import TrialTally, tally_trials
from jstock_core.desk.workspace.dates import parse_span
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.desk.workspace.names import select_code
from jstock_core.explain.cases import find_cases
from jstock_core.explain.explain import Explanation, Inquiry
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.reports.build.decisions.paths import stock_path
from jstock_core.reports.model.lab.lab import TrialSheet
from jstock_core.reports.render.explanation import ExplanationPage
from jstock_core.reports.render.lab.stock import fills_chart
from jstock_core.reports.render.lab.trial import returns_plot, trial_card
from jstock_core.reports.render.parts.table import Bundle, Display
from jstock_core.reports.render.research.luck import LuckCard
from jstock_core.research.backtest import Backtest, span
from jstock_core.research.frames.cash import cash_frame
from jstock_core.research.frames.trials import (
    TradeKey,
    equity_frame,
    main_name,
    metrics_frame,
    orders_frame,
    positions_frame,
    sum_trades,
    trades_frame,
)
from jstock_core.research.proof import SAMPLE, MorningsProof, prove_mornings
from jstock_core.research.records import measure_groups
from jstock_core.research.sweep.cluster import Workers
from jstock_core.research.ties import SEEDS, tie_luck
from jstock_core.research.watch import Watch
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import replay

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Trial:
    """A backtest, and the market it ran on, as it is stored.

    `desk` has the costs that were in force, `late_on` is what was late on mornings that the desk lived.
    `proof` is None where no morning was decided again, `tally` where nobody counted it among the trials.
    """

    desk: Desk = field(repr=False)
    done: Backtest
    market: Panel
    proof: MorningsProof | None = None
    late_on: LateByDate = field(default_factory=dict, repr=False)
    tally: TrialTally | None = None

    @cached_property
    def panel(self) -> Panel:
        """The market as known on the morning after the last session: no later bar, and no later split."""
        return self.market.known_at(decision_time(tse().next(self.done.last)))

    @cached_property
    def comparison(self) -> Comparison:
        """The metrics of each group beside TOPIX."""
        return Comparison.of(self.desk, self.done, self.market, self.proof, self.tally)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that were tried."""
        return self.done.groups

    @property
    def conditions(self) -> Conditions:
        """What its groups shared."""
        return desk_conditions(self.desk, self.late_on)

    @property
    def universes(self) -> UniverseHistory:
        """What was monitored when."""
        return UniverseHistory.read(self.desk.workspace, self.desk.monitored)

    @property
    def equity(self) -> pd.DataFrame:
        """Equity, returns and drawdown by group and session, beside TOPIX; see `equity_frame`."""
        return equity_frame(self.done, self.panel)

    @property
    def trades(self) -> pd.DataFrame:
        """Lots that were sold, one row each; see `trades_frame`."""
        return trades_frame(self.done, self.panel)

    @property
    def orders(self) -> pd.DataFrame:
        """Orders and what became of them; see `orders_frame`."""
        return orders_frame(self.done, self.panel)

    @property
    def positions(self) -> pd.DataFrame:
        """Lots held after the last session; see `positions_frame`."""
        return positions_frame(self.done, self.panel)

    @property
    def cash(self) -> pd.DataFrame:
        """Every movement of cash, one row each; see `cash_frame`."""
        return cash_frame(self.done, self.panel)

    @property
    def metrics(self) -> pd.DataFrame:
        """Every metric by group, and TOPIX; see `metrics_frame`."""
        return metrics_frame(self.comparison.records)

    def by(self, key: TradeKey) -> pd.DataFrame:
        """Sum the trades by "layer", "sector", "code", "group", "year" or "month"; see `sum_trades`.

        Raises:
            UsageError: trades are not summed by that.

        """
        return sum_trades(self.trades, key)

    @cached_property
    def view(self) -> View:
        """Every morning of the trial on its market, as `backtest` ran it."""
        return span(self.market, trusted_features(self.market), self.done.first, self.done.last)

    @property
    def watch(self) -> Watch:
        """What its mornings shared, and what was monitored on each."""
        return Watch.of(self.view, self.conditions, self.universes.codes_on)

    def luck(self, seeds: int | None = None, tick: Tick = silent, *, workers: Workers = 1) -> LuckCard:
        """Run it again with candidates of equal score in so many random orders, 200; see `tie_luck`.

        `workers` share it: processes, or those of a `Cluster` (see `repeat_run`).

        Raises:
            UsageError: `seeds` is not from 1 to 10,000, `workers` under 1, or the cluster cannot be used.

        """
        orders = SEEDS
        if seeds is not None:
            orders = range(require_whole(seeds, "the number of random orders", 1, 10_000))
        return LuckCard(tie_luck(self.done, self.view, self.watch, orders, tick, workers), self.desk.marks)

    def to_csv(self, folder: str | Path) -> tuple[Path, ...]:
        """Write equity, trades, orders, positions, cash and metrics as CSV files into a folder.

        Raises:
            WriteError: it cannot be written.

        """
        names = ("equity", "trades", "orders", "positions", "cash")
        named = {name: getattr(self, name) for name in names}
        return write_tables({**named, "metrics": self.metrics.reset_index()}, folder)

    def count(self, ledger: TrialLedger) -> Trial:
        """Count each of its groups among the trials of a workspace.

        Raises:
            StateError: the trial ledger is damaged.

        """
        return replace(self, tally=tally_trials(ledger, _trial_rows(self)))

    def prove(self, sample: int = SAMPLE) -> Trial:
        """Decide a sample of the mornings again from what was known then, in another process."""
        return replace(self, proof=prove_trial(self, sample))

    def plot(self) -> Display:
        """Draw the return of each group, and of all together, beside TOPIX."""
        return returns_plot(self.sheet)

    def chart(self, code: str, first: str | date = "", last: str | date = "") -> Display:
        """Draw the candles of a stock with what was bought and sold, its stop while held, and its score.

        At most 120 sessions: of a longer span the last ones, and without any span those up to some weeks
        after the last fill.

        Raises:
            UsageError: the code is unknown, or a date malformed.

        """
        wanted, given = select_code(code, self.panel.codes), parse_span(first, last)
        seen = partial(stock_path, self.done, self.view, wanted)
        return fills_chart(self.done, self.panel, wanted, given, " ".join(self.desk.marks), seen)

    def explain(self, code: str, day: str | date) -> ExplanationPage:
        """Explain why a stock was bought, held, sold or left alone on the morning of a trade date.

        Raises:
            UsageError: the code is unknown, or the trial has no such trade date.

        """
        found = _explain(self, select_code(code, self.panel.codes), _day(day))
        return ExplanationPage(found, self.desk.marks)

    @cached_property
    def sheet(self) -> TrialSheet:
        """What the card shows, as values."""
        return make_sheet(self.desk, self.done, self.comparison, self.equity)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return trial_card(self.sheet)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was tried and what came out."""
        names = ", ".join(group.id for group in self.groups)
        record = self.comparison.records[main_name(self.comparison.records)]
        total, sharpe = record.own.total_return, record.own.sharpe
        figures = f"return {pct(None if total is None else 100 * total, 2)}, Sharpe {number(sharpe)}"
        return f"<Trial of {names}, {self.done.first} to {self.done.last}: {figures}>"


def prove_trial(trial: Trial, sample: int) -> MorningsProof:
    """Decide a sample of a trial's mornings again, as `prove_mornings`."""
    codes_on = trial.universes.codes_on
    return prove_mornings(trial.done, trial.market, trial.conditions, codes_on, sample=sample)


def _trial_rows(trial: Trial) -> list[TrialRow]:
    measured, span = measure_groups(trial.done, trial.market), (trial.done.first, trial.done.last)
    return [
        TrialRow.of(
            "backtest",
            group.id,
            strategy_digest(group.declared, group.rules),
            span,
            measured[group.id].returns,
            trial.desk.clock(),
        )
        for group in trial.groups
    ]


def _day(day: str | date) -> date:
    first, last = parse_span(day, day)
    if first is None or first != last:
        raise UsageError(f'"{day}" is not a date', do="write it as 2026-01-21")
    return first


def _explain(trial: Trial, code: str, day: date) -> Explanation:
    """The morning decided again, with its reasons, on the book that it found."""
    done, dates = trial.done, tse().between(trial.done.first, trial.done.last)
    if day not in dates:
        raise UsageError(
            f"{day} is no trade date of this trial",
            where=f"it has those from {done.first} to {done.last}",
            do="give one of them",
        )
    before = done.events[: done.starts[dates.index(day)]]
    known = trial.market.known_at(decision_time(day))
    view = span(known, trusted_features(known), day, day)
    monitored = trial.universes.codes_on(tse().previous(day))
    conditions = replace(trial.conditions, monitored=monitored)
    groups = fill_on_paper(done.groups)
    record = DecisionRecord(provenance={"groups": {group.id: dict(group.declared) for group in groups}})
    step = untended_morning(replay(before), view, 0, groups, conditions, record)
    cases = find_cases((*before, *step.events), day, groups)
    return Inquiry(view, 0, cases, conditions, Intent.REHEARSE).explain(code)
