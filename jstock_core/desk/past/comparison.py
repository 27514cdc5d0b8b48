"""A backtest measured: each group and the whole beside TOPIX, and what the figures stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jstock_core.base.errors import ExitStatus
from jstock_core.base.plain import plain_json
from jstock_core.base.words import number, pct, plural, yen
from jstock_core.desk.day.certificates import UnprovenRule, unproven_rules, varied_rules
from jstock_core.desk.day.history import desk_conditions
from jstock_core.desk.trials.tally import TrialTally
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.reports.render.lab.results.measured import records_card
from jstock_core.reports.render.parts.table import Bundle
from jstock_core.research.backtest import Backtest
from jstock_core.research.coverage import Coverage, TradeSummary, measure_coverage, summarise_trades
from jstock_core.research.frames.trials import main_name
from jstock_core.research.no_trades import explain_no_trades
from jstock_core.research.performance import BenchmarkSpan, TrackRecord
from jstock_core.research.proof import MorningsProof
from jstock_core.research.records import measure_groups
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.state.book.overdrafts import Overdraft, find_overdrafts

SHOWN = 5
"""Sessions without TOPIX that a note lists."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """The track records of a backtest's groups and of the whole, by name; TOPIX is their benchmark.

    `trades` are by group; `costs` says which were in force, from which day; `unproven` are the rules without
    a certificate that holds, `varied` those of them that the desk's groups declare otherwise or not at all;
    `silent` says why a group never traded, `overdrafts` whose cash was below 0;
    `proof` is None where no morning was to be decided again. `hindsight` counts the
    mornings before the first universe, which were decided on the stocks of today's list. `tally` is what the
    workspace had tried by then, None where nobody counted; `chance` judges each record by it. `marks` are
    the words of the market, as `Desk.marks`.
    """

    first: date
    last: date
    simulated: bool
    records: Mapping[str, TrackRecord]
    trades: Mapping[str, TradeSummary]
    costs: Mapping[date, str]
    coverage: Coverage
    unproven: tuple[UnprovenRule, ...]
    varied: tuple[UnprovenRule, ...] = ()
    silent: tuple[str, ...] = ()
    proof: MorningsProof | None = None
    hindsight: int = 0
    tally: TrialTally | None = field(default=None, compare=False)
    chance: Mapping[str, ChanceMeasure] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    overdrafts: tuple[Overdraft, ...] = ()

    @classmethod
    def of(
        cls,
        desk: Desk,
        done: Backtest,
        panel: Panel,
        proof: MorningsProof | None = None,
        tally: TrialTally | None = None,
    ) -> Comparison:
        """Measure every group of a desk's backtest over its sessions."""
        measured = measure_groups(done, panel)
        universes = UniverseHistory.read(desk.workspace, desk.monitored)
        days = tse().between(done.first, done.last)
        codes = {code for day in days for code in universes.codes_on(tse().previous(day))}
        return cls(
            first=done.first,
            last=done.last,
            simulated=panel.source.simulated,
            records={name: each.record for name, each in measured.items()},
            trades=summarise_trades(done),
            costs=desk.settings.costs.describe_span(done.first, done.last),
            coverage=measure_coverage(panel, done.first, done.last, codes),
            unproven=unproven_rules(desk.workspace.certificates, done.groups),
            silent=tuple(explain_no_trades(done, panel, desk_conditions(desk), universes.codes_on)),
            varied=varied_rules(desk.workspace.certificates, done.groups, desk.groups),
            proof=proof,
            hindsight=sum(not universes.covers(tse().previous(day)) for day in days),
            tally=tally,
            chance={name: tally.judge(each.returns, each.topix) for name, each in measured.items()}
            if tally
            else {},
            marks=desk.marks,
            overdrafts=() if desk.settings.margin else find_overdrafts(done.book),
        )

    @property
    def exit(self) -> ExitStatus:
        """OK, or REFUTED where a morning came out otherwise when it was decided again."""
        refuted = self.proof is not None and not self.proof.passed
        return ExitStatus.REFUTED if refuted else ExitStatus.OK

    @property
    def title(self) -> str:
        """The sessions, and whether the market is simulated."""
        return f"{self.first} to {self.last}{'  SIMULATED MARKET' if self.simulated else ''}"

    @property
    def benchmark_span(self) -> BenchmarkSpan:
        """Where TOPIX is known: all records are of the same sessions."""
        return next(iter(self.records.values())).span

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of fills, costs, data and certificates, a line each."""
        return (
            *_topix_notes(self.benchmark_span),
            *self.silent,
            *(each.text for each in self.overdrafts),
            *(_trade_note(name, trades) for name, trades in self.trades.items()),
            "costs: " + "; ".join(f"from {day} {costs}" for day, costs in self.costs.items()),
            _coverage_note(self.coverage),
            *_hindsight_notes(self.hindsight, self.coverage.mornings),
            *_certificate_notes(self.unproven, self.varied),
            *([self.proof.sentence] if self.proof else []),
            *(self.tally.notes if self.tally else ()),
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        title = f"{self.first} to {self.last}"
        shown = records_card(title, self.records, self.chance, self.notes, self.marks)
        return shown._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was measured, and what came out."""
        name = main_name(self.records)
        own = self.records[name].own
        total = pct(None if own.total_return is None else 100 * own.total_return, 2)
        return f"<Comparison {self.title}: {name} return {total}, Sharpe {number(own.sharpe)}>"

    def as_json(self) -> dict[str, Any]:
        """All metrics as plain JSON."""
        return {
            "from": str(self.first),
            "to": str(self.last),
            "simulated": self.simulated,
            "groups": {name: record.as_json() for name, record in self.records.items()},
            "topix": plain_json(self.benchmark_span),
            "trades": plain_json(self.trades),
            "overdrafts": plain_json(self.overdrafts),
            "costs": plain_json(self.costs),
            "coverage": plain_json(self.coverage),
            "unproven": plain_json(self.unproven),
            "proof": self.proof.as_json() if self.proof else None,
            "trials": self.tally.trials if self.tally else None,
            "chance": plain_json(self.chance),
        }


def _topix_notes(span: BenchmarkSpan) -> Iterator[str]:
    if span.first is None:
        yield "TOPIX is not known in these sessions: nothing is measured against it; fetch or import it"
    elif span.missing:
        some = ", ".join(map(str, span.missing[:SHOWN]))
        more = f" and {len(span.missing) - SHOWN} more" if len(span.missing) > SHOWN else ""
        yield (
            f"TOPIX is known from {span.first} to {span.last}, without {some}{more}: its returns go over"
            " these sessions; fetch or import TOPIX again"
        )


def _trade_note(name: str, trades: TradeSummary) -> str:
    fills = f"{plural(trades.fills, 'fill')} of {plural(trades.orders, 'order')}"
    return f"{name}: {fills}, {trades.policy}; traded {yen(trades.traded)}, fees {yen(trades.fees)}"


def _coverage_note(found: Coverage) -> str:
    return (
        f"data: investor flows were known on {found.with_flows} of {plural(found.mornings, 'morning')};"
        f" {found.with_statements_last} of {plural(found.stocks, 'stock')} had a statement by the last,"
        f" {found.with_statements_first} by the first"
    )


def _hindsight_notes(hindsight: int, mornings: int) -> Iterator[str]:
    if hindsight:
        yield (
            f"survivorship: {hindsight} of {plural(mornings, 'morning')} chose among the stocks of today's"
            " monitor list; those that have left the market since are not in it"
        )


def _certificate_notes(unproven: tuple[UnprovenRule, ...], varied: tuple[UnprovenRule, ...]) -> Iterator[str]:
    failed = [f"{_named(rule)} ({', '.join(rule.failed)})" for rule in unproven if rule.failed]
    missing = [rule for rule in unproven if not rule.failed]
    own = [rule for rule in missing if rule not in varied]
    if failed:
        yield f"FAILED certificates: {'; '.join(failed)}"
    if own:
        names = {rule.rule for rule in own}
        which = own[0].rule if len(names) == 1 else "--all"
        yield f"no certificate: {', '.join(map(_named, own))}; run `jstock strategies check {which}`"
    if len(missing) > len(own):
        others = ", ".join(_named(rule) for rule in missing if rule in varied)
        yield (
            f"no certificate as varied: {others}; keep the variant with `lab.save(group, NAME)`, then run"
            " `jstock params promote NAME --check --dry-run`"
        )


def _named(rule: UnprovenRule) -> str:
    return f"{rule.kind} {rule.rule} of {rule.group}"
