"""Runs: a notebook executed, its values read, the result published whole with a manifest, and listed.

What may enter: the mechanics of running and keeping a notebook. What a run means for the desk does not.

- `notebook/`: one notebook: its parameters, its kernel, its execution, its values and its conversion
- `publish`: a run is built in a temporary folder and moved into place in one step; `latest` names the newest
- `manifest`: what a run was made of, how it ended and what it left; `provenance` finds that out
- `catalogue/`: all runs: summarized, as a table, as a page, and which of them nobody needs
- `links`: where a published page leads
- `files`: the lock of the runs folder and the hashes of its files

For notebooks the room can be called: `js.runs()` gives all runs as a table.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """This room as `js.runs` meets it, whether its modules have been imported before or not."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        """All published runs as a DataFrame: see `jstock_core.desk.lookback.listing.runs`."""
        return import_module("jstock_core.desk.lookback.listing").runs(*given, **named)


sys.modules[__name__].__class__ = _Room
