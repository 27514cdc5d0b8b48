"""Who runs this process, by the system's account."""

from __future__ import annotations

import getpass
import os


def current_user() -> str:
    """The name of the account that this process runs as; its number where it has no name.

    On Unix it is told by the system, and not by variables that anybody can set.
    """
    if os.name == "posix":
        import pwd

        number = os.geteuid()
        try:
            return pwd.getpwuid(number).pw_name
        except KeyError:
            return str(number)
    try:
        return getpass.getuser()
    except OSError:
        return "unknown"
