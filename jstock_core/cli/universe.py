"""`jstock universe`: which stocks are worth monitoring, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jstock_core.cli.options import DateOption, JsonOption, NowOption, WorkspaceOption

if TYPE_CHECKING:
    from jstock_core.desk.lab.universe import Selection


universe_command = typer.Typer(add_completion=False, rich_markup_mode="rich")


@universe_command.command(epilog="Example: jstock universe --top 40 --write")
def universe(
    date: DateOption = "",
    top: Annotated[
        int | None,
        typer.Option("--top", metavar="N", help="How many stocks; default: as in the params file."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Keep it as the universe of its day, and monitor it from now on."),
    ] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Rank all stored stocks by liquidity, ATR, trend, momentum and volume, and choose what to monitor."""
    from jstock_core.cli.show import say, show_json
    from jstock_core.desk.lab.universe import select

    found = select(date, top=top, write=write, workspace=workspace, now=now, say=say)
    if as_json:
        show_json(found.as_json())
    else:
        _show(found)
    return 0


def _show(found: Selection) -> None:
    from jstock_core.cli.show import console, show_table

    whole = found.universe
    simulated = "  [yellow]SIMULATED MARKET[/]" if found.simulated else ""
    passed, failed = len(whole.standings), len(whole.excluded)
    console().print(
        f"universe as of [bold]{whole.session}[/], {passed} of {passed + failed} stocks pass{simulated}"
    )
    rows = [
        [str(place), s.code, s.name, f"{s.score:.1f}", s.reason]
        for place, s in enumerate(found.chosen, start=1)
    ]
    heads = {"": "right", "code": "left", "name": "cut", "score": "right", "reason": "wrap"}
    show_table(f"the {len(rows)} best", heads, rows, empty="no stock passes the filters")
    counts = [[name, f"{count:,}"] for name, count in whole.failed.items()]
    show_table("filtered out by", {"filter": "left", "stocks": "right"}, counts)
    for what, codes in (("added", found.added), ("dropped", found.dropped)):
        console().print(f"{what}: {', '.join(codes) or 'none'}", soft_wrap=True)
    for path in found.written:
        console().print(f"wrote {path}", soft_wrap=True)
    if not found.written:
        console().print("[dim]nothing written: --write keeps it and monitors it from now on[/]")
