"""A past morning decides again as it did, whatever a vendor corrected since.

On 2026-06-29 J-Quants corrected the adjustment factors of past rows of eleven stocks: rights issues, ExRT 3.
"""

from __future__ import annotations

import json

import pytest

from jstock_core.base.alerts import Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.cli import run
from jstock_core.decide import read_signals
from jstock_core.desk.day.again.again import first_decisions, redecide
from jstock_core.desk.day.again.revised import RevisedData
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.testing import desk
from tests.desk.corrected import BEFORE, CODES, CORRECTION, DECIDED, EX_DATE, GROUP, corrected_desk
from tests.desk.mornings import morning_after, until


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """A desk that decided three mornings before the correction came, and one after it."""
    return corrected_desk(tmp_path_factory.mktemp("corrected"))


def mornings():
    return [tse().next(session) for session in DECIDED]


def as_journaled(desk, trade_date):
    return [
        (event.group, event.status, read_signals(event), tuple(event.skipped))
        for event in first_decisions(desk.journal().history(), trade_date)
    ]


def as_decided_again(made):
    return [
        (event.group, event.status, read_signals(event), tuple(event.skipped)) for event in made.decisions
    ]


def test_every_earlier_morning_decides_again_bit_for_bit(corrected):
    history, wanted = corrected.journal().history(), 0
    for trade_date in (*mornings(), tse().next(CORRECTION)):
        made = as_decided_again(redecide(corrected, history, trade_date))
        assert made == as_journaled(corrected, trade_date)
        wanted += sum(len(signals) for _, _, signals, _ in made)
    assert wanted, "nothing was decided"


def test_on_the_corrected_rows_it_would_have_decided_otherwise(corrected):
    history, now = corrected.journal().history(), corrected.panel()
    again = [as_decided_again(redecide(corrected, history, day, now)) for day in mornings()]
    assert again != [as_journaled(corrected, day) for day in mornings()]


def test_a_decided_morning_is_shown_on_what_it_saw(corrected):
    """Its report and explanations must not show figures that nobody had."""
    day = run_day(corrected, mornings()[0], Intent.SHOW_AGAIN)
    assert (day.view.panel.adj_factor == 1.0).all()
    assert (run_day(corrected, intent=Intent.SHOW_AGAIN).view.panel.adj_factor != 1.0).any()


def test_a_decision_records_the_edition_that_it_saw(corrected):
    history = corrected.journal().history()
    tokens = [first_decisions(history, day)[0].provenance["edition"] for day in mornings()]
    assert len(set(tokens)) == len(tokens)
    assert [int(token.partition("-")[0]) for token in tokens] == sorted(
        int(token.partition("-")[0]) for token in tokens
    )


def test_the_morning_after_a_correction_says_what_it_would_have_changed(corrected):
    """It does not stop the desk: a warning with the rows and the mornings that saw them otherwise."""
    day = run_day(corrected)
    [alert] = [alert for alert in day.alerts if alert.kind == "revision"]
    assert alert.severity is Severity.WARNING
    assert "The vendor corrected 11 values since the last decision: bars 4001 2026-06-10" in alert.text
    assert "The last 3 mornings decided again on it would have come out otherwise: 2026-06-" in alert.text
    assert day.revised.asked == tuple(reversed(mornings()))
    changed = {change.trade_date for change in day.revised.changes}
    now = corrected.panel()
    for trade_date in mornings():
        made = redecide(corrected, corrected.journal().history(), trade_date, now)
        assert (wanted(made) != wanted(redecide(corrected, corrected.journal().history(), trade_date))) == (
            trade_date in changed
        )


def wanted(made):
    actions = [(e.group, s.code, s.action) for e in made.decisions for s in read_signals(e)]
    return sorted(actions), sorted((o.group, o.code, o.side, o.shares) for o in made.orders)


def test_mornings_without_a_correction_say_nothing(tmp_path):
    root = desk(tmp_path / "desk", market=until(BEFORE, DECIDED[0]), groups=GROUP).workspace.root
    day = run_day(open_desk(root, now=morning_after(DECIDED[0])))
    assert day.revised == RevisedData()
    assert [alert for alert in day.alerts if alert.kind == "revision"] == []


def test_revisions_are_listed_with_the_mornings_that_they_would_change(corrected, capsys):
    root = str(corrected.workspace.root)
    command = ["data", "revisions", "-w", root, "--now", corrected.fixed_now, "--json"]
    assert run(command) == ExitStatus.OK
    found = json.loads(capsys.readouterr().out)
    first = found["revisions"][0]
    assert (first["dataset"], first["code"], first["day"], first["column"]) == (
        "bars", "4001", EX_DATE, "AdjFactor",
    )  # fmt: skip
    assert (first["old"], first["new"], first["received_at"]) == (1.0, 0.9632, "2026-06-30T20:00:00+09:00")
    assert len(found["revisions"]) == len(CODES)
    assert found["asked"] == [str(day) for day in reversed(mornings())]
    assert run([*command[:-1], "--mornings", "1"]) == ExitStatus.OK
    assert "(2 earlier ones were not asked)" in " ".join(capsys.readouterr().out.split())
    assert run([*command[:-1], "--since", "2026-07-01"]) == ExitStatus.OK
    assert "nothing was corrected" in capsys.readouterr().out
