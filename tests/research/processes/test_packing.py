"""Values written down and read again: the same to the last bit, and nothing but values."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.market.listings import Listing
from jstock_core.research.processes.packing import pack_values, unpack_values
from jstock_core.research.sweep.digest import content_digest
from jstock_core.state.facts.codec import JsonText
from tests.market.test_panel import panel as make_panel


class Side(Enum):
    BUY = "BUY"
    SELL = "SELL"


class Pair(NamedTuple):
    day: date
    code: str


@dataclass(frozen=True)
class Thing:
    names: tuple[str, ...]
    amount: Decimal
    inner: Any = None


ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.dates(),
    st.decimals(allow_nan=False), st.sampled_from(Side), st.builds(Pair, st.dates(), st.text()),
)  # fmt: skip
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers(), st.dates()), inner),
        st.builds(Thing, st.lists(st.text()).map(tuple), st.decimals(allow_nan=False), inner),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_values_come_back_as_they_were(value):
    back = unpack_values(pack_values(value), ours=False)
    assert back == value
    assert repr(back) == repr(value)


KINDS = st.one_of(
    st.sampled_from([np.float64, np.float32, np.int8, np.int64, np.bool_, "U5", "U1"]),
    st.sampled_from(["datetime64[D]", "datetime64[m]", "timedelta64[s]"]),
).map(np.dtype)


@settings(deadline=None)
@given(arrays.arrays(KINDS, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0)), st.booleans())
def test_arrays_come_back_in_their_layout(array, turned):
    array = np.asfortranarray(array) if turned else array
    back = unpack_values(pack_values(array))
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert back.flags.c_contiguous == array.flags.c_contiguous
    assert back.flags.f_contiguous == array.flags.f_contiguous


def test_numbers_of_numpy_keep_their_kind():
    given_values = [np.float64(0.1), np.bool_(True), np.int64(3), np.datetime64("2026-01-21"), float("nan")]
    back = unpack_values(pack_values(given_values))
    assert [type(each) for each in back] == [type(each) for each in given_values]
    assert repr(back) == repr(given_values)


def test_times_texts_and_paths_come_back():
    value = (datetime(2026, 1, 21, 7, tzinfo=JST), datetime(2026, 1, 21), JsonText("{}"), Path("a/b"), {1, 2})
    assert unpack_values(pack_values(value)) == value
    assert repr(unpack_values(pack_values(value))) == repr(value)


def test_a_panel_lies_where_it_is_mapped_and_cannot_be_written(tmp_path):
    panel = make_panel()
    path = tmp_path / "panel.arrow"
    path.write_bytes(pack_values(panel))
    with path.open("rb") as file:
        mapped = mmap(file.fileno(), 0, access=ACCESS_READ)
    back = unpack_values(memoryview(mapped))
    assert content_digest(back) == content_digest(panel)
    begin = np.frombuffer(mapped, dtype=np.uint8).ctypes.data
    assert begin <= back.close.ctypes.data < begin + len(mapped)
    assert not back.close.flags.writeable
    assert pa.ipc.open_file(path).num_record_batches == 1


def test_lists_of_codes_are_written_once():
    codes = tuple(f"{n:04}" for n in range(500))
    once, often = len(pack_values({1: codes})), len(pack_values({n: tuple(codes) for n in range(100)}))
    assert often < 2 * once


@dataclass
class Evil:
    """Its constructor would run what the bytes say."""

    command: str = ""

    def __post_init__(self) -> None:
        os.environ["EVIL"] = self.command


def test_classes_of_others_are_not_made(monkeypatch):
    monkeypatch.delenv("EVIL", raising=False)
    content = pack_values(Evil())
    monkeypatch.delenv("EVIL")
    with pytest.raises(DataError, match="no module of jstock"):
        unpack_values(content)
    assert "EVIL" not in os.environ


def forge(content: bytes, old: str, new: str) -> bytes:
    """The same bytes with another text in their head."""
    file = pa.ipc.open_file(content)
    head = {key: value.replace(old.encode(), new.encode()) for key, value in file.schema.metadata.items()}
    assert head != file.schema.metadata
    batch = file.get_batch(0)
    out, schema = pa.BufferOutputStream(), file.schema.with_metadata(head)
    with pa.ipc.new_file(out, schema) as made:
        made.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    return out.getvalue().to_pybytes()


LISTING = "jstock_core.market.listings:Listing"


def test_what_was_forged_is_read():
    content = pack_values(Listing("7203", "a", "b"))
    assert unpack_values(forge(content, '"7203"', '"9984"')) == Listing("9984", "a", "b")


@pytest.mark.parametrize(
    "home",
    [
        "os:system",
        "jstock_core.base.identity.source:hash_code",
        "jstock_core.market.listings:Panel",
        "jstock_core.reports.render.outgoing.pdf:subprocess.Popen",
        "jstock_core.reports.render.outgoing.pdf:Path",
    ],
)
def test_nothing_but_a_class_of_the_module_is_made(home):
    content = forge(pack_values(Listing("7203", "a", "b")), LISTING, home)
    with pytest.raises(DataError, match=r"no packed values.*(no class|no module of jstock)"):
        unpack_values(content)


@pytest.mark.parametrize(
    ("home", "why"),
    [("jstock_core.reports.render.outgoing.pdf:subprocess.Popen", "no class"), (LISTING, "no enumeration")],
)
def test_only_an_enumeration_is_called_with_a_value(tmp_path, home, why):
    made = tmp_path / "made"
    content = pack_values([ExitStatus.OK, ["touch", str(made)]])
    command = f'["list", "touch", "{made}"]'
    content = forge(content, f", {command}", "")
    content = forge(content, '"jstock_core.base.errors:ExitStatus", 0', f'"{home}", {command}')
    with pytest.raises(DataError, match=why):
        unpack_values(content)
    assert not made.exists()


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"\x80\x05N.", b"PAR1" * 20])
def test_other_bytes_are_refused(content):
    with pytest.raises(DataError, match="no packed values"):
        unpack_values(content)


def test_bytes_that_end_early_are_refused():
    content = pack_values(make_panel())
    for size in (100, len(content) // 2, len(content) - 8):
        with pytest.raises(DataError, match="no packed values"):
            unpack_values(content[:size])


@dataclass(frozen=True)
class Plain:
    """A rule without parameters, which remembers what it is made of."""

    @cached_property
    def layers(self) -> tuple[str, ...]:
        return ("stop",)


def test_what_a_value_without_fields_remembers_does_not_travel():
    value = Plain()
    assert value.layers
    back = unpack_values(pack_values(value), ours=False)
    assert back == value
    assert vars(back) == {}


class Local:
    """No dataclass, with a memory of its own."""

    def __init__(self) -> None:
        self.seen = 1


@pytest.mark.parametrize("value", [object, lambda: 0, Local(), b"x", 1j, np.array([{}]), iter(())])
def test_what_is_no_value_is_refused(value):
    with pytest.raises(TypeError):
        pack_values((1, value))


def test_a_class_that_is_in_no_file_is_refused():
    made = dataclass(frozen=True)(type("Hidden", (), {"__module__": "__main__"}))
    with pytest.raises(TypeError, match="in no file"):
        pack_values(made())
    assert replace(Thing((), Decimal(1)), inner=2).inner == 2
