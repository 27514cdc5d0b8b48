"""Scraps: the values that a notebook records (`glue`) and that are read from it afterwards (`read_scraps`).

The form is that of the package scrapbook, whose `read_notebook` reads them too: JSON among the outputs of a
cell. That package imports papermill and pandas, so it is not used here. A value is first made plain JSON, and
wrapped in an object, in which None is legal.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jstock_core.base.limits import parse_json, read_file
from jstock_core.base.plain import plain_json

_MIMETYPE = "application/scrapbook.scrap.json+json"
_FORM = 1
"""The version of scrapbook's form."""


def glue(name: str, value: object) -> None:
    """Record a value under a name in the running notebook; outside a kernel it is only checked.

    Raises:
        TypeError: the value holds something that has no plain JSON form.

    """
    payload = {"value": plain_json(value)}
    if not _in_kernel():
        return
    from IPython.display import display

    scrap = {"name": name, "data": payload, "encoder": "json", "version": _FORM}
    about = {"name": name, "data": True, "display": False}
    display({_MIMETYPE: scrap}, metadata={"scrapbook": about}, raw=True)


def read_scraps(notebook: Path) -> dict[str, Any]:
    """All values glued in an executed notebook, by name; of a name glued twice the last counts."""
    return scraps_in(parse_json(read_file(notebook)))


def scraps_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """As `read_scraps`, of a notebook already read."""
    outputs = [output for cell in content["cells"] for output in cell.get("outputs", ())]
    payloads = [output["data"][_MIMETYPE] for output in outputs if _MIMETYPE in output.get("data", {})]
    return {payload["name"]: _unwrap(payload["data"]) for payload in payloads}


def _in_kernel() -> bool:
    """Whether this process is an IPython kernel, without importing IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _unwrap(data: Any) -> Any:
    return data["value"] if isinstance(data, dict) and data.keys() == {"value"} else data
