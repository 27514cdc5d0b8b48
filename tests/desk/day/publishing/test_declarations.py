"""What a desk declares is kept in the manifest of a run, in plain JSON."""

from __future__ import annotations

import json
from pathlib import Path

from jstock_core.desk.day.publishing.declarations import desk_declarations
from jstock_core.desk.workspace.desk import open_desk
from tests.desk.days import MORNING, edited


def test_every_parameter_is_declared_with_what_is_monitored(new: Path) -> None:
    desk = open_desk(new, now=MORNING)
    found = desk_declarations(desk)
    assert json.loads(json.dumps(found)) == found
    assert found["provider"]["use"] == "simulated"
    assert found["settings"]["history_sessions"] == 20
    assert "provider" not in found["settings"]
    assert found["groups"]["conservative"]["entry"]["buy_threshold"] == 55
    assert found["monitored"]["codes"] == len(desk.monitored)


def test_another_list_of_codes_has_another_hash_and_another_order_has_not(new: Path) -> None:
    before = desk_declarations(open_desk(new, now=MORNING))["monitored"]
    path = new / "data" / "monitor_list.json"
    codes = json.loads(path.read_text(encoding="utf-8"))["tickers"]
    path.write_text(json.dumps({"tickers": codes[::-1]}), encoding="utf-8")
    assert desk_declarations(open_desk(new, now=MORNING))["monitored"] == before
    path.write_text(json.dumps({"tickers": codes[1:]}), encoding="utf-8")
    assert desk_declarations(open_desk(new, now=MORNING))["monitored"] != before


def test_an_edit_shows(new: Path) -> None:
    edited(new, "params/desk.yaml", "history_sessions: 20", "history_sessions: 21")
    assert desk_declarations(open_desk(new, now=MORNING))["settings"]["history_sessions"] == 21


def test_whom_the_desk_tells_and_when_it_runs_is_not_published(shared_desk):
    mail = {"use": "smtp", "host": "mail.example", "sender": "desk@mail.example", "to": ["me@mail.example"]}
    beside = {"notify": {"ways": {"mail": mail}}, "schedule": {"evening": "17:30"}}
    plain = desk_declarations(shared_desk(ready="new"))
    told = desk_declarations(shared_desk(ready="new", changes={"desk": beside}))
    assert "me@mail.example" not in str(told)
    assert told["settings"].keys() == plain["settings"].keys()
