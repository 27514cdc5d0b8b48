"""The collector of reference cycles is paused while a backtest runs, and only then."""

from __future__ import annotations

import gc

import pytest

from jstock_core.research.collector import collector_paused


def test_the_collector_is_paused_until_the_outermost_block_ends():
    assert gc.isenabled()
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_runs_again_after_an_error():
    with pytest.raises(ValueError, match="stop"), collector_paused():
        raise ValueError("stop")
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off_before():
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
