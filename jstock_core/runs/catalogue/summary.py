"""A run in a few values, as lists show it, and the runs of a trade date together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.runs.catalogue.reading import DamagedRun
from jstock_core.runs.latest import REPORT
from jstock_core.runs.manifest import FILE, RunManifest, RunStatus

DAMAGED = "damaged"
"""The status of a run whose manifest cannot be read."""

ORDERS = "orders.csv"
SECTION = "section "
"""Before the name of a section of the page among the timings of a run."""


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """A run as lists show it; what its headline does not say is None or empty.

    `status` is that of the run, or "damaged". `finished` is JST to the minute. `session` is D, which
    `day_pnl` is of; `equity`, `cash` and `day_pnl` are yen. `excess_pct` is the return since the desk began
    less that of TOPIX, in percentage points. `seconds` are those of its steps together, `fetched` the rows of
    market data that came for it. `files` are those that a list links to.
    """

    trade_date: date
    run_id: str
    status: str
    finished: str = ""
    intent: str = ""
    rehearsal: bool = False
    simulated: bool = False
    historical: bool = False
    error: str = ""
    files: tuple[str, ...] = ()
    session: date | None = None
    orders: int | None = None
    buys: int | None = None
    sells: int | None = None
    unknown: int | None = None
    day_pnl: int | None = None
    equity: int | None = None
    total_return_pct: float | None = None
    excess_pct: float | None = None
    alerts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float | None = None
    fetched: int | None = None

    @property
    def signals(self) -> int | None:
        """How many stocks were to be bought or sold."""
        return None if self.buys is None or self.sells is None else self.buys + self.sells

    @property
    def day_pct(self) -> float | None:
        """What the session won or lost, in percent of the equity before it."""
        if self.day_pnl is None or self.equity is None or self.equity <= self.day_pnl:
            return None
        return 100 * self.day_pnl / (self.equity - self.day_pnl)

    @property
    def is_good(self) -> bool:
        """Whether it made a report of decisions: complete or degraded, rehearsed or not."""
        return self.status in (RunStatus.OK, RunStatus.DEGRADED)

    @property
    def counts(self) -> bool:
        """Whether its numbers are those of the desk: it is good, and no rehearsal."""
        return self.is_good and not self.rehearsal

    @property
    def marks(self) -> tuple[str, ...]:
        """The words to be shown beside it."""
        return tuple(word for word in ("rehearsal", "simulated", "historical") if getattr(self, word))

    @property
    def page(self) -> str:
        """The file to open: the report, else the manifest."""
        return REPORT if REPORT in self.files else FILE

    @property
    def folder(self) -> str:
        """Where it lies in the runs folder."""
        return f"{self.trade_date}/{self.run_id}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**plain_json(self), "signals": self.signals}


def summarize(entry: RunManifest | DamagedRun) -> RunSummary:
    """A run in a few values; values of its headline that have another type than expected are left out."""
    if isinstance(entry, DamagedRun):
        day = date.fromisoformat(entry.folder.parent.name)
        return RunSummary(
            trade_date=day, run_id=entry.folder.name, status=DAMAGED, error=entry.reason, files=(FILE,)
        )
    headline = entry.headline
    return RunSummary(
        trade_date=entry.trade_date,
        run_id=entry.run_id,
        status=str(entry.status),
        finished=f"{entry.finished.jst:%Y-%m-%d %H:%M}",
        intent=_text(headline, "intent") or _text(entry.parameters, "intent"),
        rehearsal=entry.rehearsal,
        simulated=entry.simulated,
        historical=entry.historical,
        error=entry.error or "",
        files=tuple(name for name in (REPORT, ORDERS) if name in entry.files),
        session=_day(headline, "evaluated"),
        **{name: _whole(headline, name) for name in _WHOLE},
        total_return_pct=_real(headline, "total_return_pct"),
        excess_pct=_excess(headline),
        alerts=_texts(headline, "alerts"),
        warnings=_texts(headline, "warnings"),
        seconds=_seconds(entry.timings),
        fetched=_fetched(entry.metrics),
    )


def _seconds(timings: Mapping[str, float]) -> float | None:
    """The seconds of the steps, of which the sections of the page are a part."""
    steps = [each for name, each in timings.items() if not name.startswith(SECTION)]
    return round(sum(steps), 3) if steps else None


def _fetched(metrics: Mapping[str, int]) -> int | None:
    """The rows that came; None of a run that did not count them."""
    return sum(n for name, n in metrics.items() if name.startswith("fetched.")) if metrics else None


_WHOLE = ("orders", "buys", "sells", "unknown", "day_pnl", "equity")


@dataclass(frozen=True)
class TradeDay:
    """The runs of a trade date: the one that `leads`, which `latest` names, and all of them, newest first."""

    lead: RunSummary
    runs: tuple[RunSummary, ...]

    @property
    def trade_date(self) -> date:
        """The session that its orders were for."""
        return self.lead.trade_date

    @property
    def reruns(self) -> tuple[RunSummary, ...]:
        """The other runs, newest first."""
        return tuple(run for run in self.runs if run is not self.lead)

    def as_json(self) -> dict[str, Any]:
        """The leading run, and the ids of all."""
        return {**self.lead.as_json(), "runs": [run.run_id for run in self.runs]}


def trade_day(runs: Iterable[RunSummary], latest: str) -> TradeDay:
    """The runs of one trade date together, where `latest` names the newest good one, "" for none."""
    newest_first = tuple(sorted(runs, key=lambda run: run.run_id, reverse=True))
    named = (run for run in newest_first if run.run_id == latest)
    return TradeDay(next(named, newest_first[0]), newest_first)


def _text(headline: Mapping[str, Any], name: str) -> str:
    value = headline.get(name)
    return value if isinstance(value, str) else ""


def _texts(headline: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = headline.get(name)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _whole(headline: Mapping[str, Any], name: str) -> int | None:
    value = headline.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _real(headline: Mapping[str, Any], name: str) -> float | None:
    value = headline.get(name)
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if fits and value is not None else None


def _excess(headline: Mapping[str, Any]) -> float | None:
    own, benchmark = _real(headline, "total_return_pct"), _real(headline, "topix_return_pct")
    return None if own is None or benchmark is None else own - benchmark


def _day(headline: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(_text(headline, name))
    except ValueError:
        return None
