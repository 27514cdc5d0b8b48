"""The schemas beside the parameters: those of the template are today's, and its files fit them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from jstock_core.base.errors import JstockError
from jstock_core.base.params import read_yaml
from jstock_core.cli import run
from jstock_core.desk.settings.settings import read_settings
from jstock_core.desk.sweeps.sweep_file import read_sweep
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import create_workspace, template
from jstock_core.ops.parameters.schemas import MARK, as_text, make_schemas, write_schemas
from jstock_core.research.universe import make_universe_rules
from tests.decide.test_schemas import BUILT_IN

SCHEMAS = make_schemas(BUILT_IN)


@pytest.fixture(scope="module")
def desk(shared_desk: Callable[..., Desk]) -> Desk:
    return shared_desk(ready="fetched")


PARAMS = template() / "params"
TEMPLATES = sorted(path.relative_to(PARAMS).as_posix() for path in PARAMS.rglob("*.yaml"))


def plain(data: Any) -> Any:
    """YAML's dates as JSON has them."""
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def faults(name: str, data: Any) -> list[str]:
    return [error.message for error in Draft7Validator(SCHEMAS[name]).iter_errors(plain(data))]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_of_the_template_are_todays(name: str):
    Draft7Validator.check_schema(SCHEMAS[name])
    text = (PARAMS / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert text == as_text(SCHEMAS[name]), "write them again with `jstock golden update`"


@pytest.mark.parametrize("file", TEMPLATES)
def test_a_template_names_its_schema_and_fits_it(file: str):
    path = PARAMS / file
    first = path.read_text(encoding="utf-8").splitlines()[0]
    schema = (path.parent / first.removeprefix(MARK)).resolve()
    assert schema.parent == (PARAMS / "schemas").resolve()
    assert faults(schema.stem, read_yaml(path)) == []


def desk_changes() -> Iterator[tuple[str, Any]]:
    yield from (("live", 1), ("language", "de"), ("seal", "yes"), ("history_sessions", 2_001))
    yield from (
        ("costs", [{"commission_pct": 1}]),
        ("costs", [{"since": "2026-01-01", "slippage_ticks": 21}]),
        ("costs", [{"since": "2026-01-01", "commission_steps": [{"up_to": 0, "yen": 55}, {"yen": 99}]}]),
        ("costs", [{"since": "2026-01-01", "commission_steps": [{"pct": 1}]}]),
    )
    yield from (("provider", {"use": "simulated", "seed": -1}), ("provider", {"seed": 1}))
    yield from (("provider", {"use": "jquants", "plan": "gold"}), ("trading_units", {"7203": 0}))
    yield from (("late_data", {"topix": "wait"}), ("approval", {"buys": True, "until": "09:01"}))
    yield from (("schedule", {"morning": "7:00"}), ("schedule", {"wait_minutes": 121}))
    yield from (("notify", {"keep_days": 6}), ("notify", {"digest": "17.30"}), ("unknown", 1))
    yield from (("limits", {"max_gap_pct": 0}), ("tickets", {"formats": ["pdf"]}), ("desk", "a b"))
    yield from (("health", {"ping": "https://example.com"}), ("backup_folder", ""), ("revise_until", "10:00"))


@pytest.mark.parametrize("change", list(desk_changes()), ids=str)
def test_what_a_desk_refuses_does_not_fit(change: tuple[str, Any], tmp_path: Path):
    data = read_yaml(PARAMS / "desk.yaml") | dict([change])
    path = tmp_path / "desk.yaml"
    path.write_text(json.dumps(plain(data)), encoding="utf-8")
    with pytest.raises(JstockError):
        read_settings(path)
    assert faults("desk", data)


def test_what_a_desk_accepts_fits(tmp_path: Path):
    more = {
        "costs": [
            {"since": "2026-01-01", "commission_pct": 0.1, "commission_least": 55, "commission_most": 1_070},
            {"since": "2026-07-01", "commission_steps": [{"up_to": 50_000, "yen": 55}, {"yen": 1_013}]},
        ],
        "notify": {"ways": {"mail": {"use": "smtp", "host": "a", "sender": "a@b.jp", "to": ["c@d.jp"]}}},
        "limits": {"max_orders": 3},
        "health": {"ping": "JSTOCK_PING", "chores": {"renew": "2027-01-01"}},
        "plugins": [],
    }
    data = read_yaml(PARAMS / "desk.yaml") | {key: value for key, value in more.items() if key != "health"}
    path = tmp_path / "desk.yaml"
    path.write_text(json.dumps(plain(data)), encoding="utf-8")
    read_settings(path)
    assert faults("desk", data | more) == []


@pytest.mark.parametrize("change", [{"top": 0}, {"weights": {}}, {"filters": {"min_bars": 0}}], ids=str)
def test_what_a_universe_refuses_does_not_fit(change: dict[str, Any]):
    data = read_yaml(PARAMS / "research" / "universe.yaml") | change
    with pytest.raises(JstockError):
        make_universe_rules(data, where="universe.yaml")
    assert faults("universe", data)


@pytest.mark.parametrize(
    ("axis", "sound"),
    [
        ([4, 6], True),
        (["open", "manual"], True),
        ({"low": 1, "high": 2.5, "step": 0.5}, True),
        ([], False),
        (4, False),
        ({"low": 1, "high": 2, "step": 0}, False),
        ({"low": "a", "high": 2, "step": 1}, False),
        ({"low": 1, "high": 2, "step": 1, "steps": 1}, False),
    ],
    ids=str,
)
def test_the_values_of_a_key_of_a_sweep(axis: Any, sound: bool, desk: Desk, tmp_path: Path):
    data = read_yaml(PARAMS / "research" / "sweep.yaml") | {"sets": {"fills": axis}}
    path = tmp_path / "sweep.yaml"
    path.write_text(json.dumps(plain(data)), encoding="utf-8")
    assert (faults("sweep", data) == []) is sound
    with nullcontext() if sound else pytest.raises(JstockError):
        read_sweep(desk, path)


def test_a_new_workspace_has_the_schemas_and_its_own_rules_enter_them(tmp_path: Path):
    place = create_workspace(tmp_path / "ws", "simulated")
    assert {path.stem for path in (place.root / "params" / "schemas").iterdir()} == set(SCHEMAS)
    own = (
        "from jstock_core.rules import Layer, layer\n\n\n"
        '@layer("never_for_schemas")\nclass Never(Layer):\n    """Never sell.\n\n    Formula: none.\n'
        '    Source: none.\n    """\n\n    patience: int = 3\n\n'
        "    def verdict(self, view, row, holding):\n        return None\n"
    )
    (place.root / "params" / "mine.py").write_text(own, encoding="utf-8")
    text = place.desk_yaml.read_text(encoding="utf-8")
    place.desk_yaml.write_text(f"{text}\nplugins: [params/mine.py]\n", encoding="utf-8")
    write_schemas(place)
    group = json.loads((place.root / "params" / "schemas" / "group.json").read_text(encoding="utf-8"))
    assert "never_for_schemas" in group["definitions"]["layer"]["properties"]["layer"]["enum"]


def test_the_command_names_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    place = create_workspace(tmp_path / "ws", "simulated")
    assert run(["params", "schema", "--workspace", str(place.root)]) == 0
    assert capsys.readouterr().out.count("wrote ") == len(SCHEMAS)
