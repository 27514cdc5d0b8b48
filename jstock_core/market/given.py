"""Values of stocks that were computed elsewhere, as the scores of a model, with when each became known."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class GivenValues:
    """Values in order of `known_at`, each array (V,). A value holds from then on until the stock's next one.

    `known_at` are minutes JST; a value that is NaN takes back the one before it.
    """

    code: NDArray[np.str_]
    known_at: NDArray[np.datetime64]
    value: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> GivenValues:
        """Keep the rows where `rows` is true."""
        return GivenValues(self.code[rows], self.known_at[rows], self.value[rows])

    def digest(self) -> str:
        """SHA-256 of what the rows say."""
        parts = (np.char.encode(self.code, "utf-8"), self.known_at.astype(np.int64), self.value)
        return sha256(b"\0".join(part.tobytes() for part in parts)).hexdigest()
