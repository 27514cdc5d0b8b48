"""The declaration of a walk-forward, in a file or in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.params import build, declare, read_yaml
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration, SweepFile, declare_sweep
from jstock_core.desk.workspace.desk import Desk
from jstock_core.research.walk.choice import Criterion, require_apart
from jstock_core.research.walk.windows import SpanLength, WindowScheme

Choice = Literal["best", "plateau"]


@declare
class WalkFile(SweepFile):
    """Parameters chosen on past sessions and traded on those that follow, window by window."""

    train: int | str = Field(description="how long a span to choose on is: 2Y, 6M, or a number of sessions")
    test: int | str = Field(description="how long a span to trade on is")
    anchored: bool = Field(default=False, description="every train span begins with the first session")
    purge: int = Field(default=0, ge=0, le=250, description="sessions left out after a train span")
    embargo: int = Field(
        default=0, ge=0, le=250, description="sessions after an earlier test span that choose nothing"
    )
    choose: Choice = Field(default="best", description="the best set, or the best with its neighbours")


@dataclass(frozen=True)
class WalkDeclaration:
    """A declared walk-forward: the sets and the whole span, how it is cut into windows, how to choose.

    Raises:
        UsageError: the figure needs consecutive sessions and there is an embargo, the sampler learns, or
            `initial_capital` is swept.

    """

    sweep: SweepDeclaration
    scheme: WindowScheme
    plateau: bool = False

    def __post_init__(self) -> None:
        if self.scheme.embargo:
            require_apart(self.sweep.rank)
        if self.sweep.learns:
            raise UsageError(
                "sets of a sampler that learns were drawn knowing all sessions, those to trade on too",
                where="sets",
                do="leave sampler out: chance draws the same sets for every window",
            )
        if "initial_capital" in self.sweep.ranges.values:
            raise UsageError(
                "a group's initial_capital cannot change from window to window",
                where="sets",
                do="take it out of the sets",
            )

    @property
    def criterion(self) -> Criterion:
        """The criterion by which a set is chosen."""
        return Criterion(self.sweep.rank, self.plateau)


def read_walk(desk: Desk, path: Path) -> WalkDeclaration:
    """Read a file that declares a walk-forward, as `params/research/walk.yaml`.

    Raises:
        ParamsError: it is missing, or a key in it is wrong.
        UsageError: no group has that id, or a date is malformed.

    """
    where = str(path)
    file = build(WalkFile, read_yaml(path), where=where)
    sweep = declare_sweep(desk, file, where)
    try:
        train, test = SpanLength.of(file.train), SpanLength.of(file.test)
        scheme = WindowScheme(train, test, file.anchored, file.purge, file.embargo)
        return WalkDeclaration(sweep, scheme, file.choose == "plateau")
    except UsageError as error:
        raise ParamsError(error.what, where=where, do=error.do) from None
