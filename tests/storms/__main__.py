"""The storms, each let loose from the command line.

    python -m tests.storms daily 200            `jstock daily` killed at so many random moments
    python -m tests.storms daily 50 1 caller    the same with seed 1, its kernel left alive (or: kernel)
    python -m tests.storms csv 200              the same for recording (or: ordered, deposit, first)
    python -m tests.storms calls daily          killed before each system call that changes the desk (strace)
    python -m tests.storms writes daily 50      killed before so many of the writes that Python sees
    python -m tests.storms errors daily         an error at each system call that changes the desk (strace)
    python -m tests.storms disks daily          60 disks with less free than it takes (root, or unshare -Urm)
    python -m tests.storms faults daily         an error at each call of Python, or no room from it on
    python -m tests.storms faults csv 20        so many of both, at calls drawn from a seed
    python -m tests.storms recorders 20         so many processes recording at once
    python -m tests.storms damage 2000          so many bytes flipped or files cut, over all files of a desk
    python -m tests.storms year 245             a year without a person, in an environment made for it
    python -m tests.storms year-here 3          the same for three days, in this environment
    python -m tests.storms sample               a little of all that needs no tracer and no clock

A storm says how many differences it found, and ends with status 1 where there was one.
"""

from __future__ import annotations

import sys
from functools import partial

from . import calls, damage, disks, errors, faults, kills, recorders, writes, year
from .commands import COMMANDS


def sample() -> str:
    """A little of each, in one process for their imports' sake."""
    told = (
        writes.storm(COMMANDS["daily"], 1),
        writes.storm(COMMANDS["ordered"], 2),
        faults.storm(COMMANDS["daily"], 1),
        faults.storm(COMMANDS["deposit"], 1),
        damage.storm(6),
        recorders.storm(3),
    )
    return "\n".join(told)


INSIDE = {
    "calls": calls.storm,
    "errors": errors.storm,
    "disks": disks.storm,
    "writes": writes.storm,
    "faults": faults.storm,
}
OVER_ALL = {
    "sample": sample,
    "recorders": recorders.storm,
    "damage": damage.storm,
    "year": year.storm,
    "year-here": partial(year.storm, installed=False),
}


def main(words: list[str]) -> str:
    match words:
        case [what, name, *numbers] if what in INSIDE and name in COMMANDS:
            return INSIDE[what](COMMANDS[name], *map(int, numbers))
        case [what, *numbers] if what in OVER_ALL:
            return OVER_ALL[what](*map(int, numbers))
        case [name, number, *more] if name in COMMANDS:
            return kills.storm(COMMANDS[name], int(number), *map(int, more[:1]), *more[1:])
    raise SystemExit(__doc__)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
