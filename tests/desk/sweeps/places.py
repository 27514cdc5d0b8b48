"""Where the tests of this folder keep sweeps of a shared desk: nothing of it is written into the desk."""

from __future__ import annotations

from pathlib import Path

from jstock_core.desk.sweeps.place import SweepPlace
from jstock_core.desk.trials.ledger import TrialLedger


def place(folder: Path) -> SweepPlace:
    """A folder with a trial ledger of its own."""
    return SweepPlace(folder, ledger=TrialLedger(folder / "trials.sqlite"))
