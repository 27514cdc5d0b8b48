"""A vendor's faults change no decision: they are waited for, or the morning is run again."""

from __future__ import annotations

from jstock_core.state.facts.events import Filled
from tests.stories.vendor_year import first_difference, live


def test_mornings_with_faults_record_what_mornings_without_record(tmp_path):
    calm = live(tmp_path / "calm", 6, None)
    rough = live(tmp_path / "rough", 6, 1)
    assert len(calm.events) >= 12
    assert any(isinstance(event, Filled) for event in calm.events)
    assert first_difference(calm, rough) == ""
    assert (calm.again, calm.refused) == (0, 0)
    assert rough.again
    assert rough.waited > calm.waited
