"""Waiting for market data before a morning: fetched again, with pauses, until it is there or a limit is over.

The desk is not locked during a pause, so that files can be imported meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.progress import Say, silent
from jstock_core.base.words import plural
from jstock_core.data.checks.readiness import check_readiness
from jstock_core.data.store.load import load_panel
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import OPEN, at
from jstock_core.market.publication import minute_of

Sleep = Callable[[float], None]
MINUTE = timedelta(minutes=1)
LONGEST_PAUSE = 5 * MINUTE
LONGEST_WAIT = 12 * 60
"""Minutes; from the evening before until the open is longer than any use of it."""


def wait_until_ready(
    desk: Desk, trade_date: date, minutes: int, say: Say = silent, sleep: Sleep = time.sleep
) -> bool:
    """Wait until the data is there that the next trade date is decided on; whether it is.

    What is awaited are the bars, and what the desk does not go on without. Nobody waits beyond `minutes` nor
    beyond the open, nor for another date than the next possible one. A fetch that fails is tried again.

    Raises:
        UsageError: the limit is no number of minutes that can be waited.
        DataError: the store is damaged, which no waiting mends. LockedError: another run holds the desk.

    """
    if not 0 <= minutes <= LONGEST_WAIT:
        raise UsageError(f"cannot wait {minutes} minutes", do=f"give 0 to {LONGEST_WAIT} minutes")
    if trade_date != desk.next_trade_date:
        return True
    if desk.store.read().last("bars") is not None:
        load_panel(desk.store)
    begun, left = desk.now(), minutes * MINUTE
    for pause in _pauses():
        lacking = _lacking(desk, trade_date, say)
        left = min(left, minutes * MINUTE - (desk.now() - begun), at(trade_date, OPEN) - desk.now())
        if not lacking or left <= timedelta(0):
            return not lacking
        length = min(pause, left)
        say(f"not ready: {lacking}; again in {plural(_minutes(length), 'minute')}, {_minutes(left)} left")
        sleep(length.total_seconds())
        left -= length
    return False


def _minutes(span: timedelta) -> int:
    return max(1, round(span / MINUTE))


def _pauses() -> Iterator[timedelta]:
    """A minute, and each pause twice as long as the one before, up to `LONGEST_PAUSE`."""
    pause = MINUTE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)


def _lacking(desk: Desk, trade_date: date, say: Say) -> str:
    """What is not there yet; "" where the morning can be decided. It is fetched first."""
    try:
        with desk.hold(f"a fetch for {trade_date}"):
            desk.fetch(trade_date, say, anew=True)
        panel = desk.panel()
    except DataError as error:
        return error.what
    needed = {"bars", *(name for name, then in desk.settings.late_data.items() if then != "go_on")}
    ready = check_readiness(panel, minute_of(desk.now()))
    late = [each for each in ready if each.late and each.dataset in needed]
    return "; ".join(f"{each.title}: {each.reason}" for each in late)
