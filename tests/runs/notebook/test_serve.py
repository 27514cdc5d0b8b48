"""A notebook is served to this machine, and to others only with a token."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.base.secrets.loopback import is_loopback
from jstock_core.runs.notebook import serve
from jstock_core.runs.notebook.serve import ServedAt, serve_app, serve_lab


def server(ip: str, *, token: bool) -> Any:
    return SimpleNamespace(ip=ip, identity_provider=SimpleNamespace(auth_enabled=token))


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_this_machine_may_be_served_without_a_token(ip: str):
    assert is_loopback(ip)
    serve._require_token(server(ip, token=False))


@pytest.mark.parametrize("ip", ["0.0.0.0", "*", "", "::", "192.168.1.4", "desk.example.com"])
def test_other_machines_are_never_served_without_a_token(ip: str, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert not is_loopback(ip)
    with pytest.raises(UsageError, match="without a token"):
        serve._require_token(server(ip, token=False))
    serve._require_token(server(ip, token=True))


def test_root_serves_no_other_machine(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    with pytest.raises(UsageError, match="this machine only"):
        serve._require_token(server("0.0.0.0", token=True))
    assert "--ServerApp.allow_root=False" in serve._arguments(ServedAt("0.0.0.0"))
    assert "--ServerApp.allow_root=True" in serve._arguments(ServedAt())


def test_an_app_is_for_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "_require", lambda _: None)
    with pytest.raises(UsageError, match=r"not at 0\.0\.0\.0"):
        serve_app(tmp_path / "lab.ipynb", ServedAt("0.0.0.0"), print)


def test_what_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="jupyterlab is not installed") as caught:
        serve_lab(tmp_path / "lab.ipynb", ServedAt(), print)
    assert 'pip install "jstock[lab]"' in caught.value.do


def test_kernels_get_their_variables_and_the_environment_is_as_before(monkeypatch):
    monkeypatch.setenv("JSTOCK_WORKSPACE", "before")
    with serve._environment(ServedAt(variables=(("JSTOCK_WORKSPACE", "inside"), ("JSTOCK_OTHER", "x")))):
        assert os.environ["JSTOCK_WORKSPACE"] == "inside"
    assert os.environ["JSTOCK_WORKSPACE"] == "before"
    assert "JSTOCK_OTHER" not in os.environ


def test_a_server_that_ends_by_itself_is_said():
    def ends():
        raise SystemExit(1)

    with pytest.raises(UsageError, match="ended by itself"):
        serve._run(SimpleNamespace(start=ends))
    serve._run(SimpleNamespace(start=lambda: None))


@pytest.mark.parametrize("off", [[], ["other"], {"other": True}])
def test_jupyterlab_starts_without_its_announcements(off: Any):
    page = serve.leave_out_news(None, {"mode": "x", "disabledExtensions": off})
    assert page["mode"] == "x"
    assert page["disabledExtensions"][-1] == "@jupyterlab/apputils-extension:announcements"
    assert set(page["disabledExtensions"]) == {*off, page["disabledExtensions"][-1]}
    assert len(serve.leave_out_news(None, {})["disabledExtensions"]) == 1


def test_the_page_of_an_app_is_found_before_other_templates_and_inherits_one(monkeypatch):
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    name, alone = serve._jupyter_path()
    monkeypatch.setenv("JUPYTER_PATH", "/opt/share")
    assert serve._jupyter_path() == (name, f"{alone}{os.pathsep}/opt/share")
    template = Path(alone) / "voila" / "templates" / serve.APP_TEMPLATE
    assert json.loads((template / "conf.json").read_text(encoding="utf-8")) == {"base_template": "lab"}
