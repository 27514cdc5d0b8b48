"""When data were fetched bounds what a decision may know: no byte of it is believed unproven."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from jstock_core.base.errors import DataError
from jstock_core.desk.workspace.kept.fetched import read_fetch_time, write_fetch_time

NOW = datetime(2026, 1, 21, 7, 0, tzinfo=timezone(timedelta(hours=9)))


def test_it_comes_back(tmp_path):
    assert read_fetch_time(tmp_path / "fetched.json") is None
    write_fetch_time(tmp_path / "fetched.json", NOW)
    assert read_fetch_time(tmp_path / "fetched.json") == NOW


def test_the_first_versions_wrote_no_seal(tmp_path):
    (tmp_path / "fetched.json").write_text('{\n  "fetched_at": "2026-01-21T07:00:00+09:00"\n}\n')
    assert read_fetch_time(tmp_path / "fetched.json") == NOW


def test_any_flipped_bit_and_any_cut_is_seen(tmp_path):
    path = tmp_path / "fetched.json"
    write_fetch_time(path, NOW)
    whole = path.read_bytes()
    flips = [
        whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        for at in range(len(whole))
        for bit in range(8)
    ]
    for damaged in (*flips, *(whole[:at] for at in range(len(whole)))):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="cannot read the time"):
            read_fetch_time(path)
