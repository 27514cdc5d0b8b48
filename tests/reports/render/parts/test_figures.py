"""A chart in words: each thing that it says is said once."""

from __future__ import annotations

import pytest

from jstock_core.reports.render.parts.figures import figure


@pytest.mark.parametrize(("note", "text"), [
    ("", "Return, %: desk +8.0 %"), ("desk +8.0 %", "Return, %: desk +8.0 %"),
    ("after costs", "Return, %: desk +8.0 %\nafter costs"),
])  # fmt: skip
def test_a_note_that_says_what_the_chart_means_is_not_said_twice_in_a_terminal(note: str, text: str) -> None:
    assert figure("x", "Return, %", "<svg></svg>", "desk +8.0 %", note).plain == text
