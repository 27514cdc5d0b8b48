"""A report is written as JSON and read back as it was."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import DataError
from jstock_core.reports.model.codec import report_from_json, report_json
from tests.reports import mornings


def test_a_report_is_read_back_as_it_was_written() -> None:
    report = mornings.report()
    again = report_from_json(report_json(report))
    assert again == report
    assert again.headline == report.headline


def test_what_is_no_report_is_refused_with_the_place_and_the_remedy() -> None:
    with pytest.raises(DataError, match=r"not a report of this version: header") as caught:
        report_from_json('{"alerts": []}')
    assert "jstock trade report" in caught.value.do
