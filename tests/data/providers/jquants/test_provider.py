"""J-Quants as a desk's provider: settings, capabilities, the plan found out, and the first morning."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus, ParamsError, UsageError
from jstock_core.cli import run
from jstock_core.data.providers.jquants import limits, provider
from jstock_core.data.providers.jquants.keys import CONFIG_VARIABLE, VARIABLE
from jstock_core.data.providers.jquants.plans import FREE, LIGHT, PREMIUM, STANDARD, DataPlan
from jstock_core.data.providers.jquants.probe import probe_plan
from jstock_core.data.providers.jquants.provider import JQuants
from jstock_core.data.providers.jquants.transport import URL_VARIABLE
from jstock_core.data.providers.protocol import DATASETS, Capabilities, ChangedSpan, ReportsChanges
from jstock_core.data.providers.registry import make_provider
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.faults import Fault
from jstock_core.testing.jquants.server import KEY, LocalJQuants
from tests.data.providers.jquants.conftest import NOW, Connect, Serve

AT = ["--now", "2026-01-21T07:00"]
PLANS = pytest.mark.parametrize("plan", [FREE, LIGHT, STANDARD, PREMIUM], ids=lambda plan: plan.name)


@pytest.fixture
def live(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A server that the provider finds by itself, with the key in the environment and the server's clock."""

    def started(*given: Fault, plan: DataPlan = STANDARD, **options: object) -> LocalJQuants:
        local = serve(*given, plan=plan, **options)
        monkeypatch.setenv(VARIABLE, KEY)
        monkeypatch.setattr(provider, "CLOCK", local.clock.for_requests)
        monkeypatch.setattr(limits, "limits_folder", lambda: tmp_path / "limits")
        return local

    return started


@PLANS
@pytest.mark.parametrize("refuses", [True, False], ids=["refused", "empty"])
def test_the_plan_is_found_out(serve: Serve, connect: Connect, plan: DataPlan, refuses: bool):
    local = serve(plan=plan, refuses=refuses)
    found = probe_plan(connect(local, plan=FREE), NOW.date())
    assert found.plan is plan
    assert found.codes
    assert len(local.asked) <= FREE.per_minute
    assert (local.refused, local.clock.slept) == (0, 0)


def test_a_wrong_key_is_no_plan(serve: Serve, connect: Connect):
    local = serve()
    with pytest.raises(DataError, match="does not know the key"):
        probe_plan(connect(local, key="another-key-of-somebody"), NOW.date())


def test_what_it_can_do_depends_on_the_plan():
    free, light = JQuants(plan="free").capabilities, JQuants(plan="light").capabilities
    assert free == Capabilities(live=False, fetches=True, lacks=("topix", "flows", "earnings", "dividends"))
    assert light == Capabilities(live=True, fetches=True, lacks=("dividends",))
    assert {JQuants(plan=name).id for name in ("free", "premium")} == {"jquants"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "plan: required"),
        ({"plan": "gold"}, "plan: expected 'free', 'light', 'standard' or 'premium'"),
        ({"plan": "free", "api_key": KEY}, "api_key: unknown key"),
        ({"plan": "free", "history_years": 0}, "history_years: "),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ParamsError, match=message):
        make_provider({"use": "jquants", **settings}, where="test")


def test_codes_are_checked(live):
    live()
    with pytest.raises(UsageError, match="not a TSE stock code"):
        JQuants(plan="light", codes=["72O3"]).fetch("bars", None, NOW)


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_a_plan_lacks_is_empty_and_asks_nothing(live, dataset):
    local = live(plan=FREE)
    if dataset not in ("master", "bars", "statements"):
        table = JQuants(plan="free").fetch(dataset, None, NOW)
        assert table.equals(DATA_SETS[dataset].empty())
        assert not local.asked


def test_an_unknown_data_set_is_refused(live):
    with pytest.raises(UsageError, match="is not a data set"):
        JQuants(plan="free").fetch("weather", None, NOW)


def test_an_estimate_needs_no_key():
    found = JQuants(plan="standard", history_years=10).estimate(None, NOW)
    assert found.requests["bars"] < 12 * 10 + 25
    assert found.seconds < 600


def test_a_new_desk_finds_out_what_it_can_and_runs(live, tmp_path, capsys):
    """`jstock init --provider jquants && jstock daily`."""
    live()
    root = tmp_path / "desk"
    assert run(["init", str(root), "--provider", "jquants", *AT]) == ExitStatus.OK
    said = " ".join(capsys.readouterr().out.split())
    assert "the key has the plan standard: 120 requests a minute, 10 years of history" in said
    assert re.search(r"the first fetch takes 1 minute or more, for 1\d\d requests", said)
    assert f"then `jstock daily --workspace {root}`" in said
    declared = (root / "params" / "desk.yaml").read_text(encoding="utf-8")
    assert "provider: {use: jquants, plan: standard} " in declared
    assert KEY not in declared
    assert json.loads((root / "data" / "monitor_list.json").read_text(encoding="utf-8"))["tickers"]
    assert run(["data", "fetch", "-w", str(root), *AT]) == ExitStatus.OK
    assert "bars up to 2026-01-20" in capsys.readouterr().out
    desk = open_desk(root, now=AT[1])
    assert desk.panel().dates[-1].isoformat() == "2026-01-20"
    assert KEY not in repr(desk)


def test_a_desk_on_the_free_plan_is_historical_and_says_so(live, tmp_path, capsys):
    local = live(plan=FREE)
    root = tmp_path / "desk"
    assert run(["init", str(root), "--provider", "jquants", *AT, "--json"]) == ExitStatus.OK
    notes = " ".join(json.loads(capsys.readouterr().out)["notes"])
    for word in ("historical", "no TOPIX", "no investor flows", "no earnings dates"):
        assert word in notes
    desk = open_desk(root, now=AT[1])
    assert desk.historical
    assert desk.settings.provider.codes == list(desk.monitored)
    assert run(["data", "fetch", "-w", str(root), *AT]) == ExitStatus.OK
    assert "bars up to 2025-10-29" in capsys.readouterr().out
    assert local.refused == 0


def test_no_log_holds_the_key(live, caplog):
    live(Fault("/equities/master", faults.status(500)))
    with caplog.at_level("DEBUG"):
        JQuants(plan="standard").fetch("master", None, NOW)
        JQuants(plan="standard").fetch("bars", date(2025, 11, 1), NOW)
    assert "/equities/master" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in "".join(str(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize(
    "url", ["http://api.jquants.com/v2", "ftp://127.0.0.1", "api.jquants.com", "http://10.0.0.1"]
)
def test_the_key_leaves_the_machine_encrypted_or_not_at_all(live, monkeypatch, url):
    live()
    closed, close = [], limits.RequestGate.close
    monkeypatch.setattr(limits.RequestGate, "close", lambda gate: (closed.append(gate), close(gate)))
    monkeypatch.setenv(URL_VARIABLE, url)
    with pytest.raises(ParamsError, match="unencrypted"):
        JQuants(plan="standard").fetch("master", None, NOW)
    assert len(closed) == 1  # the count of requests is not left open


def test_no_proxy_is_asked_for_a_server_on_this_machine(live, monkeypatch):
    live()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert JQuants(plan="standard").fetch("master", None, NOW).num_rows


def test_a_file_is_fetched_encrypted_and_without_the_key(live):
    local = live(Fault("/bulk/get", faults.body(b'{"url": "http://files.example/x.csv.gz"}')))
    with pytest.raises(DataError, match="the address of the file is not encrypted"):
        JQuants(plan="standard", history_years=1).fetch("statements", date(2025, 11, 1), NOW)
    assert not local.downloads
    JQuants(plan="standard", history_years=1).fetch("statements", date(2025, 11, 1), NOW)
    assert {asked.key for asked in local.downloads} == {None}


def test_it_reports_what_the_source_changed(live):
    local = live()
    vendor = JQuants(plan="standard")
    assert isinstance(vendor, ReportsChanges)
    before = NOW - timedelta(minutes=1)
    assert vendor.changed_since(before, NOW) == ()
    row = {"Date": "2025-09-10"}
    local.exchange = local.exchange.with_value("/indices/bars/daily/topix", row, NOW, C=2000.5)
    span = ChangedSpan("topix", date(2025, 9, 1), date(2025, 9, 30), NOW)
    assert vendor.changed_since(before, NOW) == (span,)


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        (None, ExitStatus.PARAMS, "no J-Quants API key was found"),
        (Fault("/markets/calendar", faults.status(503), times=99), ExitStatus.DATA, "no sound answer in 6"),
        (Fault("/equities/master", faults.rows(lambda _: [])), ExitStatus.DATA, "list of stocks is empty"),
    ],
)
def test_a_failed_init_makes_nothing(live, tmp_path, monkeypatch, capsys, fault, status, message):
    live(*[fault] if fault else [])
    if fault is None:
        monkeypatch.delenv(VARIABLE)
        monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
        monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert run(["init", str(tmp_path / "desk"), "--provider", "jquants", *AT]) == status
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "desk").exists()


def test_a_folder_that_is_a_workspace_is_refused_before_anything_is_asked(live, tmp_path):
    local = live()
    assert run(["init", str(tmp_path / "desk"), *AT]) == ExitStatus.OK
    assert run(["init", str(tmp_path / "desk"), "--provider", "jquants", *AT]) == ExitStatus.USAGE
    assert not local.asked
