"""How `jstock runs diff` and `verify` are shown."""

from __future__ import annotations

from jstock_core.base.words import plural
from jstock_core.cli.terminal.show import console, escape, show_error, show_table
from jstock_core.desk.lookback.differences import DataChange, MorningComparison, ValueChange
from jstock_core.desk.lookback.evidence import shown_value
from jstock_core.desk.lookback.verification import MorningProof

SHOWN = 20
"""Rows of a table; --json has all."""


def show_comparison(found: MorningComparison) -> None:
    """Print what differs between two mornings."""
    out = console()
    out.print(f"[bold]{escape(found.first)}[/] and [bold]{escape(found.second)}[/]")
    _show_data(found)
    for title, changes in (("parameters", found.parameters), ("code", found.code)):
        _show_changes(title, changes, found)
    rows = [
        [each.group, each.code, each.name, each.first, each.second, each.because]
        for each in found.outcomes[:SHOWN]
    ]
    columns = {
        "group": "left", "code": "left", "name": "spare cut", found.first: "wrap", found.second: "wrap",
        "because of": "left",
    }  # fmt: skip
    show_table("signals and orders that differ", columns, rows)
    _show_more(len(found.outcomes))
    out.print(f"[dim]{plural(found.same, 'stock')} came out the same[/]")
    for note in found.notes:
        out.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)


def _show_data(found: MorningComparison) -> None:
    columns = {"data set": "left", "rows since": "wrap", "first": "spare left", "second": "spare left"}
    rows = [[each.dataset, _rows(each), each.first[:12], each.second[:12]] for each in found.data]
    show_table("data", columns, rows, empty="the same")
    for revision in found.revisions[:SHOWN]:
        console().print(f"  corrected {escape(revision.text)}", soft_wrap=True)
    _show_more(len(found.revisions))
    for change in found.corrected:
        what = f"{change.group} {change.code}: {change.then}, on the corrections {change.now}"
        console().print(f"  [yellow]{escape(what)}[/]", soft_wrap=True)


def _rows(change: DataChange) -> str:
    if change.new is None:
        return "not known: the store has not both editions"
    counts = {"added": change.new, "revised": change.revised, "completed": change.completed}
    return ", ".join(f"{n:,} {name}" for name, n in counts.items() if n) or "none"


def _show_changes(title: str, changes: tuple[ValueChange, ...], found: MorningComparison) -> None:
    columns = {"name": "wrap", found.first: "wrap", found.second: "wrap"}
    rows = [[each.name, _short(each.first), _short(each.second)] for each in changes[:SHOWN]]
    show_table(title, columns, rows, empty="the same")
    _show_more(len(changes))


def _short(value: object) -> str:
    """A value in words; of a hash the first characters."""
    text = shown_value(value)
    is_hash = len(text) in (40, 64) and all(letter in "0123456789abcdef" for letter in text)
    return text[:12] if is_hash else text


def _show_more(count: int) -> None:
    if count > SHOWN:
        console().print(f"[dim]and {count - SHOWN} more: --json has all[/]")


def show_proof(found: MorningProof) -> None:
    """Print whether a morning came out the same, and what is not as it was."""
    out = console()
    style = "bold green" if found.is_proven else "bold red"
    out.print(f"{found.trade_date} [{style}]{escape(found.sentence)}[/]", soft_wrap=True)
    if found.sealed is not None:
        style = "bold green" if found.sealed.holds else "bold red"
        out.print(f"[{style}]{escape(found.sealed.sentence)}[/]", soft_wrap=True)
    out.print(f"[dim]seal {found.seal}[/]", soft_wrap=True)
    if found.edition:
        out.print(f"[dim]market data of edition {found.edition}[/]")
    columns = {
        "group": "left", "code": "left", "what": "left", "then": "wrap", "now": "wrap", "because of": "left",
    }  # fmt: skip
    rows = [
        [each.group, each.code, each.what, each.then, each.now, str(each.cause)]
        for each in found.differences[:SHOWN]
    ]
    if rows:
        show_table("differences", columns, rows)
        _show_more(len(found.differences))
    seen = [[str(each.cause), each.text] for each in found.evidence]
    if seen:
        show_table("not as it was then", {"": "left", "what": "wrap"}, seen)
    for note in found.notes:
        out.print(f"[dim]{escape(note)}[/]", soft_wrap=True)
    for damaged in found.damage:
        show_error(f"damaged: {damaged}", do="restore the run's folder from a backup")
