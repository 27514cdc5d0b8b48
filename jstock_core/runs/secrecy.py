"""No secret is published: a run is searched before it is shown, and redacted where one stands in it.

Searched is every file of a run (notebook with its source, outputs and metadata, page, Markdown, JSON, charts,
tickets) and its manifest, for the desk's own secrets and for what looks like a key (`base.secrets.leaks`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.limits import read_file
from jstock_core.base.plain import plain_json
from jstock_core.base.secrets.leaks import Leak, find_known, find_leaks, redact
from jstock_core.base.secrets.secret import Secret
from jstock_core.runs.manifest import FILE, RunManifest, RunStatus

_SHOWN = ("parameters", "headline", "error", "plugins", "packages", "notebook")
"""The fields of a manifest whose texts come from outside."""
_TAG = re.compile(r"<[^>]*>")
_NAMED = 5
"""Places that an error names."""


@dataclass(frozen=True)
class FoundSecret:
    """A secret in a run: the file, its line from 1 on, and what it is called. It holds nothing of it."""

    file: str
    line: int
    called: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.called}"


def withhold_secrets(
    folder: Path, manifest: RunManifest, known: Mapping[str, Secret]
) -> tuple[RunManifest, tuple[FoundSecret, ...]]:
    """Redact what must not be shown in the files of a run; `known` are the desk's secrets by name.

    Gives the manifest, of a failed run where anything was found, and what was found where.

    Raises:
        OSError: a file cannot be read or written.

    """
    texts = {called: secret.reveal() for called, secret in known.items()}
    found: list[FoundSecret] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = read_file(path)
        leaks = find_leaks(content, texts)
        if leaks:
            found += _places(path.relative_to(folder).as_posix(), content, leaks)
            write_atomically(path, redact(content, leaks))
    text = manifest.to_json().encode()
    found += _places(FILE, text, find_leaks(text, texts))
    if not found:
        return manifest, ()
    _withhold_pages(folder, texts)
    clean = _clean({name: getattr(manifest, name) for name in _SHOWN}, texts)
    failed = {**clean, "status": RunStatus.FAILED, "error": name_places(found)}
    return replace(manifest, **failed), tuple(found)


def _withhold_pages(folder: Path, texts: Mapping[str, str]) -> None:
    """Keep no page that still reads as a secret, taken apart by markup as highlighted code is."""
    for path in folder.rglob("*.html"):
        read = html.unescape(_TAG.sub("", read_file(path).decode(errors="replace")))
        if find_known(read.encode(), texts):
            write_atomically(path, b"<!doctype html><title>Withheld</title><p>This page held a secret.\n")


def name_places(found: list[FoundSecret] | tuple[FoundSecret, ...]) -> str:
    """Where secrets stand, the first places by name."""
    named = "; ".join(str(each) for each in found[:_NAMED])
    return f"{named}; and {len(found) - _NAMED} more" if len(found) > _NAMED else named


def _places(file: str, content: bytes, leaks: tuple[Leak, ...]) -> Iterator[FoundSecret]:
    places = (FoundSecret(file, content.count(b"\n", 0, leak.start) + 1, leak.called) for leak in leaks)
    yield from dict.fromkeys(places)


def _clean(shown: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Fields of a manifest without secrets; nothing of them where that leaves no JSON."""
    content = json.dumps(plain_json(shown), ensure_ascii=False).encode()
    try:
        cleaned: dict[str, Any] = json.loads(redact(content, find_leaks(content, texts)))
    except ValueError:
        cleaned = {"parameters": {}, "headline": {}, "plugins": {}, "packages": {}, "notebook": ""}
    return cleaned
