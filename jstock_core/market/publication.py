"""When each kind of fact becomes public: a dated table of publication times.

Source: J-Quants update times (jpx-jquants.com, spec/data-update, read 2026-11): daily bars and indices are
out at about 16:30 of their session, investor flows at 16:30 of their publication date; statements carry
their own time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# (first day in force, minutes after midnight JST), newest last, for each data set
PUBLICATION: dict[str, tuple[tuple[str, int], ...]] = {
    "bars": (("1949-05-16", 16 * 60 + 30),),
    "topix": (("1949-05-16", 16 * 60 + 30),),
    "flows": (("1949-05-16", 16 * 60 + 30),),
    "earnings": (("1949-05-16", 10 * 60 + 5),),
    "actions": (("1949-05-16", 16 * 60 + 30),),
}


def publication_times(dataset: str, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Minute (JST, `datetime64[m]`) at which the facts of each day of `dataset` became public."""
    table = PUBLICATION[dataset]
    starts = np.array([start for start, _ in table], dtype="datetime64[D]")
    minutes = np.array([minute for _, minute in table], dtype="timedelta64[m]")
    rule = np.searchsorted(starts, days, side="right") - 1
    stamps: NDArray[np.datetime64] = days.astype("datetime64[m]") + minutes[rule]
    return stamps
