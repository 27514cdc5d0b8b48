"""The desk's parameters: `params/desk.yaml`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import Inside, build, check_pattern, declare, read_yaml
from jstock_core.data.providers.protocol import Provider
from jstock_core.data.providers.registry import make_provider
from jstock_core.decide.given.late import DEFAULT_POLICY, LatePolicy, Then
from jstock_core.decide.groups import make_limits
from jstock_core.desk.settings.approval import ApprovalSettings
from jstock_core.desk.settings.columns import column_names
from jstock_core.desk.settings.health import HealthSettings
from jstock_core.desk.settings.monitor_list import checked_code
from jstock_core.desk.settings.notify import NotifyFile, NotifySettings, read_notify
from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.desk.settings.tickets import TicketSettings
from jstock_core.execution.costs import Cost, Costs
from jstock_core.execution.limits import OrderLimits
from jstock_core.market.calendar import OPEN
from jstock_core.reports.render.parts.words import ENGLISH, GainColour, Language, Words


@declare
class LateFile:
    """What follows where a data set is late; stop: no decision at all, status 4."""

    topix: Then = DEFAULT_POLICY["topix"]
    flows: Then = DEFAULT_POLICY["flows"]
    statements: Then = DEFAULT_POLICY["statements"]
    master: Then = DEFAULT_POLICY["master"]


_DeskName = Annotated[
    str, check_pattern(r"[A-Za-z0-9_.-]{0,64}", "at most 64 letters (a-z, A-Z), digits, dots, _ and -")
]
_ReviseUntil = Annotated[
    str, check_pattern(r"0[789]:[0-5][0-9]", 'a time in JST from 07:00 to 09:59, as "08:50"')
]
_Unit = Annotated[int, Field(ge=1, le=100_000)]


@declare
class DeskFile:
    """The desk: where prices come from, what it watches, what trading costs."""

    provider: Annotated[dict[str, Any], Inside("provider")] = Field(description="where prices come from")
    desk: _DeskName = Field(default="", description="its name, by which a journal on a server knows it")
    monitor_list: str = Field(
        default="data/monitor_list.json", description="the codes to evaluate: JSON, or one code a line"
    )
    history_sessions: int = Field(
        default=120, ge=0, le=2_000, description="a new simulated desk starts this many sessions back"
    )
    costs: list[Annotated[dict[str, Any], Inside(Cost)]] = Field(
        default_factory=list, description="what trading costs, each row from a day on"
    )
    trading_units: dict[str, _Unit] = Field(
        default_factory=dict, description="shares by code, where the unit is not 100 and not known"
    )
    plugins: list[str] = Field(
        default_factory=list, description="Python files of the workspace that define rules"
    )
    values: dict[str, str] = Field(
        default_factory=dict, description="files of values with known_at, by the name that features use"
    )
    csv_columns: dict[str, str] = Field(
        default_factory=dict, description="headings of a broker's CSV, and the columns that they are"
    )
    margin: bool = Field(default=False, description="the broker lends what is missing")
    live: bool = Field(default=True, description="false: a historical desk, in the time of its data")
    revise_until: _ReviseUntil = Field(
        default="08:50", description="JST; until then facts recorded since may cut the morning's orders"
    )
    backup_folder: str = Field(default="backups", min_length=1, description="the second place of backups")
    late_data: Annotated[dict[str, Any], Inside(LateFile)] = Field(
        default_factory=dict, description="what follows where a data set is late"
    )
    seal: bool = Field(default=False, description="the report shows the seal of its decisions")
    language: Language = Field(default="en", description="of reports")
    gain_colour: GainColour = Field(default="green", description="of gains; red is usual in Japan")
    approval: Annotated[dict[str, Any], Inside(ApprovalSettings)] = Field(
        default_factory=dict, description="whether a person lets buys go to the open"
    )
    schedule: Annotated[dict[str, Any], Inside(ScheduleSettings)] = Field(
        default_factory=dict, description="when the desk runs by itself"
    )
    notify: Annotated[dict[str, Any], Inside(NotifyFile)] = Field(
        default_factory=dict, description="who hears of what"
    )
    limits: Annotated[dict[str, Any], Inside(OrderLimits)] | None = Field(
        default=None, description="numbers that refuse or cut buys of the whole desk, and never sells"
    )
    health: Annotated[dict[str, Any], Inside(HealthSettings)] = Field(
        default_factory=dict, description="who watches the desk, and what a person must do in a year"
    )
    tickets: Annotated[dict[str, Any], Inside(TicketSettings)] = Field(
        default_factory=dict, description="in which forms orders are written beside the report"
    )


@dataclass(frozen=True)
class Settings:
    """The desk's own parameters. `monitor_list` and `plugins` (Python files) lie in the workspace.

    `desk` is its name, "" for none, by which a journal on a server knows it. `csv_columns` maps headings of
    a broker's CSV, in their usual form, to the columns that are recorded. On `margin` the broker lends what
    is missing, so that cash below 0 is no fault. A desk that is not `live` is historical: its time is that of
    its data, and not the clock's. A decision may be revised until `revise_until` (JST) of its trade date.
    `declared` is the whole file, and `declared_provider` its `provider`. Backups are written a second time in
    `backup_folder`, a path from the workspace on or an absolute one, as of another disk. `late_data` says
    what follows where TOPIX, flows, statements or the list of stocks are late: go_on, no_entries or stop.
    `words` are those of reports, `approval` says whether buys wait for a person, `schedule` when the desk
    runs by itself, `notify` who hears of what, `health` who watches it and what a person must do in a year.
    `limits` refuse or cut buys of the desk as a whole; None without any. With `seal` the report shows the
    seal of its decisions. `tickets` says how orders are written beside the report. `values` are files of the
    workspace with values that were computed elsewhere.
    """

    provider: Provider
    declared_provider: Mapping[str, Any]
    monitor_list: str
    history_sessions: int
    costs: Costs
    trading_units: Mapping[str, int]
    plugins: tuple[str, ...] = ()
    csv_columns: Mapping[str, str] = field(default_factory=dict)
    margin: bool = False
    desk: str = ""
    live: bool = True
    revise_until: time = time(8, 50)
    backup_folder: str = "backups"
    late_data: LatePolicy = field(default_factory=lambda: DEFAULT_POLICY)
    words: Words = ENGLISH
    approval: ApprovalSettings = field(default_factory=ApprovalSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    health: HealthSettings = field(default_factory=HealthSettings)
    declared: Mapping[str, Any] = field(default_factory=dict)
    limits: OrderLimits | None = None
    seal: bool = False
    tickets: TicketSettings = field(default_factory=TicketSettings)
    values: Mapping[str, str] = field(default_factory=dict)


def read_settings(path: Path) -> Settings:
    """Read `params/desk.yaml`.

    Raises:
        ParamsError: a key is unknown, missing, of the wrong type or out of range, or a desk is declared live
            whose provider lags.

    """
    declared = read_yaml(path)
    file = build(DeskFile, declared, where=str(path))
    costs = [build(Cost, row, where=f"{path}, costs[{n}]") for n, row in enumerate(file.costs)]
    provider = make_provider(file.provider, where=f"{path}, provider")
    late_data = vars(build(LateFile, file.late_data, where=f"{path}, late_data"))
    if file.live and not provider.capabilities.live:
        raise ParamsError(
            f'the bars of "{provider.id}" come too late for the next morning, so no desk on it is live',
            where=f"{path}, live",
            do="write `live: false` there: the desk is then historical",
        )
    units = {checked_code(code, where=str(path)): unit for code, unit in file.trading_units.items()}
    plugins = tuple(file.plugins)
    columns = column_names(file.csv_columns, where=f"{path}, csv_columns")
    return Settings(
        provider, file.provider, file.monitor_list, file.history_sessions, Costs.of(costs), units, plugins,
        columns, file.margin, file.desk, file.live, _revise_until(file.revise_until, str(path)),
        file.backup_folder, late_data, Words(file.language, file.gain_colour),
        build(ApprovalSettings, file.approval, where=f"{path}, approval"),
        build(ScheduleSettings, file.schedule, where=f"{path}, schedule"),
        read_notify(file.notify, f"{path}, notify"),
        build(HealthSettings, file.health, where=f"{path}, health"), declared,
        make_limits(file.limits, f"{path}, limits"), file.seal,
        build(TicketSettings, file.tickets, where=f"{path}, tickets"), file.values,
    )  # fmt: skip


def _revise_until(text: str, where: str) -> time:
    until = time.fromisoformat(text)
    if until <= OPEN:
        return until
    raise ParamsError(
        f"revise_until: {text} is after the opening auction",
        where=where,
        do=f"give a time of at most {OPEN:%H:%M} JST",
    )
