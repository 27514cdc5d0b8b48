"""`jstock trade group`: rename a group, restore its file from the journal, or wind it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import ParamsError, StateError
from jstock_core.decide.groups import check_group_id, group_files, make_group
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.trading.cash import MANUAL, session_to_record
from jstock_core.desk.workspace.checks.declared import describe_account, next_of_wind_down
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown
from jstock_core.state.book.book import GroupBook
from jstock_core.state.facts.events import Decided, GroupRenamed, Note

_HEAD = ("name", "initial_capital", "entry", "exit", "sizing", "ranking", "fills")
"""The keys of a group file that come first, in this order."""


@dataclass(frozen=True)
class GroupFileChange:
    """A group whose file was written: what the account has, and what to do next, "" for nothing."""

    group: str
    file: Path
    account: str
    what: str
    next_step: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "group": self.group,
            "file": str(self.file),
            "account": self.account,
            "done": self.what,
            "next": self.next_step,
        }


def adopt_group(desk: Desk, group: str) -> GroupFileChange:
    """Restore the file of a group as its newest decision recorded it, so that the group goes on.

    Raises:
        UsageError: the journal has no such group. ParamsError: it has a file.
        StateError: no decision recorded its parameters, or its rules are not available any more.

    """
    with desk.hold(f"the adoption of {group}"):
        account = _account(desk, group)
        file = find_group_file(desk, group)
        if file is not None:
            raise ParamsError(
                f"{group} has a file already", where=str(file), do="edit the file; there is nothing to adopt"
            )
        file = _write_again(desk, group)
    return GroupFileChange(group, file, describe_account(account), "its file is written as last decided")


def rename_group(desk: Desk, group: str, to: str) -> GroupFileChange:
    """Rename a group: its account with all its facts, and its file where it has one.

    Raises:
        UsageError: the journal has no such group.
        ParamsError: the name cannot be that of a group. StateError: another group has it.

    """
    check_group_id(to, where="the new name")
    with desk.writing(f"the rename of {group}") as journal:
        _account(desk, group)
        old, file = find_group_file(desk, group), find_group_file(desk, to)
        if old is not None and file is not None:
            raise ParamsError(
                f"{old.name} and {file.name} both exist: {to} would be two groups",
                where=str(desk.workspace.groups),
                do=f"remove {file.name} if it is no group of its own, or give another name",
            )
        session = session_to_record(desk)
        renamed = GroupRenamed(session=session, source=MANUAL, group=group, to=to)
        note = Note(session=session, source=MANUAL, text=f"the group {group} is called {to} from now on")
        journal.append([renamed, note])
        if old is not None:
            file = old.rename(old.with_name(f"{to}{old.suffix}"))
        account = journal.book().group(to)
    place = desk.workspace.groups / f"{to}.yaml" if file is None else file
    missing = f"write {place.name}, or run `jstock trade group adopt {to}`" if file is None else ""
    return GroupFileChange(to, place, describe_account(account), f"it was called {group} before", missing)


def wind_down_group(desk: Desk, group: str) -> GroupFileChange:
    """Make a group sell all it holds on the next morning and buy nothing; a missing file is restored.

    Raises:
        UsageError: the journal has no such group.
        StateError: it has no file, and no decision recorded its parameters.

    """
    with desk.hold(f"the end of {group}"):
        account = _account(desk, group)
        file = find_group_file(desk, group) or _write_again(desk, group)
        edit_yaml(file, lambda content: content.update({"wind_down": True}))
    done = "it enters nothing any more and sells all it holds"
    return GroupFileChange(group, file, describe_account(account), done, next_of_wind_down(account))


def find_group_file(desk: Desk, group: str) -> Path | None:
    """The file that declares a group; None without one."""
    return next((path for path in group_files(desk.workspace.groups) if path.stem == group), None)


def _account(desk: Desk, group: str) -> GroupBook:
    groups = desk.journal().book().groups
    if group not in groups:
        raise unknown("group", group, sorted(groups), where="the groups that have cash in the journal")
    return groups[group]


def _write_again(desk: Desk, group: str) -> Path:
    """Write a group's file as its newest decision recorded it.

    Raises:
        StateError: no decision recorded it, or its rules are not there any more.

    """
    from ruamel.yaml import YAML

    declared, file = _recorded(desk, group), desk.workspace.groups / f"{group}.yaml"
    by_hand = f"write {file.name} by hand, with the initial_capital that it was opened with"
    if declared is None:
        raise StateError(
            f"no decision recorded the parameters of the group {group}", where=str(file), do=by_hand
        )
    try:
        make_group(group, declared, where=str(file), rules=desk.rules)
    except ParamsError as error:
        raise StateError(
            f"the parameters recorded for the group {group} cannot be used any more: {error.what}",
            where=str(file),
            do=by_hand,
        ) from None
    ordered = {key: declared[key] for key in (*_HEAD, *declared) if key in declared}
    text = StringIO()
    YAML().dump(ordered, text)
    write_atomically(file, text.getvalue().encode())
    return file


def _recorded(desk: Desk, group: str) -> Mapping[str, Any] | None:
    """The parameters in the newest decision that recorded a group's; None without one."""
    for event in reversed(desk.journal().events()):
        if isinstance(event, Decided) and event.group == group:
            found: Mapping[str, Any] | None = event.provenance.get("groups", {}).get(group)
            if found is not None:
                return found
    return None
