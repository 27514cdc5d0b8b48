"""A check that fails is a finding; a desk that cannot be opened is one too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus, ParamsError, UsageError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health.check import Examined, HealthCheck, State, look_at
from tests.ops.health.conftest import NOW, look, one


def test_a_desk_that_opens_is_there_whole(examined: Examined) -> None:
    assert examined.error is None
    assert examined.desk.settings is examined.settings


def test_without_a_workspace_the_reason_is_kept(tmp_path: Path) -> None:
    found = look_at(str(tmp_path), now=NOW)
    assert isinstance(found.error, UsageError)
    assert (found.workspace, found.opened) == (None, None)


def test_with_broken_groups_the_parameters_are_there_still(desk: Desk) -> None:
    next(desk.workspace.groups.glob("*.yaml")).write_text("name: [")
    found = look_at(str(desk.workspace.root), now=NOW)
    assert isinstance(found.error, ParamsError)
    assert found.opened is None
    assert found.settings is not None


def test_with_broken_parameters_the_workspace_is_there_still(desk: Desk) -> None:
    desk.workspace.desk_yaml.write_bytes(b"\xff\xfe\x00")
    found = look_at(str(desk.workspace.root), now=NOW)
    assert found.workspace is not None
    assert found.settings is None
    assert found.error is not None


def test_a_wrong_time_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        look_at(str(tmp_path), now="soon")


def test_an_error_is_a_finding_with_its_place_and_its_remedy(examined: Examined) -> None:
    def fail(_: Examined) -> Iterator[HealthCheck]:
        yield HealthCheck("first", State.OK, "fine")
        raise DataError("no bars", where="data/raw", do="fetch them")

    check = one(fail, examined)
    assert check == HealthCheck("it", State.FAIL, "no bars (data/raw)", "fetch them", ExitStatus.DATA)


def test_a_defect_of_a_check_is_a_finding_too(examined: Examined) -> None:
    def fail(_: Examined) -> Iterator[HealthCheck]:
        raise ZeroDivisionError("by zero")

    check = one(fail, examined)
    assert (check.state, check.what) == (
        State.FAIL, "this check could not be made: ZeroDivisionError: by zero",
    )  # fmt: skip


def test_what_needs_a_desk_is_not_checked_without_one(tmp_path: Path) -> None:
    def needs_it(examined: Examined) -> Iterator[HealthCheck]:
        yield HealthCheck("it", State.OK, str(examined.desk.workspace.root))

    (check,) = look(needs_it, look_at(str(tmp_path), now=NOW))
    assert (check.state, check.what) == (State.NOTE, "not checked: the desk cannot be opened")
