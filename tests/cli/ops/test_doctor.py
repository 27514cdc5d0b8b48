"""What `jstock doctor` prints: a check a line, and what belongs to it under it."""

from __future__ import annotations

from datetime import datetime

import pytest

from jstock_core.base.clock import JST
from jstock_core.cli.ops.doctor import show_examination
from jstock_core.ops.health.check import HealthCheck, State
from jstock_core.ops.health.doctor import Examination


def test_a_fault_of_several_lines_stands_under_its_check(capsys: pytest.CaptureFixture[str]) -> None:
    check = HealthCheck("notify", State.FAIL, "mail: host: required\nhots: unknown key", "correct the keys")
    show_examination(Examination(datetime(2026, 1, 21, tzinfo=JST), "/desk", {"people": (check,)}))
    assert capsys.readouterr().out.splitlines()[:4] == [
        "people",
        "  fail notify: mail: host: required",
        "       hots: unknown key",
        "       do correct the keys",
    ]


def test_every_line_fits_into_80_columns_and_stands_under_its_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    check = HealthCheck("disk", State.WARN, "all backups are on one disk " * 5, "name another folder " * 6)
    show_examination(Examination(datetime(2026, 1, 21, tzinfo=JST), "/desk", {"records": (check,)}))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= 80
    assert all(line.startswith("       ") for line in lines[2:-1])
    assert " ".join(" ".join(lines).split()).count("all backups are on one disk") == 5
