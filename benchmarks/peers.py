"""jstock beside other libraries on one strategy: fills must be equal, then time and memory are compared.

Each works in a process of its own: `python -m benchmarks.peers LIBRARY TASK FILE REPEATS` prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from benchmarks.crossing import LIBRARIES, ONE_STOCK, PACKAGES, Task, make_market
from benchmarks.place import Place
from benchmarks.timing import Line, peak, timed, typical
from jstock_core.research.processes.packing import pack_values, unpack_values


def peers(place: Place) -> Iterator[Line]:
    """jstock beside each library that is installed; an error where the fills differ."""
    others = {name: package for name, package in PACKAGES.items() if find_spec(package) is not None}
    if len(others) < len(PACKAGES):
        print("peers: some libraries are not installed; the extra `bench` brings them", file=sys.stderr)
    market = make_market(place.panel)
    file = place.folder / "peers.arrow"
    file.write_bytes(pack_values(market))
    for task in get_args(Task):
        ours = _measure("jstock", task, file, place.repeats)
        for name in (name for name in others if task != "places" or name not in ONE_STOCK):
            theirs = _measure(name, task, file, place.repeats)
            if theirs["fills"] != ours["fills"]:
                raise SystemExit(f"{name} does not fill what jstock fills: the comparison would mean nothing")
            yield Line(
                "peers",
                f"{task} of EMA 20/50, {len(market.panel.codes)} stocks, {len(market.panel.sessions)} "
                f"sessions, {len(ours['fills'])} equal fills",
                ours["seconds"],
                f"{name}, warm",
                theirs["seconds"],
                aim_ratio=1,
                note=f"process {ours['process']:.1f} s and {ours['peak']:.0f} MB, "
                f"{name} {theirs['process']:.1f} s and {theirs['peak']:.0f} MB",
            )


def _measure(name: str, task: Task, file: Path, repeats: int) -> dict[str, Any]:
    """The fills, the seconds of a warm run, those of a whole process that runs once, and its peak in MB."""

    def run(times: int) -> dict[str, Any]:
        command = [sys.executable, "-m", "benchmarks.peers", name, task, str(file), str(times)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name} cannot be measured:\n{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    found = run(repeats)
    return found | {"process": timed(lambda: run(0))}


def main(name: str, task: Task, file: str, repeats: int) -> None:
    work, fills = LIBRARIES[name](unpack_values(Path(file).read_bytes(), ours=False), task)
    seconds = typical(work, repeats) if repeats else timed(work)
    print(json.dumps({"fills": sorted(fills()), "seconds": seconds, "peak": 1e3 * peak()}))


if __name__ == "__main__":
    library, wanted, path, times = sys.argv[1:]
    main(library, next(task for task in get_args(Task) if task == wanted), path, int(times))
