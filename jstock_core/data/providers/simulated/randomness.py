"""Keyed raw random streams: the same words for the same (seed, stream, row), on every machine and NumPy.

Philox is a counter-based generator whose raw output is fixed by its definition (Salmon et al., "Parallel
random numbers: as easy as 1, 2, 3", 2011). A stream gives each row (a session, a week, a quarter) its own
run of counters, so a row never depends on how many rows are asked for. The transforms below use only
integer arithmetic, +, -, x, / and square roots, which IEEE 754 fixes to the bit; NumPy's own distributions,
exp and log may differ between versions and machines.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import UsageError

VERSION = 1  # part of every key and of the provider id: raise it with any change to the numbers

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

_WORDS_A_COUNTER = 4
_LARGEST_SEED = 2**64 - 1
_MASK = np.uint64(0xFFFF)
_QUARTERS = tuple(np.uint64(shift) for shift in (0, 16, 32, 48))


class Stream(IntEnum):
    """What the words are used for; the value is part of the key and is never reused.

    The market's and the flows' values give seed 7, the default, losing years between the winning ones and
    foreigners who buy about half of the time.
    """

    MARKET = 63
    SECTOR = 2
    SHOCK = 3
    TREND = 4
    GAP = 5
    RANGE = 6
    VOLUME = 7
    FLOWS = 41
    STATEMENTS = 9
    INDEX = 10


def words(seed: int, stream: Stream, rows: int, width: int) -> Words:
    """(rows, width) raw 64-bit words; row r is the same whatever `rows` is.

    Raises:
        UsageError: the seed is no 64-bit unsigned integer.

    """
    if not 0 <= seed <= _LARGEST_SEED:
        raise UsageError(f"seed {seed} is outside 0 to {_LARGEST_SEED}", do="give a whole number such as 7")
    padded = -(-width // _WORDS_A_COUNTER) * _WORDS_A_COUNTER
    generator = np.random.Philox(key=np.array([seed, (VERSION << 32) | stream], dtype=np.uint64))
    raw: Words = generator.random_raw(rows * padded).reshape(rows, padded)
    return raw[:, :width]


def uniforms(raw: Words) -> Floats:
    """Uniform in [0, 1), one a word: its top 53 bits."""
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(raw: Words) -> Floats:
    """Nearly normal, mean 0 and variance 1: (..., k) words give (...) values.

    The sum of 4 k uniforms of 16 bits, centred and scaled (Irwin-Hall); bounded by sqrt(12 k).
    """
    count = 4 * raw.shape[-1]
    total = np.zeros(raw.shape[:-1], dtype=np.int64)
    for k in range(raw.shape[-1]):
        for shift in _QUARTERS:
            total += ((raw[..., k] >> shift) & _MASK).astype(np.int64)
    centred = (total - count * 65535 / 2) / 65536.0
    scaled: Floats = centred / np.sqrt(count / 12.0)
    return scaled


def student4(raw: Words) -> Floats:
    """Student's t with four degrees of freedom, scaled to variance 1: (..., 7) words give (...) values."""
    square = np.zeros(raw.shape[:-1])
    for k in range(4):
        part = normals(raw[..., 3 + k : 4 + k])
        square += part * part
    # variance of t4 is 2; the floor only bounds the far tail
    heavy: Floats = normals(raw[..., :3]) / np.sqrt(np.maximum(square, 0.02) / 4.0) / np.sqrt(2.0)
    return heavy
