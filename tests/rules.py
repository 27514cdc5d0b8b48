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
    before = {kind: dict(SHARED.of(kind)) for kind in KINDS}
    try:
        yield
    finally:
        SHARED.own.clear()
        SHARED.own.update(before)
        load_installed.cache_clear()
