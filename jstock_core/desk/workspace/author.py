"""The author of facts: named by the environment, else the user of the operating system."""

from __future__ import annotations

import os

from jstock_core.base.errors import UsageError
from jstock_core.base.identity.user import current_user

AUTHOR = "JSTOCK_USER"
LONGEST_NAME = 64


def find_author() -> str:
    """The name under which facts are recorded.

    Raises:
        UsageError: the variable holds no name that can stand in a table.

    """
    named = os.environ.get(AUTHOR, "").strip()
    if named:
        return check_author(named, AUTHOR)
    return current_user()[:LONGEST_NAME]


def check_author(name: str, where: str) -> str:
    """Return a person's name without spaces around it.

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
