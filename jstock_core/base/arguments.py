"""Errors of functions of the public face: what a command calls an option is an argument there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from jstock_core.base.errors import JstockError

_OPTION = re.compile(r"(`[^`]*`)|(?<![\w-])--([a-z][a-z-]*)(?: ([A-Z]+)\b)?")


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
