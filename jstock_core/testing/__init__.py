"""Builders for tests: a small market, a desk, a ledger and a certificate, each in one readable call.

The tests of jstock use them, and authors of plug-ins are meant to; `docs/testing.md` shows how. Nothing here
imports pytest: a failure is an `AssertionError`. Nothing in jstock but its tests imports this room.

What may enter: what builds an input of a test, or says in words why a rule failed.
"""

from __future__ import annotations

from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.testing.desks import MORNING, copy_desk, desk
from jstock_core.testing.edits import with_bar, with_facts, with_split, without_bar, without_rows
from jstock_core.testing.facts import Disclosure, DividendNotice, EarningsDate, InvestorWeek, SplitNotice
from jstock_core.testing.files import write_market
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import simulated_exchange
from jstock_core.testing.jquants.server import serve_jquants
from jstock_core.testing.markets import Stock, panel
from jstock_core.testing.providers import check_provider
from jstock_core.testing.rules import check_rule
from jstock_core.testing.stories import Story, story

__all__ = [
    "MORNING",
    "Disclosure",
    "DividendNotice",
    "EarningsDate",
    "InvestorWeek",
    "ManualClock",
    "Simulated",
    "SplitNotice",
    "Stock",
    "Story",
    "check_provider",
    "check_rule",
    "copy_desk",
    "desk",
    "faults",
    "panel",
    "serve_jquants",
    "simulated_exchange",
    "story",
    "with_bar",
    "with_facts",
    "with_split",
    "without_bar",
    "without_rows",
    "write_market",
]
