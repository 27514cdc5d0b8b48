"""`jstock universe`: which stocks are worth monitoring, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DateOption
from jstock_core.cli.terminal.show import console, escape, say, show_paragraph, show_table
from jstock_core.desk.rules.universe import UniverseSelection, select_universe
from jstock_core.desk.workspace.desk import Desk


def _show(found: UniverseSelection) -> None:
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
        show_paragraph(escape(", ".join(codes) or "none"), f"{what}: ")
    for path in found.written:
        console().print(f"wrote {escape(str(path))}", soft_wrap=True)
    if not found.written:
        console().print("[dim]nothing written: --write keeps it and monitors it from now on[/]")


@command(show=_show, example="jstock universe --top 40 --write")
def universe(
    desk: Desk,
    date: DateOption = "",
    top: Annotated[
        int | None,
        typer.Option("--top", metavar="N", help="How many stocks; default: as in the params file."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Keep it as the universe of its day, and monitor it from now on."),
    ] = False,
) -> UniverseSelection:
    """Rank the stored stocks and choose the best; with --write they are the monitor list.

    Stocks are ranked by liquidity, ATR, trend, momentum and volume, with the weights in
    params/research/universe.yaml.
    """
    return select_universe(desk, date, top=top, write=write, say=say)
