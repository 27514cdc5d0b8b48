"""The journal checked from its first event on: chain, invariants, cached book, views and backups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.base.limits import parse_json, read_file
from jstock_core.base.words import plural, yen
from jstock_core.data.store.load import load_panel
from jstock_core.desk.care.backups import BackupEntry, list_backups
from jstock_core.desk.workspace.checks.splits import open_split_differences
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.views import VIEWS
from jstock_core.execution.dividend_checks import (
    describe_dividend,
    dividend_command,
    dividend_differences,
)
from jstock_core.execution.dividends import expected_dividends
from jstock_core.execution.splits import describe_difference, mending_command
from jstock_core.state.book.book import replay
from jstock_core.state.book.overdrafts import Overdraft, find_overdrafts
from jstock_core.state.journal.backups import inspect_backups
from jstock_core.state.journal.in_force.corrections import reversed_ids
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.verify import find_faults
from jstock_core.state.views.views import production_state, trade_history

_DERIVED = ("last_updated", "peak_price")
"""Keys of the views that prices or the clock decide, not the journal."""


@dataclass(frozen=True)
class DividendStanding:
    """Dividends of a journal: how many of how many yen are `received`, and what else the market data tells.

    `expected` are those earned and not paid yet, with the yen that are known of them. `differences` are those
    that are missing, or recorded otherwise than announced, each with the command that settles it.
    """

    received: int
    received_yen: int
    expected: int
    expected_yen: int
    differences: tuple[str, ...]

    @property
    def text(self) -> str:
        """'3 dividends received, ¥12,345; 1 expected, ¥2,000; 1 differs from the market data'."""
        amount = f", {yen(self.received_yen)}" if self.received else ""
        said = [f"{plural(self.received, 'dividend')} received{amount}"]
        if self.expected:
            said.append(f"{self.expected:,} expected, {yen(self.expected_yen)}")
        if self.differences:
            count = len(self.differences)
            said.append(f"{count:,} {'differs' if count == 1 else 'differ'} from the market data")
        return "; ".join(said)


@dataclass(frozen=True)
class Verification:
    """What a verification found: how many events, how many `in_force`, the `last` hash, and the faults.

    `dividends` says how they stand beside the market data, which is no fault of the journal; nor are
    `overdrafts`, cash below 0 that no purchase brought about.
    """

    events: int
    in_force: int
    last: str | None
    faults: tuple[str, ...]
    backups: tuple[BackupEntry, ...]
    dividends: DividendStanding
    overdrafts: tuple[Overdraft, ...] = ()

    @property
    def exit(self) -> ExitStatus:
        """The exit status of the command that verified."""
        return ExitStatus.STATE if self.faults else ExitStatus.OK

    @property
    def summary(self) -> str:
        """How many events there are, in a sentence; where there are none, what brings some."""
        if self.events:
            return f"{self.events:,} events, each following from the one before; {self.in_force:,} in force"
        lost = any(backup.events for backup in self.backups)
        do = "`jstock state restore` brings back a backup" if lost else "`jstock daily` begins it"
        return f"nothing to verify: the journal has no events yet; {do}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self) | {
            "faults": list(self.faults),
            "overdrafts": [each.text for each in self.overdrafts],
            "backups": [backup.as_json() for backup in self.backups],
        }


def verify_journal(desk: Desk) -> Verification:
    """Replay the journal from its first event and compare book, views and backups with it.

    Raises:
        StateError: the journal is damaged; file and place are named.

    """
    with desk.hold("a verification"):
        journal = desk.journal()
        records = journal.records()
        found = (
            *find_faults(journal.events(), margin=desk.settings.margin),
            *_cache_faults(desk, journal),
            *_view_faults(desk, journal),
            *_split_faults(desk, journal),
            *(fault for p in desk.backup_places for _, damage in inspect_backups(p) for fault in damage),
        )
        return Verification(
            events=len(records),
            in_force=len(journal.events()),
            last=records[-1].hash if records else None,
            faults=found,
            backups=list_backups(desk),
            dividends=_dividends(desk, journal),
            overdrafts=() if desk.settings.margin else find_overdrafts(replay(journal.events())),
        )


def _cache_faults(desk: Desk, journal: Journal) -> Iterator[str]:
    """The cached book where it claims to be the journal's last and is not, which would be a defect."""
    if journal.cached_book() not in (None, replay(journal.events())):
        cache = desk.workspace.journal.with_suffix(".book")
        yield f"{cache} differs from the journal: delete it, and report a defect of jstock"


def _view_faults(desk: Desk, journal: Journal) -> Iterator[str]:
    """The views that differ from the journal. Peaks come from prices, and the time of writing is left out."""
    if not journal.events():
        return
    names = {group.id: group.name for group in desk.groups}
    book = journal.book()
    expected = (production_state(book, {}, "", names), trade_history(journal.events(), book))
    for name, data in zip(VIEWS, expected, strict=True):
        path = desk.workspace.state / name
        if _without_derived(_read(path)) != _without_derived(data):
            yield f"{path} differs from the journal; the next run writes it again"


def _split_faults(desk: Desk, journal: Journal) -> Iterator[str]:
    """Held lots whose splits are not those of the market data; without market data nothing is compared."""
    try:
        panel = load_panel(desk.store, units=desk.settings.trading_units)
    except DataError:
        return
    for difference in open_split_differences(replay(journal.events()), panel.known_at(desk.now())):
        if not difference.is_known_by_hand:
            yield f"{describe_difference(difference)}; {mending_command(difference)}"


def _dividends(desk: Desk, journal: Journal) -> DividendStanding:
    """How dividends stand; without market data only what was received is known."""
    book = replay(journal.events())
    received = [event.amount for group in book.groups.values() for event in group.received]
    try:
        panel = load_panel(desk.store, units=desk.settings.trading_units).known_at(desk.now())
    except DataError:
        return DividendStanding(len(received), sum(received), 0, 0, ())
    if not len(panel.sessions):
        return DividendStanding(len(received), sum(received), 0, 0, ())
    row, taken_back = len(panel.sessions) - 1, reversed_ids(journal.history())
    expected = expected_dividends(book, panel, panel.session(row))
    differences = dividend_differences(book, panel, row, taken_back)
    return DividendStanding(
        len(received),
        sum(received),
        len(expected),
        sum(claim.amount or 0 for claim in expected),
        tuple(f"{describe_dividend(each)}; {dividend_command(each)}" for each in differences),
    )


def _read(path: Path) -> Any:
    try:
        return parse_json(read_file(path))
    except (OSError, ValueError):
        return None


def _without_derived(view: Any) -> Any:
    match view:
        case dict():
            return {key: _without_derived(item) for key, item in view.items() if key not in _DERIVED}
        case list():
            return [_without_derived(item) for item in view]
        case _:
            return view
