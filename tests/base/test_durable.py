"""Files of the desk: for their owner alone, and errors say whose a file is."""

from __future__ import annotations

import os

import pytest

from jstock_core.base.durable import (
    is_unwritable,
    lacks_room,
    make_private_folder,
    os_reason,
    write_atomically,
)


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"x")
        write_atomically(tmp_path / "shared", b"x", 0o644)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o644


def test_a_file_of_somebody_else_is_named_with_its_owner(tmp_path, monkeypatch):
    error = PermissionError(13, "Permission denied", str(tmp_path / "file"))
    assert os_reason(error) == "Permission denied"
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert f"; {tmp_path} belongs to the user " in os_reason(error)
    assert os_reason(FileNotFoundError(2, "No such file", str(tmp_path / "file"))) == "No such file"


def test_a_file_system_that_takes_no_folders_is_one_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise FileNotFoundError(2, "No such file or directory", str(self))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(OSError, match="no folder can be made here") as refused:
        make_private_folder(tmp_path / "new")
    assert is_unwritable(refused.value)
    assert not lacks_room(refused.value)
    assert refused.value.filename == str(tmp_path / "new")
