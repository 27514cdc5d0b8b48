"""What a source of market data offers.

Tables have the columns and units of J-Quants V2 (jpx-jquants.com/en/spec), codes in five characters:

- `master`: Code CoName S33Nm ScaleCat Mkt MktNm ProdCat, and Unit (shares) and LastDay (the last
  session before a delisting) where the provider knows them
- `bars`: Date Code O H L C Vo Va AdjFactor, and ExRT and MktCap (million yen) where the provider knows them,
  unadjusted; a session without a trade is a row of nulls: a held stock without any row is taken for one that
  is not traded any more
- `topix`: Date O H L C, and TR, its level with dividends (配当込み), where the provider knows it
- `flows`: PubDate StDate EnDate Section and {investor}{Sell,Buy,Tot,Bal} in thousand yen
- `statements`: DiscDate DiscTime Code DiscNo DocType CurPerType CurPerEn CurFYEn Sales OP OdP NP FSales ...,
  as text, "" where not set
- `earnings`: PubDate SchDate Code, and FQName and FYE (the fiscal period) where the provider knows them
- `actions`: PubDate Code ExDate AdjFactor, and ExRT where it is known, announced ex-dates (jstock's own;
  J-Quants has no such table)
- `dividends`: PubDate PubTime Code RefNo StatCode DivRate ExDate PayDate, and CARefNo FRCode IFCode IFTerm
  DistAmt DeemDiv DeemCapGains where the provider knows them, as text, "-" or "" where not decided; no rows
  where it has none
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from jstock_core.base.contain import call_plugin
from jstock_core.base.errors import DataError, JstockError, error_reason
from jstock_core.base.secrets.secret import Secret

if TYPE_CHECKING:
    import pyarrow as pa

DATASETS = ("master", "bars", "topix", "flows", "statements", "earnings", "actions", "dividends")


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a provider can do. Code asks these values, never which provider it is.

    `live`: the bars of a session come in time for the next morning. A desk on a provider that lags (a plan
    that delivers twelve weeks late) must be declared historical.
    `fetches`: rows can be asked for at any time; else they only come by `jstock data import`.
    `simulated`: the numbers are made up; everything that shows them says so.
    `seeds_history`: a new desk is given an invented history.
    `reproducible`: the same rows can be fetched again, so that a copy of a desk needs no copy of its data.
    `lacks`: the data sets that it never delivers; what would use them is neutral.
    """

    live: bool
    fetches: bool
    simulated: bool = False
    seeds_history: bool = False
    reproducible: bool = False
    lacks: tuple[str, ...] = ()


class Provider(Protocol):
    """A source of market data. `id` binds a journal to it: "simulated-1-7", "files", "jquants".

    One that `params/desk.yaml` can name is a class made with `jstock_core.base.params.declare`: its fields
    are the settings under `provider`, beside `use`. Third parties name theirs in the entry-point group
    `jstock.providers`.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What it can do: of its class, or of its settings (as of a plan that lags)."""

    @property
    def id(self) -> str:
        """What the journal is bound to; changes when the same dates would give other numbers."""

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        """Rows of a data set that became public by `now` (aware).

        With `after`, only rows whose first date column (Date, PubDate, DiscDate) is later than it; `master`
        ignores it.
        The table has all columns of the data set even when it has no rows.
        """


class FetchEstimate(Protocol):
    """What a fetch takes at least: requests by data set, and seconds at the provider's limits."""

    @property
    def requests(self) -> Mapping[str, int]:
        """Requests by data set."""

    @property
    def seconds(self) -> float:
        """Seconds, sent as fast as the limits allow."""


@runtime_checkable
class Estimates(Protocol):
    """A provider that can tell what a fetch takes before it starts."""

    def estimate(self, after: date | None, now: datetime) -> FetchEstimate:
        """What a fetch of every data set takes at least, of the rows that `Provider.fetch` would bring."""


@dataclass(frozen=True)
class Discovery:
    """What a provider found out for a new desk: its settings, codes to begin with, and what to know."""

    settings: Mapping[str, Any]
    codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING_FOUND = Discovery({})
"""For providers that find out nothing."""


@runtime_checkable
class Discovers(Protocol):
    """A class of providers that finds out its own settings, so that `jstock init` need not ask for them."""

    def discover(self, now: datetime) -> Discovery:
        """Ask the source; the desk is made only afterwards. A class method of the provider.

        Raises:
            JstockError: the source does not answer, or the key to it is missing or wrong.

        """


@dataclass(frozen=True)
class Subscription:
    """What a desk pays for: its plan, where the key comes from, and what a person must keep in mind."""

    plan: str
    key_from: str
    note: str = ""


@runtime_checkable
class Subscribes(Protocol):
    """A provider whose rows are paid for, by a plan that ends and a key."""

    def subscription(self) -> Subscription:
        """The plan and the key, without asking anybody.

        Raises:
            ParamsError: there is no key, or it cannot be one.

        """


@runtime_checkable
class Imports(Protocol):
    """A provider whose rows come from files that somebody has."""

    def read_files(self, place: Path, code: str) -> FileProvider:
        """What a folder or a file delivers; `code` is the stock of a file that does not say it.

        Raises:
            DataError: a file cannot be read.

        """


class FileProvider(Provider, Protocol):
    """What files deliver, read as a whole, and what is to be known of them."""

    @property
    def passed_over(self) -> Mapping[str, str]:
        """The files that were not read, and why."""

    @property
    def adjusted(self) -> tuple[str, ...]:
        """The files that say that their prices are adjusted for splits."""


@dataclass(frozen=True)
class ChangedSpan:
    """Days of a data set that a source says it changed, and when; its rows may have been corrected."""

    dataset: str
    first: date
    last: date
    modified: datetime


@runtime_checkable
class ReportsChanges(Protocol):
    """A provider whose source tells which days it changed when: the cheapest way to notice corrections."""

    def changed_since(self, since: datetime, now: datetime) -> tuple[ChangedSpan, ...]:
        """The days changed after `since` (aware), whether or not anything in them differs.

        Raises:
            JstockError: the source does not answer.

        """


@runtime_checkable
class HoldsSecrets(Protocol):
    """A provider that has a key to its source: nothing that is published may hold it."""

    def secrets(self) -> Mapping[str, Secret]:
        """Its secrets by what they are called; none that is not set, and no error."""


def fetch_from(provider: Provider, dataset: str, after: date | None, now: datetime) -> pa.Table:
    """The rows of a provider, which may be a third party's.

    Raises:
        PlugInError: it ended the process, or printed.
        DataError: it raised anything else.

    """
    called = f'the provider "{provider.id}"'
    try:
        return call_plugin(called, lambda: provider.fetch(dataset, after, now))
    except JstockError:
        raise
    except Exception as error:
        do = "run the same command again; if it fails again, repair the provider"
        raise DataError(f"{called} cannot fetch {dataset}: {error_reason(error)}", do=do) from error
