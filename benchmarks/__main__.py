"""`python -m benchmarks`: measure, print a table, leave nothing behind."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measures import BENCHMARKS
from benchmarks.place import make_place
from benchmarks.timing import Line, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="one benchmark; may be repeated")
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--data", default="", metavar="DIR", help="measure on a copy of this workspace")
    parser.add_argument("--quick", action="store_true", help="only see that it works: with little data, once")
    given = parser.parse_args()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="jstock-benchmarks-") as folder:
        place = make_place(Path(folder), given.data, 1 if given.quick else given.repeats, quick=given.quick)
        for name in given.only or BENCHMARKS:
            print(f"measuring {name}", file=sys.stderr)
            lines += BENCHMARKS[name](place)
    print(table(lines))


if __name__ == "__main__":
    main()
