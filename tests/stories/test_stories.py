"""Little ledgers that an accountant can read, run through the real fold: the language is that of `story`."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.testing import story

STORIES = sorted(Path(__file__).parent.glob("*.ledger"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_is_true(path):
    book = story(path.read_text(encoding="utf-8")).book
    for group in book.groups.values():
        sources = group.deposited + group.realized + group.dividends - group.fees + group.adjusted
        assert group.cash + group.invested == sources


def test_there_are_stories():
    assert len(STORIES) >= 6


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2026-01-05  cash  core  11", "it is 10"),
        ("2026-01-05  holds  core  7203  100 @ 3,000", "it holds nothing"),
        ("2026-01-05  pnl  core  1", "it is 0"),
        ("2026-01-05  lot  core  7203  bought 100  1", r"the lots are \[\]"),
        ("2026-01-06  sell  core  7203  100 @ 3,000", "sells 100 shares, but only 0 are held"),
        ('2026-01-06  refused deposit  core  10  "y"', "should have been refused"),
        ('2026-01-05  deposit  core  10  "x"', "recorded before"),
    ],
)
def test_an_untrue_line_is_found_out(line, message):
    """It names the line, and what is so instead."""
    with pytest.raises(AssertionError, match=message) as caught:
        story(f'2026-01-05  deposit  core  10  "x"\n2026-01-05  close  7203  9\n{line}')
    assert str(caught.value).startswith(line)


@pytest.mark.parametrize(
    "line", ["2026-01-05  bye  core  7203  100 @ 3,000", "5 Jan cash core 1", "2026-01-05  cash"]
)
def test_what_is_no_line_of_a_story_is_refused(line):
    with pytest.raises(UsageError, match="not a line of a story"):
        story(line)
