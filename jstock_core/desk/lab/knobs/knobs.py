"""The knobs of a group: where they stand, and what each turn of them does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from jstock_core.base.arguments import require_whole
from jstock_core.base.errors import JstockError, UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.decide.groups import Group
from jstock_core.desk.lab.difference import OrdersDifference
from jstock_core.desk.lab.knobs.board import KnobBoard, beside_each_other
from jstock_core.desk.lab.knobs.front_end import has_front_end
from jstock_core.desk.lab.knobs.tiles import tile_board
from jstock_core.desk.lab.knobs.turn import Turn
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.sweeps.sweeps import Sweep
from jstock_core.reports.render.lab.knobs import knobs_card
from jstock_core.reports.render.parts.figures import side_by_side
from jstock_core.reports.render.parts.table import Bundle, Display
from jstock_core.reports.render.research.certificates import certificates_card
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.knobs.knob import Knob, KnobValue
from jstock_core.research.knobs.listing import list_knobs

KNOB_DAYS = 730
"""Days up to the last one that is known, over which knobs are tried where no span is given."""
_AXES = 2
"""Knobs that a sweep around the present values goes through."""


class KnobLab(Protocol):
    """What knobs need of a lab."""

    def backtest(self, groups: Group, first: date, last: date) -> Trial:
        """Run a group."""

    def diff(self, group: Group) -> OrdersDifference:
        """Compare the next orders."""

    def check(self, name: str) -> Certificate:
        """Certify a rule."""

    def sweep(self, group: Group, sets: Mapping[str, Iterable[Any]], first: date, last: date) -> Sweep:
        """Try many sets."""

    def save(self, group: Group, name: str, *, replace: bool) -> Path:
        """Save a candidate."""


@dataclass(frozen=True, repr=False)
class GroupCertificates:
    """The certificates of a group's rules, failures first where they are shown."""

    certificates: tuple[Certificate, ...]

    @property
    def verdicts(self) -> Mapping[str, tuple[str, ...]]:
        """The checks that each rule failed, () where it passed all."""
        return {each.rule: each.failed for each in self.certificates}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return certificates_card(self.certificates)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line which failed."""
        failed = [rule for rule, checks in self.verdicts.items() if checks]
        verdict = f"{', '.join(failed)} failed" if failed else "all passed"
        return f"<Certificates of {', '.join(self.verdicts)}: {verdict}>"


class Knobs:
    """The knobs of a group over some sessions: `turn`, `reset`, `check`, `around`, `save`.

    `desk` is the group as its file declares it, `group` as the knobs stand. In a notebook with a front end it
    shows sliders, anywhere else a card; both call the same methods.
    """

    def __init__(self, lab: KnobLab, desk: Group, group: Group, span: tuple[date, date]) -> None:
        self.desk, self.group = desk, group
        self._lab, self._span = lab, span
        self._turns: dict[str, Turn] = {}
        self._board: KnobBoard | None = None

    @property
    def listed(self) -> tuple[Knob, ...]:
        """Every knob, where it stands now; its range is that around the desk's file."""
        ranges = {knob.key: knob.range for knob in list_knobs(self.desk)}
        return tuple(replace(knob, range=ranges.get(knob.key, knob.range)) for knob in list_knobs(self.group))

    @property
    def changed(self) -> Mapping[str, KnobValue]:
        """The knobs that do not stand as in the desk's file."""
        before = {knob.key: knob.value for knob in list_knobs(self.desk)}
        return {knob.key: knob.value for knob in self.listed if before.get(knob.key) != knob.value}

    def turn(self, values: Mapping[str, KnobValue] | None = None, /, **keys: KnobValue) -> Turn:
        """Turn knobs, and hold the group that they make against the desk's file.

        `turn(entry__buy_threshold=70)` or `turn({"entry.buy_threshold": 70})`; without any, as they stand.
        What is not valid leaves them as they are.

        Raises:
            ParamsError: a key is unknown, or a value out of range. DataError: no data for these sessions.

        """
        given = {key.replace("__", "."): value for key, value in {**(values or {}), **keys}.items()}
        return self._show(self.group.but(given) if given else self.group)

    def reset(self) -> Turn:
        """Turn all knobs back to the desk's file."""
        return self._show(self.desk)

    @property
    def now(self) -> Turn:
        """What the knobs make as they stand."""
        return self._turn_of(self.group)

    def check(self) -> GroupCertificates:
        """Certify the rules of the group, with their defaults and as the desk's groups declare them.

        Raises:
            DataError: there is too little data to try them on.

        """
        return GroupCertificates(tuple(self._lab.check(name) for name in _rule_names(self.group)))

    def around(self, keys: Sequence[str] = (), count: int = 2) -> Sweep:
        """Sweep the values around the present ones, of two knobs: those given, or those that were turned.

        Raises:
            UsageError: there is no such knob, none that has other values, or `count` is no whole number
                from 1 on.

        """
        count = require_whole(count, "the number of values on each side", 1)
        known = {knob.key: knob for knob in self.listed}
        chosen = [self._knob(key, known) for key in (keys or self._axes())]
        sets = {knob.key: knob.around(knob.value, count) for knob in chosen}
        return self._lab.sweep(self.group, sets, *self._span)

    def save(self, name: str = "candidate", *, replace: bool = False) -> Path:
        """Save the group as `params/candidates/<name>.yaml` of the desk.

        Raises:
            ParamsError: a candidate may not be called so. WriteError: the folder cannot be written.
            UsageError: a candidate of that name is of another group or was promoted, and not to `replace`.

        """
        return self._lab.save(self.group, name, replace=replace)

    def heatmap(self, sweep: Sweep, metric: str = "", beside: Display | None = None) -> Any:
        """A sweep's figure over its first two axes; a click on a tile turns the knobs to its values.

        `beside` is shown beside it, as the curve of a walk-forward: `knobs.heatmap(s, beside=w.plot())`.
        """
        if not has_front_end():
            return side_by_side((sweep.heatmap(metric), *([beside] if beside else [])))
        return beside_each_other(tile_board(sweep, metric or sweep.rank, self.turn), beside)

    def _axes(self) -> list[str]:
        """The numbers that were turned, and where those are too few the first ones of the file."""
        numbers = [knob.key for knob in self.listed if knob.range is not None]
        turned = [key for key in numbers if key in self.changed]
        return [*turned, *(key for key in numbers if key not in turned)][:_AXES]

    def _knob(self, key: str, known: Mapping[str, Knob]) -> Knob:
        if key not in known:
            raise UsageError(f'there is no knob "{key}"{did_you_mean(key, list(known))}', do="knobs.listed")
        return known[key]

    def _show(self, group: Group) -> Turn:
        made = self._turn_of(group)
        self.group = group
        if self._board is not None:
            self._board.show(self)
        return made

    def _turn_of(self, group: Group) -> Turn:
        key = repr(group.declared)
        if key not in self._turns:
            desk = self._desk_trial
            variant = desk if group.declared == self.desk.declared else self._lab.backtest(group, *self._span)
            self._turns = {key: Turn(desk, variant, self._orders(group))}
        return self._turns[key]

    @cached_property
    def _desk_trial(self) -> Trial:
        return self._lab.backtest(self.desk, *self._span)

    def _orders(self, group: Group) -> OrdersDifference | JstockError:
        try:
            return self._lab.diff(group)
        except JstockError as error:
            return error

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show sliders where there is a front end, and a card for every other reader."""
        card = knobs_card(self.listed, self.changed, self.now.sheet)._repr_mimebundle_(include, exclude)
        if not has_front_end():
            return card
        if self._board is None:
            self._board = KnobBoard(self)
        return {**card, **self._board.bundle()}

    def __repr__(self) -> str:
        """Say in a line what is turned."""
        changes = replace(self.group, base=self.desk.declared).changes
        return f"<Knobs of {self.desk.id}: {', '.join(changes) or 'as in its file'}>"


def _rule_names(group: Group) -> tuple[str, ...]:
    """The rules that a group names, each once; of a list of layers each layer."""
    exits = (group.exit,) if group.exit.name != "layers" else group.exit.layers
    names = [group.entry.name, *(rule.name for rule in exits), str(group.declared["sizing"]["use"])]
    names += [
        *(guard.rule.name for guard in group.filters),
        *(guard.rule.name for guard in group.protections),
    ]
    return tuple(dict.fromkeys(names))
