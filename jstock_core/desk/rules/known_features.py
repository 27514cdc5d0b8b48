"""The features that a desk's rules can read: built in, of its plug-ins, of installed packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from jstock_core.desk.workspace.desk import Desk
from jstock_core.research.frames.catalogue import FEATURES, FeatureDoc, describe_own_feature
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.language.registry import SHARED, plugin_file

BUILT_IN = "built in"
HEAD = """\
## Features

What a rule reads of a stock by `view.value("rsi")`, and `lab.features("rsi")` shows as a table; one of one's
own is read as itself. Yen are adjusted forward from a stock's first bar, K being the factor of all splits by
then. `bars` counts a stock's bars up to the first value, that bar included.

| feature | unit | formula | bars | range |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class ListedFeature:
    """A feature, and where it is from ("built in", a plug-in file or a module)."""

    doc: FeatureDoc
    origin: str

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self.doc), "origin": self.origin}


def list_features(desk: Desk | None) -> tuple[ListedFeature, ...]:
    """Every feature known, those of plug-ins last; without a desk those that all desks share."""
    load_installed()
    own = (SHARED if desk is None else desk.rules).features.values()
    return (
        *(ListedFeature(doc, BUILT_IN) for doc in FEATURES),
        *(ListedFeature(describe_own_feature(each), plugin_file(each.home) or each.home) for each in own),
    )


def feature_chapter(features: Iterable[ListedFeature]) -> str:
    """The chapter of the handbook on features, in Markdown."""
    return HEAD + "".join(f"{line}\n" for line in _rows(features))


def _rows(features: Iterable[ListedFeature]) -> Iterator[str]:
    for each in features:
        doc = each.doc
        whence = "" if each.origin == BUILT_IN else f" ({each.origin})"
        yield f"| {doc.name}{whence} | {doc.unit} | {doc.formula} | {doc.needs} | {doc.range} |"
