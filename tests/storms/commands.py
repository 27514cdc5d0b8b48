"""The commands that storms interrupt: their words, their clock, and how the same words end again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.prices import as_yen

from .desks import EVENING, FIRST, MORNING, YESTERDAY, T, manual_desk, new_desk, paper_desk


@dataclass(frozen=True)
class Command:
    """`done` are the statuses of a repetition: a fact that is recorded already may be refused."""

    name: str
    desk: Callable[[Path], Path]
    words: tuple[str, ...]
    now: str
    done: frozenset[int] = frozenset({ExitStatus.OK})
    publishes: date | None = None

    def on(self, root: Path) -> list[str]:
        """Its whole command line on a desk; {fills} is the CSV beside it."""
        words = [word.format(fills=root / "fills.csv") for word in self.words]
        return [*words, "--workspace", str(root), "--now", self.now, "--json"]


def desk_with_fills(root: Path) -> Path:
    """The manual desk, with a CSV of what was filled: the orders, at the last close, with fees."""
    manual_desk(root)
    orders = [
        (order, as_yen(price))
        for group in open_desk(root, now=EVENING).journal().book().groups.values()
        for order in group.orders.values()
        if (price := last_close(root, order.code))
    ]
    rows = [f"{o.group},{o.code},{o.side},{o.shares},{p},{o.session},55" for o, p in orders]
    assert len(rows) > 5
    (root / "fills.csv").write_text("\n".join(["group,code,action,qty,price,date,fee", *rows]) + "\n")
    return root


def last_close(root: Path, code: str) -> float:
    panel = open_desk(root, now=EVENING).panel()
    return float(panel.close[-1, panel.column[code]])


def damaged_desk(root: Path) -> Path:
    """A desk whose journal was cut, with a sound backup."""
    paper_desk(root)
    journal = root / "data" / "state" / "journal.sqlite"
    journal.write_bytes(journal.read_bytes()[:-4096])
    return root


REFUSED_AGAIN = frozenset({ExitStatus.OK, ExitStatus.USAGE})
FIRST_EVER = Command("first", new_desk, ("daily",), FIRST, publishes=YESTERDAY)
DAILY = Command("daily", paper_desk, ("daily",), MORNING, publishes=T)
CSV = Command(
    "csv",
    desk_with_fills,
    ("trade", "record", "--csv", "{fills}", "--yes", "--accept-odd"),
    "2026-01-21T10:00",
)
ORDERED = Command(
    "ordered",
    manual_desk,
    ("trade", "record", "--from-orders", "--yes", "--accept-odd"),
    EVENING,
    REFUSED_AGAIN,
)
DEPOSIT = Command(
    "deposit",
    manual_desk,
    ("trade", "cash", "deposit", "conservative", "1000000", "--reason", "savings"),
    EVENING,
    REFUSED_AGAIN,
)
RESTORE = Command(
    "restore", damaged_desk, ("state", "restore"), MORNING, frozenset({ExitStatus.OK, ExitStatus.STATE})
)  # what is sound is not replaced
COMMANDS = {command.name: command for command in (DAILY, FIRST_EVER, CSV, ORDERED, DEPOSIT, RESTORE)}
