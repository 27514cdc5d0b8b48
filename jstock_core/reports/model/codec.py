"""The report as JSON, kept in its run's folder, and read back for later looks and other languages."""

from __future__ import annotations

import functools
import json

from pydantic import TypeAdapter, ValidationError

from jstock_core.base.errors import DataError
from jstock_core.base.limits import parse_json
from jstock_core.base.plain import plain_json
from jstock_core.reports.model.report import Report

REPORT_FILE = "report.json"


def report_json(report: Report) -> str:
    """The report's values as JSON: dates ISO text, yen whole numbers, what is not known null."""
    return json.dumps(plain_json(report), ensure_ascii=False, separators=(",", ":")) + "\n"


def report_from_json(text: str) -> Report:
    """The report that `report_json` wrote.

    Raises:
        DataError: the text is not one, or is of another version of jstock.

    """
    try:
        return _adapter().validate_python(parse_json(text))
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DataError(
            f"not a report of this version: {place}: {fault['msg']}",
            do="render it again: `jstock trade report --date DATE`",
        ) from None


@functools.cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
