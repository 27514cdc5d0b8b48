"""Many people recording at once, each a process of `jstock trade record`: every fill once.

Half of them bring the same file, half a fill of their own. Who is refused, because the journal changed while
his lines were looked at, says so with a documented status, has recorded nothing, and tries again.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.prices import as_yen
from jstock_core.state.facts.events import Filled

from .commands import CSV
from .desks import EVENING, MEMORY, YESTERDAY, copied, half_written, left_behind, unsound
from .trees import Tree

MAY_BE = {ExitStatus.OK, ExitStatus.STATE, ExitStatus.LOCKED}
HEAD = "group,code,action,qty,price,date,fee"
GROUP = "conservative"


def free_codes(root: Path, number: int) -> list[tuple[str, object]]:
    """Stocks that no group holds or has ordered, at prices that can be paid, with their last close."""
    desk = open_desk(root, now=EVENING)
    panel, book = desk.panel(), desk.journal().book()
    busy = {code for group in book.groups.values() for code in group.lots}
    busy |= {order.code for group in book.groups.values() for order in group.orders.values()}
    closes = ((listing.code, panel.close[-1, n]) for n, listing in enumerate(panel.listings))
    found = [(code, as_yen(float(close))) for code, close in closes if code not in busy and 0 < close < 1500]
    return found[:number]


def files(base: Path, number: int) -> list[Path]:
    """A file each: the shared one for half of them, a fill of one's own for the others."""
    shared, own = base / "fills.csv", []
    codes = free_codes(base, 4)  # few, so that several buy the same stock
    for n in range(number - number // 2):
        code, price = codes[n % len(codes)]
        path = base / f"own{n}.csv"
        path.write_text(f"{HEAD}\n{GROUP},{code},BUY,{100 * (n + 1)},{price},{YESTERDAY},{n + 1}\n")
        own.append(path)
    return [shared] * (number // 2) + own


def words(root: Path, file: Path) -> list[str]:
    place = ["--workspace", str(root), "--now", CSV.now, "--json"]
    return ["trade", "record", "--csv", str(root / file.name), "--yes", "--accept-odd", *place]


def storm(number: int) -> str:
    """So many at once; every fill once, every status documented."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="recorders-", dir=MEMORY) as name:
        base = CSV.desk(Path(name) / "base")
        given = files(base, number)
        root = copied(base, Path(name) / "desk")
        told: Counter[str] = Counter()
        waiting, rounds = given, 0
        while waiting:
            rounds += 1
            trees = [Tree.start(words(root, file)) for file in waiting]
            ends = [tree.end(600) for tree in trees]
            told.update(ExitStatus(status).name for status, _ in ends)
            assert {status for status, _ in ends} <= MAY_BE, [
                out for status, out in ends if status not in MAY_BE
            ]
            waiting = [
                file for file, (status, _) in zip(waiting, ends, strict=True) if status != ExitStatus.OK
            ]
        _check(root, base, given)
    took = time.monotonic() - began
    return (
        f"{number} processes recorded at once: {dict(told)} in {rounds} rounds, each fill once, {took:.0f} s"
    )


def _check(root: Path, base: Path, given: list[Path]) -> None:
    journal = open_desk(root, now=EVENING).journal()
    known = {event.id for event in open_desk(base, now=EVENING).journal().events()}
    brought = [
        line for file in {file.name for file in given} for line in (base / file).read_text().splitlines()[1:]
    ]
    made = [fill for fill in journal.events() if isinstance(fill, Filled) and fill.id not in known]
    wanted = Counter((group, code, side, int(qty)) for group, code, side, qty, *_ in map(_fields, brought))
    assert Counter((fill.group, fill.code, fill.side, fill.shares) for fill in made) == wanted
    assert len({event.id for event in journal.history()}) == len(journal.history())
    assert not unsound(root, EVENING)
    assert not list(half_written(root))
    assert not left_behind(root)


def _fields(line: str) -> list[str]:
    return line.split(",")
