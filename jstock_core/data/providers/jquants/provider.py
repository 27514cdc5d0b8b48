"""J-Quants as a provider: its settings, what it can do on a plan, and rows when they are asked for."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from jstock_core.base.clock import JST
from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.params import declare
from jstock_core.base.secrets.secret import Secret
from jstock_core.base.words import plural
from jstock_core.data.providers.jquants.endpoints import ENDPOINTS, lacking
from jstock_core.data.providers.jquants.keys import find_key
from jstock_core.data.providers.jquants.limits import RequestClock
from jstock_core.data.providers.jquants.plans import FREE, PLANS, DataPlan
from jstock_core.data.providers.protocol import DATASETS, Capabilities, ChangedSpan, Discovery, Subscription
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.codes import parse_code, to_jquants

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "jquants"
CLOCK = RequestClock()
"""The clock of requests; tests put one in its place that does not sleep."""

_WITHOUT = {
    "topix": "no TOPIX: nothing is compared with a benchmark",
    "flows": "no investor flows: their part of the scores is neutral",
    "earnings": "no earnings dates: no stock is kept from entry before its earnings",
    "dividends": "no dividends: they are typed in when they are paid",
}
"""What the desk does without a data set that a plan lacks."""


@declare
class JQuants:
    """J-Quants API V2 as a `Provider`. The key is no setting: see `keys`.

    `plan` is the key's; `history_years` is how far back the first fetch goes, at most as far as the plan.
    `codes` are the only stocks to fetch, none for the whole market. `topix_with_dividends` is the code of the
    dividend-included TOPIX among J-Quants' indices (Standard and above), "" where it is not wanted.
    """

    plan: Literal["free", "light", "standard", "premium"]
    history_years: int = Field(default=2, ge=1, le=20)
    codes: list[str] = Field(default_factory=list)
    topix_with_dividends: str = ""

    @property
    def id(self) -> str:
        """The same for all plans: a desk goes on where its owner takes another one."""
        return NAME

    def secrets(self) -> dict[str, Secret]:
        """The API key, where one is set."""
        try:
            return {"the J-Quants API key": find_key()}
        except ParamsError:
            return {}

    @property
    def capabilities(self) -> Capabilities:
        """On the Free plan bars come twelve weeks late."""
        return Capabilities(live=self._plan.live, fetches=True, lacks=lacking(self._plan))

    @property
    def _plan(self) -> DataPlan:
        return PLANS[self.plan]

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        """As `Provider.fetch`, with the columns of J-Quants beyond those of the data set after them.

        Raises:
            UsageError: an unknown data set. ParamsError: no key. DataError: no sound answer came.

        """
        if dataset not in DATASETS:
            raise UsageError(f'"{dataset}" is not a data set', do=f"give one of {', '.join(DATASETS)}")
        # pyarrow, NumPy and the network: a desk whose data are stored opens without them.
        fetching, client = _modules("fetching", "client")
        wanted = self._wanted(now)
        if dataset not in ENDPOINTS or dataset in lacking(self._plan):
            return DATA_SETS[dataset].empty()
        with client.open_client(find_key(), self._plan, clock=CLOCK) as asking:
            return fetching.fetch_dataset(asking, wanted, dataset, after, now)

    def estimate(self, after: date | None, now: datetime) -> Any:
        """What a fetch of every data set takes at least: an `Estimate` of requests and seconds."""
        (fetching,) = _modules("fetching")
        return fetching.estimate_fetch(self._wanted(now), after, now)

    def subscription(self) -> Subscription:
        """The plan and where the key is; keys do not expire, plans do.

        Raises:
            ParamsError: no key.

        """
        note = (
            "the Free plan ends by itself after a year, and must be applied for again"
            if self._plan is FREE
            else "a plan ends where its payment fails: nothing tells when the card expires"
        )
        return Subscription(self.plan, find_key().source, note)

    def changed_since(self, since: datetime, now: datetime) -> tuple[ChangedSpan, ...]:
        """The days that J-Quants changed, by its files of history; none on the Free plan, which has no files.

        Raises:
            ParamsError: no key. DataError: no sound answer came.

        """
        fetching, client = _modules("fetching", "client")
        with client.open_client(find_key(), self._plan, clock=CLOCK) as asking:
            found: tuple[ChangedSpan, ...] = fetching.find_changes(
                asking, self._plan, since, now.astimezone(JST).date()
            )
        return found

    def _wanted(self, now: datetime) -> Any:
        (fetching,) = _modules("fetching")
        today = now.astimezone(JST).date()
        years = min(self.history_years, self._plan.years)
        newest = self._plan.last_day(today)
        start = newest.replace(year=newest.year - years, day=min(newest.day, 28))
        codes = tuple(to_jquants(parse_code(code)) for code in self.codes)
        return fetching.Wanted(self._plan, start, codes, self.topix_with_dividends)

    @classmethod
    def discover(cls, now: datetime) -> Discovery:
        """Find out the plan of the key, for a new desk.

        Raises:
            ParamsError: no key. DataError: J-Quants does not know it, or gave no sound answer.

        """
        client, probe = _modules("client", "probe")
        with client.open_client(find_key(), FREE, clock=CLOCK) as asking:
            found = probe.probe_plan(asking, now.astimezone(JST).date())
        settings: dict[str, Any] = {"plan": found.plan.name}
        if found.plan is FREE:
            settings["codes"] = list(found.codes)
        first = cls(**settings).estimate(None, now)
        takes = f"the first fetch takes {_span(first.seconds)} or more, for {first.total} requests"
        return Discovery(settings, found.codes, (*_describe(found.plan, len(found.codes)), takes))


def _describe(plan: DataPlan, codes: int) -> list[str]:
    """What a new desk's owner should know of the plan."""
    years = plural(plan.years, "year")
    said = [f"the key has the plan {plan.name}: {plan.per_minute} requests a minute, {years} of history"]
    said += [f"it has {_WITHOUT[name]}" for name in lacking(plan)]
    if not plan.live:
        said += [
            "its data are twelve weeks old, so the desk is historical: none of its orders can be placed",
            f"it has no files of history: `codes` in params/desk.yaml names {plural(codes, 'stock')}",
        ]
    return said if not codes else [*said, f"{plural(codes, 'large stock')} to watch: data/monitor_list.json"]


def _span(seconds: float) -> str:
    return plural(round(seconds / 60), "minute") if seconds >= 60 else "less than a minute"


def _modules(*names: str) -> list[Any]:
    return [import_module(f"{__package__}.{name}") for name in names]
