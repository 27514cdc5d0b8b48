"""The system account that runs this process."""

from __future__ import annotations

import getpass
import os


def current_user() -> str:
    """The name of the account that runs this process; its number if it has no name.

    On Unix it comes from the system and not from environment variables, which anybody can set.
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
