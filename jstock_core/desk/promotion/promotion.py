"""`js.promote`, `jstock params promote`: a candidate becomes the file of a group, with a record.

What the file declares becomes what the candidate declares; the file's comments stay. The record is written
first: a process that dies in between leaves a promotion that `history` shows as not in force, and never a
group file that nothing explains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

from jstock_core import __version__
from jstock_core.base.arguments import call_words
from jstock_core.base.durable import os_reason
from jstock_core.base.errors import StateError, UsageError, WriteError
from jstock_core.base.limits import read_utf8
from jstock_core.base.params import parse_yaml
from jstock_core.base.plain import plain_json
from jstock_core.base.progress import Say, Tick, silent
from jstock_core.decide.groups import Group, group_files, make_group
from jstock_core.desk.day.certificates import proven_rules
from jstock_core.desk.promotion.comparison import base_group, key_differences
from jstock_core.desk.promotion.evidence import PromotionEvidence, Span, gather_evidence
from jstock_core.desk.promotion.refusals import refuse_capital, require_certificates, require_promotion_reason
from jstock_core.desk.promotion.sets import ParameterSet, find_set
from jstock_core.desk.promotion.words import describe_promotion, promotion_title
from jstock_core.desk.settings.edit import edit_text, set_values, write_text
from jstock_core.desk.workspace.author import check_author, find_author
from jstock_core.desk.workspace.dates import parse_span
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.kept.promotions import Promotion, write_promotion
from jstock_core.reports.render.parts.table import Bundle
from jstock_core.reports.render.research.promotion import promotion_card
from jstock_core.research.ties import SEEDS
from jstock_core.state.facts.events import Decided, Event

ORDERS = len(SEEDS)
"""Random orders of equals that a promotion tries."""


@dataclass(frozen=True)
class PromotionResult:
    """A promotion: its record, where it lies, and the difference of the group's file, as lines.

    `path` is None where it was only tried.
    """

    promotion: Promotion
    file: Path
    path: Path | None
    diff: tuple[str, ...]
    marks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What was promoted to what."""
        return promotion_title(self.promotion, done=self.path is not None)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            **plain_json(self.promotion),
            "file": str(self.file),
            "record": None if self.path is None else str(self.path),
            "diff": list(self.diff),
            "marks": list(self.marks),
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show it in a notebook."""
        made = self.promotion
        card = promotion_card(self.title, made.changes, describe_promotion(made), self.marks)
        return card._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was promoted."""
        return f"<{self.title}>"


@dataclass(frozen=True)
class PromotionRequest:
    """What is asked for: the candidate, the group whose file it becomes ("" for the one it is of), by whom.

    A `reason` must be given, but for a `trial_run`, which writes nothing but certificates and trials. `span`
    are trade dates to backtest in sample, None for those of its trials; `orders` random orders of equals are
    tried. With `check` rules without a certificate are checked first.
    """

    candidate: str
    group: str = ""
    by: str = ""
    reason: str = ""
    span: Span | None = None
    orders: int = ORDERS
    check: bool = False
    trial_run: bool = False


def promote(
    candidate: str,
    group: str = "",
    *,
    desk: Desk | None = None,
    first: str | date = "",
    last: str | date = "",
    **options: Any,
) -> PromotionResult:
    """Let a candidate become the file of a group; of the workspace found from here where no desk is given.

    `options` are `reason` (which must be given), `by` (who promotes it, else the user), `orders` (so many
    random orders of equals are tried), `check=True` (certify its rules first) and `trial_run=True` (show
    what would be done and write nothing but certificates and trials). Without `first` and `last` the trade
    dates are those of its trials.

    Raises:
        UsageError: no reason, there is no such candidate or group, nothing differs, or it was never tried.
        ParamsError: it is not valid, a rule of it has no certificate, or it would change the group's capital.
        DataError, StateError, WriteError: see there.

    """
    with call_words(from_="first", to="last", dry_run="trial_run"):
        asked = PromotionRequest(candidate, group, span=read_span(first, last), **options)
        return promote_candidate(open_desk() if desk is None else desk, asked)


def read_span(first: str | date, last: str | date) -> Span | None:
    """The trade dates that two texts name, None where both are empty.

    Raises:
        UsageError: one is malformed, or only one is given.

    """
    start, end = parse_span(first, last)
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise UsageError("a span has two ends", do="give the first and the last trade date, or none of them")
    return start, end


def promote_candidate(
    desk: Desk, asked: PromotionRequest, say: Say = silent, tick: Tick = silent
) -> PromotionResult:
    """As `promote`, on an open desk."""
    by = check_author(asked.by, "--by") if asked.by else find_author()
    if not asked.trial_run:
        require_promotion_reason(asked.reason)
    source = find_set(desk, f"candidates/{asked.candidate}")
    id_ = asked.group or base_group(desk, source, _name_group(asked.candidate))
    group = make_group(id_, source.declared, where=str(source.path), rules=desk.rules)
    plan = _plan(desk, group, source)
    refuse_capital(desk, group)
    require_certificates(desk, group, check=asked.check, say=say)
    found = gather_evidence(desk, group, asked.span, asked.orders, say, tick)
    made = _record(desk, plan, asked, found, by)
    if asked.trial_run:
        return PromotionResult(made, plan.file, None, plan.diff, desk.marks)
    with desk.hold(f"the promotion of {asked.candidate}"):
        if _plan(desk, group, find_set(desk, f"candidates/{asked.candidate}")) != plan:
            raise UsageError(
                "the candidate or the group's file was edited while the promotion was made",
                where=str(plan.file),
                do="run it again",
            )
        return PromotionResult(made, plan.file, _write(desk, plan, made), plan.diff, desk.marks)


def _name_group(candidate: str) -> str:
    return f"name the group whose file it becomes, or a new one: --group {candidate} makes one of that id"


@dataclass(frozen=True)
class _Plan:
    """The file to write, its text before ("" for none) and after, and what differs."""

    group: Group
    file: Path
    before: str
    after: str
    changes: tuple[str, ...]

    @property
    def diff(self) -> tuple[str, ...]:
        """The lines that differ, as programs print them."""
        name = self.file.name
        lines = unified_diff(self.before.splitlines(), self.after.splitlines(), name, name, lineterm="", n=1)
        return tuple(lines)


def _plan(desk: Desk, group: Group, source: ParameterSet) -> _Plan:
    file = next((path for path in group_files(desk.workspace.groups) if path.stem == group.id), None)
    assert source.path is not None, "a candidate is a file"
    if file is None:
        text = read_utf8(source.path)
        return _Plan(
            group, desk.workspace.groups / f"{group.id}.yaml", "", text, (f"group {group.id} added",)
        )
    old = find_set(desk, f"groups/{group.id}").declared
    changes = tuple(each.sentence for each in key_differences(old, source.declared))
    if not changes:
        raise UsageError(
            f"{source.name} declares what {file.name} declares: there is nothing to promote",
            where=str(file),
            do="change the candidate, or name another group with --group",
        )
    after = edit_text(file, lambda content: set_values(content, source.declared))
    if plain_json(parse_yaml(after)) != plain_json(source.declared):
        raise StateError(
            f"the file of {group.id} cannot be edited so that it declares what the candidate does",
            where=str(file),
            do="write it by hand, and promote nothing",
        )
    return _Plan(group, file, read_utf8(file), after, changes)


def _record(desk: Desk, plan: _Plan, asked: PromotionRequest, found: PromotionEvidence, by: str) -> Promotion:
    return Promotion(
        group=plan.group.id,
        candidate=asked.candidate,
        at=desk.clock(),
        by=by,
        reason=" ".join(asked.reason.split()),
        since=_first_trade_date(desk),
        jstock=__version__,
        declared=plan.group.declared,
        changes=plan.changes,
        before=plan.before,
        certificates=proven_rules(desk.workspace.certificates, plan.group),
        **vars(found),
    )


def _first_trade_date(desk: Desk) -> date:
    """The first trade date that is still to be decided."""
    events: Sequence[Event] = ()
    if desk.workspace.journal.exists() or desk.workspace.journal_url:
        events = desk.journal().events()
    newest = max(_decided(events), default=None)
    following = desk.next_trade_date
    return following if newest is None or newest < following else desk.calendar.next(newest)


def _decided(events: Sequence[Event]) -> Iterator[date]:
    return (each.session for each in events if isinstance(each, Decided))


def _write(desk: Desk, plan: _Plan, made: Promotion) -> Path:
    """Write the record, then the group's file; without the file there is no record."""
    record = None
    try:
        record = write_promotion(desk.workspace, made)
        write_text(plan.file, plan.after)
    except OSError as error:
        if record is not None:
            with suppress(OSError):
                record.unlink()
        raise WriteError(
            f"the promotion cannot be written: {os_reason(error)}",
            where=str(plan.file),
            do="nothing was promoted; run it again when the folder can be written",
        ) from None
    return record
