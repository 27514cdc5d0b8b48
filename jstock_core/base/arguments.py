"""Arguments of public functions: checks of their types, and their names in error messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.base.limits import quote

_OPTION = re.compile(r"(`[^`]*`)|(?<![\w-])--([a-z][a-z-]*)(?: ([A-Z]+)\b)?")


def require_kind(value: object, kind: type | tuple[type, ...], what: str, do: str) -> None:
    """Make sure that an argument is of a class; `what` is the word for it, `do` says where to get one.

    Raises:
        UsageError: it is something else.

    """
    if not isinstance(value, kind):
        raise UsageError(f"{quote(value)} is not {what}", do=do)


@contextmanager
def call_words(**names: str) -> Iterator[None]:
    """Let an error of the block name arguments for options of a command: `reason=` for --reason.

    `names` are the arguments of options that are called otherwise, as `from_="first"`. What stands in
    backticks is a command, and stays.
    """
    try:
        yield
    except JstockError as error:
        called = {option.rstrip("_").replace("_", "-"): name for option, name in names.items()}
        error.what, error.where, error.do = (
            _name_arguments(text, called) for text in (error.what, error.where, error.do)
        )
        raise


def _name_arguments(text: str, called: dict[str, str]) -> str:
    def name(found: re.Match[str]) -> str:
        if found[1]:
            return found[0]
        return f"{called.get(found[2], found[2].replace('-', '_'))}={found[3] or ''}"

    return _OPTION.sub(name, text)
