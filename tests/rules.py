"""The built-in rules by name, and tests that leave no rules behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jstock_core.execution.sizing
import jstock_core.signals.library.make  # noqa: F401 - registers all others
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.language.registry import KINDS, SHARED

ENTRIES, EXITS, LAYERS, COMBINATIONS, FILTERS, PROTECTIONS, SIZINGS = (
    dict(SHARED.of(kind)) for kind in KINDS
)


@contextmanager
def forgetting_rules() -> Iterator[None]:
    """Forget the rules that are registered inside."""
    before, features = {kind: dict(SHARED.of(kind)) for kind in KINDS}, dict(SHARED.own_features)
    try:
        yield
    finally:
        SHARED.own.clear()
        SHARED.own.update(before)
        SHARED.own_features.clear()
        SHARED.own_features.update(features)
        load_installed.cache_clear()
