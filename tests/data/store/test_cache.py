"""The kept arrays: recalled whole, or not at all."""

from __future__ import annotations

import numpy as np

from jstock_core.data.store.cache import read_cache, write_cache

ARRAYS = {"open": np.arange(40.0), "code": np.array(["7203", "167A"])}


def test_what_is_kept_is_recalled(tmp_path):
    write_cache(tmp_path / "panel-1.npz", ARRAYS)
    found = read_cache(tmp_path / "panel-1.npz")
    assert found is not None
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in ARRAYS.items()
    }


def test_any_flipped_byte_and_any_cut_is_no_cache(tmp_path):
    """The ZIP's own checksums cover its members, but neither its directory nor its flags."""
    path = tmp_path / "panel-1.npz"
    write_cache(path, ARRAYS)
    whole = path.read_bytes()
    flips = (
        whole[:at] + bytes([whole[at] ^ bits]) + whole[at + 1 :]
        for at in range(len(whole))
        for bits in (1, 8)
    )
    for damaged in (*flips, *(whole[:at] for at in range(0, len(whole), 5))):
        path.write_bytes(damaged)
        assert read_cache(path) is None


def test_no_file_is_no_cache(tmp_path):
    assert read_cache(tmp_path / "panel-1.npz") is None


def test_what_a_dead_process_left_is_removed_by_the_next_write(tmp_path):
    (tmp_path / ".panel-0.npz.77-ab.part").write_bytes(b"half")
    write_cache(tmp_path / "panel-1.npz", ARRAYS)
    assert [path.name for path in tmp_path.iterdir()] == ["panel-1.npz"]
