"""Bytes flipped or files cut, over all files that a desk keeps: seen and left alone, or without effect.

After each, one of three commands runs in a fork of this process: the next morning, `trade status` or
`state verify`. Seen is an error with a documented status that names the file, after which every byte on disk
is as it was; harmless is the same result as without the damage. Anything else is a fault.
"""

from __future__ import annotations

import random
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.runs.manifest import FILE as MANIFEST

from .commands import DAILY, FIRST_EVER
from .desks import LOCKS, MEMORY, T, bytes_of, copied, paper_desk, said
from .forks import ended, forked, here, tickets, uninterrupted
from .kills import DOCUMENTED

INPUTS = ("params/", "data/monitor_list.json")  # what people write cannot be told from damage
LOOKS: Mapping[str, tuple[str, ...]] = {
    "status": ("trade", "status"),
    "verify": ("state", "verify"),
    "daily": ("daily",),
}


@dataclass(frozen=True)
class Ended:
    """How a command ended, what it said, and what the desk says after a morning."""

    status: int
    out: str
    shown: tuple | None = None


def quietly(words: list[str], out: Path) -> int:
    """Run a command in this process; run ids are always the same."""
    secrets.token_hex = lambda _n=4: "0" * 8
    return here(words, out)


def looked(look: str, root: Path, out: Path) -> Ended:
    """Run one of the three commands on a desk, in a fork."""
    words = [*LOOKS[look], "--workspace", str(root), "--now", DAILY.now, "--json"]
    status = ended(forked(lambda: quietly(words, out)))
    shown = None
    if look == "daily" and status in {ExitStatus.OK, ExitStatus.DEGRADED}:
        index = (root / "runs" / "index.html").read_text(encoding="utf-8")
        shown = (said(root, DAILY.now), tickets(root, T), index)
    return Ended(status, out.read_text(errors="replace"), shown)


def made(folder: Path) -> Path:
    """A desk with a published morning behind it."""
    base = paper_desk(folder / "base")
    assert ended(forked(lambda: quietly(FIRST_EVER.on(base), folder / "out"))) == ExitStatus.OK
    uninterrupted(DAILY, copied(base, folder / "whole"))
    return base


def damaged(draw: random.Random, whole: bytes) -> tuple[bytes, str]:
    at = draw.randrange(len(whole))
    if draw.random() < 0.2:
        return whole[:at], f"cut at {at}"
    bits = draw.randrange(1, 256)
    content = bytearray(whole)
    content[at] ^= bits
    return bytes(content), f"byte {at} ^ {bits:#04x}"


@dataclass
class Storm:
    folder: Path
    base: Path
    wanted: Mapping[str, Ended]
    counted: Counter[str]

    @classmethod
    def brew(cls, folder: Path) -> Storm:
        base = made(folder)
        wanted = {}
        for look in LOOKS:
            root = copied(base, folder / "desk")
            wanted[look] = looked(look, root, folder / "out")
            assert wanted[look].status == ExitStatus.OK, wanted[look].out
            shutil.rmtree(root)
        return cls(folder, base, wanted, Counter())

    def files(self) -> list[Path]:
        """All files but what people write and what says nothing."""
        paths = (path.relative_to(self.base) for path in sorted(self.base.rglob("*")) if path.is_file())
        return [
            path
            for path in paths
            if not str(path).startswith(INPUTS) and path.name not in LOCKS and path.suffix != ".lock"
            and (self.base / path).stat().st_size
        ]  # fmt: skip

    def strike(self, file: Path, look: str, damage: Callable[[bytes], tuple[bytes, str]]) -> str:
        """Damage one file of the desk and look; what was wrong about it, "" for nothing."""
        root = copied(self.base, self.folder / "desk")
        content, how = damage((root / file).read_bytes())
        (root / file).write_bytes(content)
        before = bytes_of(root)
        found = looked(look, root, self.folder / "out")
        wrong = self._judged(file, look, root, before, found)
        shutil.rmtree(root)
        return wrong and f"{file}: {how}, {look}: {wrong}"

    def _judged(self, file: Path, look: str, root: Path, before: dict[str, str], found: Ended) -> str:
        wanted = self.wanted[look]
        same = (found.status, found.shown) == (wanted.status, wanted.shown)
        if same and (look == "daily" or found.out == wanted.out):
            self.counted["harmless"] += 1
            return "" if look == "daily" else self._written_over(root, before)
        if same_but_index(found, wanted) and file.name == MANIFEST and "damaged" in found.shown[2]:
            self.counted["seen"] += 1  # the list of runs says so; the morning has no need of it
            return ""
        if found.status not in DOCUMENTED or found.status == ExitStatus.OK:
            return f"another result: {_difference(found, wanted)}"
        self.counted["seen"] += 1
        if file.name not in found.out:
            self.counted[f"{file} not named in {look}"] += 1
        return self._written_over(root, before)

    def _written_over(self, root: Path, before: dict[str, str]) -> str:
        """What was changed on disk, but for caches that were made again as they had been."""
        after, whole = bytes_of(root), bytes_of(self.base)
        names = {name for name in {*after, *before} if after.get(name) != before.get(name)}
        changed = [name for name in sorted(names) if after.get(name) != whole.get(name)]
        return f"written over: {', '.join(changed)}" if changed else ""


def same_but_index(found: Ended, wanted: Ended) -> bool:
    """Whether the mornings differ at most in the list of runs."""
    return bool(found.shown and wanted.shown) and found.shown[:2] == wanted.shown[:2]


def _difference(found: Ended, wanted: Ended) -> str:
    if found.status != wanted.status:
        return f"status {found.status}: {found.out[-1500:]}"
    if found.shown is None or wanted.shown is None:
        return found.out[-300:]
    names = ("ledger", "tickets", "index")
    return ", ".join(n for n, a, b in zip(names, found.shown, wanted.shown, strict=True) if a != b)


def storm(number: int, seed: int = 1) -> str:
    """So many damaged files."""
    began, draw, faults = time.monotonic(), random.Random(seed), []
    with tempfile.TemporaryDirectory(prefix="damage-", dir=MEMORY) as name:
        brewed = Storm.brew(Path(name))
        files = brewed.files()
        for _ in range(number):
            look = draw.choices(list(LOOKS), weights=(4, 4, 1))[0]
            wrong = brewed.strike(draw.choice(files), look, lambda whole: damaged(draw, whole))
            if wrong:
                faults.append(wrong)
                sys.stdout.write(f"{wrong}\n")
                sys.stdout.flush()
    took = time.monotonic() - began
    told = (
        f"{number} bytes flipped or files cut over {len(files)} files: {dict(brewed.counted)},"
        f" {len(faults)} faults, {took:.0f} s"
    )
    if faults:
        raise SystemExit(told)
    return told
