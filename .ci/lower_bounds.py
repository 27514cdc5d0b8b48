"""Print the lowest version of each dependency in pyproject.toml as a pip constraint."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LISTS = (PROJECT["dependencies"], PROJECT["optional-dependencies"]["test"])
BOUND = re.compile(r"(?P<name>[\w.-]+)(\[\w+\])?>=(?P<version>[\w.]+)")

for requirement in (text for names in LISTS for text in names if "== 'win32'" not in text):
    found = BOUND.match(requirement)
    if found is None:
        raise SystemExit(f"no lower bound: {requirement}")
    print(f"{found['name']}=={found['version']}")
