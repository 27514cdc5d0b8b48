"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

WorkspaceOption = Annotated[
    str,
    typer.Option(
        "--workspace", "-w", metavar="DIR", help="The desk's folder; default: the nearest above this one."
    ),
]
DateOption = Annotated[
    str,
    typer.Option("--date", metavar="DATE", help="Trade date as 2026-01-21; default: the next possible one."),
]
GroupOption = Annotated[str, typer.Option("--group", "-g", metavar="ID", help="One group; default: all.")]
GroupsOption = Annotated[
    list[str] | None,
    typer.Option("--group", "-g", metavar="ID", help="A group, again for more; default: all."),
]
FromOption = Annotated[str, typer.Option("--from", metavar="DATE", help="First trade date, as 2026-01-21.")]
ToOption = Annotated[str, typer.Option("--to", metavar="DATE", help="Last trade date, as 2026-06-30.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables.")]
NowOption = Annotated[
    str,
    typer.Option("--now", metavar="TIME", hidden=True, help="Pretend that it is this time (JST), for tests."),
]
GroupArgument = Annotated[str, typer.Argument(metavar="GROUP", help="The group's id.")]
YenArgument = Annotated[str, typer.Argument(metavar="YEN", help="Whole yen.")]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is recorded with the fact.")
]
DifferenceReason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why it differs; it is recorded.")
]
SessionOption = Annotated[
    str, typer.Option("--date", metavar="DATE", help="Its session; default: today's, else the next.")
]
ByOption = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who records it; default: JSTOCK_USER, or your login.")
]
CsvOption = Annotated[
    str, typer.Option("--csv", metavar="FILE", help="Write it into this file, for a spreadsheet.")
]
LangOption = Annotated[
    str, typer.Option("--lang", help="Language of the report, en or ja; the desk's where not given.")
]
