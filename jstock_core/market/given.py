"""Values of stocks computed elsewhere, such as model scores, with the time each became known."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

_ROW = np.dtype([("code", "S8"), ("known_at", "<i8"), ("value", "<f8")])


@dataclass(frozen=True, eq=False)
class GivenValues:
    """Values ordered by `known_at`; each array is (V,). A value holds until the stock's next one is known.

    `known_at` are minutes JST; NaN withdraws the value before it.
    """

    code: NDArray[np.str_]
    known_at: NDArray[np.datetime64]
    value: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> GivenValues:
        """Keep the rows where `rows` is true."""
        return GivenValues(self.code[rows], self.known_at[rows], self.value[rows])

    def digest(self) -> str:
        """SHA-256 of the rows, in order."""
        return sha256(self._rows().data).hexdigest()

    def digests(self, times: NDArray[np.datetime64]) -> tuple[str, ...]:
        """The digest of what was known at each of some times, in order; all of them in one pass."""
        rows, hashed, begin, found = self._rows(), sha256(), 0, []
        for end in np.searchsorted(self.known_at, times, side="right").tolist():
            hashed.update(rows[begin:end].data)
            begin = end
            found.append(hashed.hexdigest())
        return tuple(found)

    def _rows(self) -> NDArray[np.uint8]:
        """(V, bytes per row): the rows encoded with a fixed width."""
        rows = np.empty(len(self.code), dtype=_ROW)
        rows["code"], rows["known_at"], rows["value"] = self.code, self.known_at.astype(np.int64), self.value
        return rows.view(np.uint8).reshape(len(rows), _ROW.itemsize)
