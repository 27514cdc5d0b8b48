"""The steps after a commit: once facts are in the journal, no later failure may hide that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from jstock_core.base.errors import JstockError, PublishError, WriteError, error_reason
from jstock_core.base.words import plural
from jstock_core.state.journal.journal import Journal

T = TypeVar("T")
_UNFINISHED = (PublishError, WriteError)
"""Errors of jstock that say that a step failed, not that a fact was refused."""


@contextmanager
def follow_commit(
    journal: Journal, refresh: Callable[[Journal], object], commits: list[int]
) -> Iterator[None]:
    """Run `refresh` when the block ends, also where it fails; add to `commits` the facts it recorded.

    Whether something was recorded is read from the journal itself: a commit may have succeeded though the
    call that made it did not return.

    Raises:
        PublishError: facts are recorded, and then the refresh failed, or the block did with an error that is
            no refusal of jstock's own.

    """
    before = journal.length()
    try:
        yield
    except BaseException as error:
        with suppress(Exception):
            refresh(journal)
        commits.append(_length(journal) - before)
        if commits[-1] and (isinstance(error, _UNFINISHED) or not isinstance(error, JstockError)):
            raise _unfinished(commits[-1], error) from error
        raise
    try:
        refresh(journal)
        commits.append(journal.length() - before)
    except BaseException as error:
        commits.append(_length(journal) - before)
        if commits[-1]:
            raise _unfinished(commits[-1], error) from error
        raise


def _length(journal: Journal) -> int:
    """The number of events in the journal; where it cannot be read, as of the last read."""
    try:
        return journal.length()
    except JstockError:
        return journal.known_length


def _unfinished(added: int, error: BaseException) -> PublishError:
    return PublishError(
        f"{plural(added, 'fact')} recorded in the journal, but not all that follows was done: "
        f"{error_reason(error)}",
        where=getattr(error, "where", ""),
        do=f"do not record it again; the next command that records repairs the rest{_remedy(error)}",
    )


def _remedy(error: BaseException) -> str:
    return f"; {error.do}" if isinstance(error, JstockError) and error.do else ""


def run_all(steps: Iterable[Callable[[], T]]) -> tuple[T, ...]:
    """Run every step, also where one before it failed, and return their results.

    Raises:
        Exception: the first failure, once all steps were tried.

    """
    done: list[T] = []
    failures: list[Exception] = []
    for step in steps:
        try:
            done.append(step())
        except Exception as error:  # noqa: BLE001 - raised below, when no step can be missed for it
            failures.append(error)
    if failures:
        raise failures[0]
    return tuple(done)
