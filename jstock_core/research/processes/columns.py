"""Arrow arrays built from their buffers.

`pyarrow.array` imports pandas to inspect its argument, which takes longer in a new process than its work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def number_column(values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> pa.Array:
    """An array of numbers (n,), not copied; null where `known` is false."""
    import pyarrow as pa

    there = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [there, pa.py_buffer(np.ascontiguousarray(values))])


def text_column(texts: Sequence[str]) -> pa.Array:
    """An array of texts."""
    import pyarrow as pa

    encoded = [text.encode("utf-8", "backslashreplace") for text in texts]
    buffers = [None, _bounds(encoded, np.int32), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def list_column(lists: Sequence[NDArray[Any]], dtype: str = "float64") -> pa.Array:
    """An array of lists of numbers, (n,) each, of one dtype. A single list is not copied."""
    import pyarrow as pa

    joined = lists[0] if len(lists) == 1 else np.concatenate([np.empty(0, dtype), *lists])
    values = number_column(joined)
    buffers = [None, _bounds(lists, np.int64)]
    return pa.Array.from_buffers(pa.large_list(values.type), len(lists), buffers, children=[values])


def _bounds(parts: Sequence[Any], kind: type[np.integer[Any]]) -> pa.Buffer:
    """The offsets at which each part begins, and at which the last one ends."""
    import pyarrow as pa

    return pa.py_buffer(np.cumsum([0, *map(len, parts)], dtype=kind))
