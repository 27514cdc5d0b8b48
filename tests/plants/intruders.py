"""Rules that end the process, raise what is no Exception, or print: `how` says which."""

from __future__ import annotations

import os
import signal
import sys

from jstock_core.rules import Entry, Filter, Layer, Protection, entry, filter_, layer, protection, sizing


class OddError(BaseException):
    """What no `except Exception` catches."""


def intrude(how):
    match how:
        case "hard":
            os._exit(0)
        case "soft":
            sys.exit(0)
        case "odd":
            raise OddError("no")
        case "print":
            print('{"orders": []}')  # noqa: T201
        case "kill" if "ipykernel" in sys.modules:
            os.kill(os.getpid(), signal.SIGKILL)


@entry("IntrudingEntry")
class IntrudingEntry(Entry):
    """Buy nothing."""

    how: str = "hard"

    def evaluate(self, view):
        intrude(self.how)


@layer("intruding_layer")
class IntrudingLayer(Layer):
    """Sell nothing."""

    how: str = "hard"

    def verdict(self, view, row, holding):
        intrude(self.how)


@filter_("intruding_filter")
class IntrudingFilter(Filter):
    """Refuse nothing."""

    how: str = "hard"

    def refusal(self, n, group):
        intrude(self.how)
        return ""


@protection("intruding_protection")
class IntrudingProtection(Protection):
    """Pause nothing."""

    how: str = "hard"

    def reason(self, group):
        intrude(self.how)
        return ""


@sizing("intruding_sizing")
class IntrudingSizing:
    """Give a unit."""

    how: str = "hard"
    max_positions: int = 5
    max_position_pct: float = 30.0

    def size(self, candidate, room):
        intrude(self.how)
        return 100

    def shortfall(self, candidate, room):
        return "too little"
