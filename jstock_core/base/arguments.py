"""Arguments of public functions: checks of their types, and their names in error messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from operator import index
from typing import SupportsIndex

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.base.limits import quote

_OPTION = re.compile(r"(`[^`]*`)|(?<![\w-])--([a-z][a-z-]*)(?: ([A-Z]+)\b)?")


def require_kind(value: object, kind: type | tuple[type, ...], what: str, do: str) -> None:
    """Check that an argument is an instance of a class; `what` names it, `do` says where to get one.

    Raises:
        UsageError: it is of another type.

    """
    if not isinstance(value, kind):
        raise UsageError(f"{quote(value)} is not {what}", do=do)


def require_whole(value: object, what: str, least: int, most: int | None = None) -> int:
    """The number given for `what`, checked: whole, and from `least` to `most`, None for no upper bound.

    Raises:
        UsageError: it is no whole number (`True` and 3.0 are none), or out of range.

    """
    wanted = f"from {least} on" if most is None else f"from {least} to {most:,}"
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        number = index(value)
        if least <= number and (most is None or number <= most):
            return number
    raise UsageError(f"{quote(value)} for {what}", do=f"give a whole number {wanted}")


@contextmanager
def call_words(**names: str) -> Iterator[None]:
    """Rewrite errors raised in the block: name Python arguments instead of command-line options.

    `--reason` becomes `reason=`. `names` lists the arguments that are not called like their option, as
    `from_="first"`. Text in backticks is a command and stays as it is.
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
