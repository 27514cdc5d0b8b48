"""What changed between two editions of a golden, in sentences that a reviewer can judge."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import PurePath
from typing import Any

from jstock_core.base.limits import parse_json
from jstock_core.base.words import plural, shorten

SCRAP = "application/scrapbook.scrap.json+json"
_SHOWN = 6
"""Values or lines of a kind that are named."""
_WIDE = 70
_TEXTS = ("text/markdown", "text/plain")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class GoldenChange:
    """A golden that was written, and what differs from the one before; nothing where it is the same."""

    name: str
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"name": self.name, "changes": list(self.sentences)}


def describe_golden(name: str, before: bytes | None, after: bytes | None) -> GoldenChange:
    """Compare two editions of a file; None where there was none, or is none any more."""
    if before is None or after is None:
        return GoldenChange(name, ("new",) if before is None else ("removed",))
    return GoldenChange(name, tuple(_describe(name, before, after)) if before != after else ())


def _describe(name: str, before: bytes, after: bytes) -> Iterator[str]:
    ending = PurePath(name).suffix
    if ending == ".ipynb":
        yield from _notebook_changes(_parse(before), _parse(after))
    elif ending == ".json":
        found = list(changed_values(_parse(before), _parse(after)))
        yield from _some(found, "value")
        if not found:
            yield "written otherwise, with the same values"
    else:
        yield from _line_changes(before.decode(), after.decode())


def _parse(content: bytes) -> Any:
    try:
        return parse_json(content)
    except ValueError:
        return content.decode(errors="replace")


def changed_values(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Each value that differs, by its dotted name: `groups.core.sharpe 0.41 -> 0.44`."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            place = f"{where}.{key}" if where else str(key)
            if key not in after:
                yield f"{place} is gone"
            elif key not in before:
                yield f"{place} is new: {_short(after[key])}"
            else:
                yield from changed_values(before[key], after[key], place)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changed_values(one, other, f"{where}[{n}]")
    elif isinstance(before, list) and isinstance(after, list):
        yield f"{where} has {plural(len(after), 'entry', 'entries')}, before {len(before)}"
    elif not _equal(before, after):
        yield f"{where} {_short(before)} -> {_short(after)}"


def _equal(before: Any, after: Any) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-9, abs_tol=1e-9)
    return type(before) is type(after) and bool(before == after)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{text[:8]}…" if _HASH.fullmatch(text) else shorten(text, _WIDE)


def _notebook_changes(before: Any, after: Any) -> Iterator[str]:
    old, new = ({cell["id"]: cell for cell in notebook["cells"]} for notebook in (before, after))
    for id_ in dict.fromkeys((*old, *new)):
        if id_ not in new or id_ not in old:
            yield f"the cell {id_} is {'new' if id_ in new else 'gone'}"
        else:
            yield from (f"{id_}: {said}" for said in _cell_changes(old[id_], new[id_]))
    if [id_ for id_ in old if id_ in new] != [id_ for id_ in new if id_ in old]:
        yield "its cells stand in another order"


def _cell_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before["source"] != after["source"]:
        yield "the cell itself was edited"
    old, new = _shown(before), _shown(after)
    if old == new:
        return
    glued = _glued(old), _glued(new)
    yield from _some([f"glued {each}" for each in changed_values(glued[0], glued[1])], "value")
    texts = ["\n".join(_text(out) for out in given if SCRAP not in out) for given in (old, new)]
    if texts[0] != texts[1]:
        yield from _line_changes(*texts)
    elif glued[0] == glued[1]:
        yield "it looks otherwise (its HTML), and reads the same"


def _shown(cell: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The outputs of a cell by their kinds; what is printed is text."""
    return [out.get("data") or {"text/plain": out.get("text", out.get("evalue", ""))}
            for out in cell.get("outputs", ())]  # fmt: skip


def _glued(outputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {out[SCRAP]["name"]: out[SCRAP]["data"] for out in outputs if SCRAP in out}


def _text(out: Mapping[str, Any]) -> str:
    found = next((out[kind] for kind in _TEXTS if kind in out), "")
    return found if isinstance(found, str) else "".join(found)


def _line_changes(before: str, after: str) -> Iterator[str]:
    """Lines that came and went, the first of them quoted."""
    found = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[2:]
    for sign, word in (("+", "added"), ("-", "removed")):
        lines = [" ".join(line[1:].split()) for line in found if line.startswith(sign)]
        said = [f'"{shorten(line, _WIDE)}"' for line in lines if line][:2]
        if lines:
            yield f"{plural(len(lines), 'line')} {word}{': ' if said else ''}{', '.join(said)}"


def _some(changes: Sequence[str], thing: str) -> Iterator[str]:
    yield from changes[:_SHOWN]
    if len(changes) > _SHOWN:
        yield f"and {plural(len(changes) - _SHOWN, f'more {thing}')}"
