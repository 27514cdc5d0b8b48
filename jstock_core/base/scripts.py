"""Short errors in scripts: what is wrong and what to do, instead of a traceback through jstock."""

from __future__ import annotations

import sys
from types import TracebackType

from jstock_core.base.errors import JstockError


class ShortErrors:
    """The block of `short_errors`."""

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the script where the block ended with an error for people.

        Raises:
            SystemExit: with the status that the command line ends with for such an error.

        """
        if isinstance(error, JstockError):
            tickets = [] if error.tickets is None else [error.tickets.as_text()]
            sys.stderr.write("\n".join([*error.short_lines(), *tickets, ""]))
            raise SystemExit(int(error.exit)) from None


def short_errors() -> ShortErrors:
    """Let a script end with a few lines where jstock refuses something inside a `with` block.

    A `JstockError` is written to stderr as a notebook shows it, with the script's own line, and the script
    ends with the exit status that a command would. Other exceptions keep their traceback. Code outside the
    block is not affected.
    """
    return ShortErrors()
