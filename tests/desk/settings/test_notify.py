"""Who hears of what: `notify` in params/desk.yaml as it is read."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ParamsError
from jstock_core.desk.settings.notify import KINDS, NotifySettings, Route, read_notify

MAIL = {"use": "smtp", "host": "mail.example", "from": "desk@mail.example", "to": ["me@mail.example"]}
PHONE = {"use": "push", "urls": ["DESK_PUSH"]}


def read(**keys: Any) -> NotifySettings:
    return read_notify({"ways": {"mail": MAIL, "phone": PHONE}, **keys}, "desk.yaml, notify")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-21T{clock}").replace(tzinfo=JST)


def test_nothing_declared_tells_nobody() -> None:
    assert read_notify({}, "desk.yaml") == NotifySettings()


def test_a_way_alone_is_enough() -> None:
    """Every kind goes by it."""
    found = read_notify({"ways": {"mail": MAIL}}, "desk.yaml")
    assert found.routes == dict.fromkeys(KINDS, Route(("mail",)))
    assert found.ways["mail"] == MAIL


def test_a_route_names_ways_or_audiences_and_who_takes_over() -> None:
    found = read(
        audiences={"all": ["phone", "mail"]},
        routes={
            "report": "mail", "warning": [], "action": ["all"],
            "failure": {"to": ["phone"], "fallback": "all"},
        },
    )  # fmt: skip
    assert found.routes == {
        "report": Route(("mail",)),
        "action": Route(("phone", "mail")),
        "warning": Route(()),
        "failure": Route(("phone",), ("mail",)),
        "recovery": Route(("mail", "phone")),
    }


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"routes": {"report": ["mial"]}}, '"mial" is no way or audience; did you mean "mail"?'),
        ({"routes": {"report": {"to": "mail", "fallback": ["pager"]}}}, '"pager" is no way or audience'),
        ({"routes": {"reports": "mail"}}, '"reports" is no kind of message; did you mean "report"?'),
        ({"audiences": {"team": ["fax"]}}, '"fax" is no way'),
        ({"audiences": {"mail": ["phone"]}}, "audiences.mail: a way has that name too"),
        ({"quiet_hours": {"since": "25:00", "until": "06:30"}}, "since"),
        ({"quiet_hours": {"since": "22:00", "until": "06:30", "kinds": ["alarm"]}}, '"alarm" is no kind'),
        ({"digest": "noon"}, "digest"),
        ({"route": {}}, "route: unknown key"),
    ],
)
def test_a_wrong_name_or_time_is_named(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ParamsError) as caught:
        read(**keys)
    assert said in caught.value.what
    assert caught.value.where.startswith("desk.yaml, notify")


def test_in_quiet_hours_what_can_wait_waits_for_their_end() -> None:
    found = read(quiet_hours={"since": "21:30", "until": "06:30"}, digest="17:30")
    assert found.not_before("report", at("22:00")) == at("06:30").replace(day=22)
    assert found.not_before("warning", at("05:00")) == at("06:30")
    assert found.not_before("report", at("06:30")) == at("06:30")
    assert found.not_before("failure", at("05:00")) == at("05:00")
    assert found.not_before("action", at("23:00")) == at("23:00")
    assert found.digest == time(17, 30)


def test_quiet_hours_of_one_day() -> None:
    found = read(quiet_hours={"since": "12:00", "until": "13:00", "kinds": ["action"]})
    assert found.not_before("action", at("12:59")) == at("13:00")
    assert found.not_before("action", at("13:00")) == at("13:00")
    assert found.not_before("report", at("12:30")) == at("12:30")
