"""Who records: named by the environment, else the user of the operating system."""

from __future__ import annotations

import getpass
import os

from jstock_core.base.errors import UsageError

AUTHOR = "JSTOCK_USER"
LONGEST_NAME = 64


def find_author() -> str:
    """The name under which facts are recorded; "" where the system knows none.

    Raises:
        UsageError: the variable holds no name that can stand in a table.

    """
    named = os.environ.get(AUTHOR, "").strip()
    if named:
        return check_author(named, AUTHOR)
    try:
        return getpass.getuser()[:LONGEST_NAME]
    except (KeyError, OSError, ImportError):  # a container's user without an entry
        return ""


def check_author(name: str, where: str) -> str:
    """A name as a person gives it.

    Raises:
        UsageError: it is empty, too long, or holds line breaks and the like.

    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(
            f"not the name of a person: {name!r}",
            where=where,
            do=f"give 1 to {LONGEST_NAME} letters in one line",
        )
    return name.strip()
