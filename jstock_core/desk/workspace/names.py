"""Groups, stocks and orders named on the command line: one error for a name that does not exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from jstock_core.base.errors import UsageError
from jstock_core.base.limits import cut_word, quote
from jstock_core.base.params import closest, did_you_mean
from jstock_core.data.store.load import load_panel
from jstock_core.decide.groups import Group
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.codes import parse_code

MANY = 12
"""Names that an error lists; of more it says only which one is close."""


def unknown(kind: str, name: str, known: Iterable[str], *, where: str = "", do: str = "") -> UsageError:
    """The error for a name that is none of those known: a group, a stock, an order.

    It proposes the closest name, or lists the names where there are few.
    """
    names = tuple(known)
    hint = did_you_mean(name, names) if len(names) <= MANY else closest(name, names)
    return UsageError(f'there is no {kind} "{cut_word(name)}"{hint}', where=where, do=do)


def select_groups(groups: Sequence[Group], *names: str) -> tuple[Group, ...]:
    """All groups, or those with the ids named, in the order of the desk.

    Raises:
        UsageError: no group has one of the ids.

    """
    wanted, ids = {name for name in names if name}, [group.id for group in groups]
    for name in names:
        if name and name not in ids:
            raise unknown("group", name, ids, where="params/groups")
    return tuple(group for group in groups if not wanted or group.id in wanted)


def choose_groups(groups: Sequence[Group], given: Group | str | Iterable[Group | str]) -> tuple[Group, ...]:
    """One group or several, given as such or by their ids among `groups`, in the order given.

    Raises:
        UsageError: no group has one of the ids, or something else is given.

    """
    each = [given] if isinstance(given, Group | str) or not isinstance(given, Iterable) else given
    return tuple(one if isinstance(one, Group) else _group_of(groups, one) for one in each)


def _group_of(groups: Sequence[Group], name: object) -> Group:
    if not isinstance(name, str):
        raise UsageError(f"{quote(name)} is not a group", do="give a group, or the id of one of the desk")
    found = next((group for group in groups if group.id == name), None)
    if found is None:
        raise unknown("group", name, [group.id for group in groups], where="params/groups")
    return found


def select_code(text: str | int, known: Collection[str]) -> str:
    """A code as a person types it, which must be one of those known.

    Raises:
        UsageError: it is malformed, or no stock has it.

    """
    code = parse_code(text)
    if code not in known:
        raise unknown("stock", code, known, do="correct the code, or import the stock's bars")
    return code


def company_names(desk: Desk) -> dict[str, str]:
    """Code to company name of every stored stock; empty where no market data is stored."""
    if desk.store.read().last("bars") is None:
        return {}
    return {listing.code: listing.name for listing in load_panel(desk.store).listings}
