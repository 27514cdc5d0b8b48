"""Statements of the simulated companies and the announcements of their dates, as they are disclosed.

Each quarter ends in one document about five weeks later; half of them are delivered twice under the same
number, a few are corrected by a later one for the same period, and some companies revise their forecast in
between. Full-year documents carry the next year's forecast instead of this year's, as J-Quants delivers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from functools import cache, lru_cache

from jstock_core.data.providers.simulated.companies import Company, companies, company_columns
from jstock_core.data.providers.simulated.events import EventKind, events_of_kind
from jstock_core.data.providers.simulated.fundamentals import BEFORE, Business, Quarter, business, quarter
from jstock_core.data.providers.simulated.shares import figures_per_share
from jstock_core.market.calendar import Calendar, tse

COLUMNS = (
    "DiscDate", "DiscTime", "Code", "DiscNo", "DocType", "CurPerType", "CurPerSt", "CurPerEn",
    "CurFYSt", "CurFYEn", "Sales", "OP", "OdP", "NP", "FSales", "FOP", "FOdP", "FNP",
    "NxFSales", "NxFOP", "NxFOdP", "NxFNp",
    "Eq", "ShOutFY", "EPS", "BPS", "DivAnn", "FEPS", "FDivAnn", "NxFEPS", "NxFDivAnn",
)  # fmt: skip
PROFITS = ("OP", "OdP", "NP")
TIMES = (
    (0.03, "08:00:00"), (0.10, "12:30:00"), (0.20, "13:25:00"), (0.45, "15:00:00"),
    (0.75, "15:30:00"), (0.97, "16:00:00"), (1.00, "23:00:00"),
)  # fmt: skip
MILLION = 1_000_000

DELIVERED_TWICE = 0.5
CORRECTED = 0.04
REVISED = 0.08
MOVED = 0.10
LONGEST = timedelta(days=85)  # from the end of a quarter to the last document about it


class Chance(IntEnum):
    """What each uniform of a company and quarter decides."""

    DAY = 0
    TIME = 1
    TWICE = 2
    CORRECTED = 3
    CORRECTED_DAY = 4
    REVISED = 5
    REVISED_BY = 6
    REVISED_DAY = 7
    GUIDANCE = 8
    ANNOUNCED = 9
    MOVED = 10
    MOVED_BY = 11


@dataclass(frozen=True)
class Document:
    """One disclosed document; `figures` maps J-Quants' columns to yen."""

    code: str
    day: date
    time: str
    number: str
    doc_type: str
    period: Quarter
    period_type: str
    figures: tuple[tuple[str, int], ...]
    twice: bool = False

    def row(self) -> dict[str, str]:
        """The document as J-Quants delivers it but for DiscDate: text, "" where not set."""
        whole_year = self.doc_type == "EarnForecastRevision"
        dates = {
            "CurPerSt": self.period.year_start,
            "CurPerEn": self.period.year_end if whole_year else self.period.end,
            "CurFYSt": self.period.year_start,
            "CurFYEn": self.period.year_end,
        }
        return {
            **dict.fromkeys(COLUMNS, ""),
            "DiscTime": self.time,
            "Code": self.code,
            "DiscNo": self.number,
            "DocType": self.doc_type,
            "CurPerType": self.period_type,
            **{key: day.isoformat() for key, day in dates.items()},
            **{key: str(value) for key, value in self.figures},
            **figures_per_share(
                self.code,
                day=self.day,
                period_end=self.period.end,
                year_end=self.period.year_end,
                totals=dict(self.figures),
            ),
        }


@dataclass(frozen=True)
class Announcement:
    """On `published` it became known that the company reports on `scheduled`, about a quarter."""

    published: date
    scheduled: date
    code: str
    quarter: Quarter


@dataclass(frozen=True)
class Disclosures:
    """All documents in order of disclosure, and all announcements of their dates in order of publication."""

    documents: tuple[Document, ...]
    announcements: tuple[Announcement, ...]


@lru_cache(maxsize=4)
def disclosures(seed: int) -> Disclosures:
    """Everything disclosed on quarters whose documents fall inside the calendar."""
    rows = _rows(tse())
    figures = business(seed, rows)
    documents: list[Document] = []
    announcements: list[Announcement] = []
    for company in (c for c in companies() if c.reports):
        first, last = _listing_span(company)
        for row in range(BEFORE, rows):
            report = QuarterDisclosure(
                company, company_columns()[company.code], row, quarter(company, row), figures
            )
            documents += [d for d in report.documents() if first <= d.day <= last]
            announcements += [a for a in report.announcements() if first <= a.published <= last]
    return Disclosures(
        tuple(sorted(documents, key=lambda d: (d.day, d.time, d.number))),
        tuple(sorted(announcements, key=lambda a: (a.published, a.code, a.scheduled))),
    )


def _rows(calendar: Calendar) -> int:
    """Quarters up to the last one whose documents, corrections included, fall inside the calendar."""
    latest = max((c for c in companies() if c.reports), key=lambda c: quarter(c, BEFORE).end)
    row = BEFORE
    while quarter(latest, row).end + LONGEST <= calendar.last:
        row += 1
    return row


def _listing_span(company: Company) -> tuple[date, date]:
    first, last = tse().first, tse().last
    for event in events_of_kind(EventKind.LISTING, EventKind.DELISTING):
        if event.code == company.code:
            first, last = (event.first, last) if event.kind is EventKind.LISTING else (first, event.last)
    return first, last


@dataclass(frozen=True, eq=False)
class QuarterDisclosure:
    """What one company discloses about one quarter."""

    company: Company
    column: int
    row: int
    quarter: Quarter
    figures: Business

    def documents(self) -> Iterator[Document]:
        """The quarter's document, and the correction and the forecast revision there may be."""
        result = self._result()
        yield result
        if self._is_revised(self.row):
            yield self._revision(result)
        if self._chance(Chance.CORRECTED) < CORRECTED:
            yield self._correction(result)

    def announcements(self) -> Iterator[Announcement]:
        """The date of the document, about four weeks before; sometimes another date first."""
        day = self._day()
        early = _session(day, -28 + int(7 * self._chance(Chance.ANNOUNCED)))
        if self._chance(Chance.MOVED) >= MOVED:
            yield Announcement(early, day, self.company.code, self.quarter)
            return
        moved = _session(day, 1 + int(6 * self._chance(Chance.MOVED_BY)))
        yield Announcement(early, moved, self.company.code, self.quarter)
        yield Announcement(_session(day, -12), day, self.company.code, self.quarter)

    def _chance(self, what: Chance, row: int | None = None) -> float:
        return float(self.figures.chance[self.row if row is None else row, self.column, what])

    def _day(self) -> date:
        return _session(self.quarter.end, 31 + int(14 * self._chance(Chance.DAY)))

    def _result(self) -> Document:
        day, time = self._day(), _clock(self._chance(Chance.TIME))
        return Document(
            self.company.code,
            day,
            time,
            self._number(day, 1),
            f"{self.quarter.kind}FinancialStatements_Consolidated_{self.company.basis}",
            self.quarter,
            self.quarter.kind,
            (*self._totals("", self._year_start(), self.row + 1), *self._forecast()),
            twice=self._chance(Chance.TWICE) < DELIVERED_TWICE,
        )

    def _correction(self, result: Document) -> Document:
        """The same period with other figures, one to three weeks later."""
        day = _session(result.day, 7 + int(13 * self._chance(Chance.CORRECTED_DAY)))
        figures = tuple((key, _correct_value(key, value)) for key, value in result.figures)
        return replace(result, day=day, time="15:30:00", number=self._number(day, 2), figures=figures)

    def _revision(self, result: Document) -> Document:
        """A new forecast for the year, days before the quarter's document repeats it."""
        day = _session(result.day, -12 + int(6 * self._chance(Chance.REVISED_DAY)))
        return replace(
            result,
            day=day,
            time="16:00:00",
            number=self._number(day, 0),
            doc_type="EarnForecastRevision",
            period_type="FY",
            figures=self._forecast(),
        )

    def _number(self, day: date, kind: int) -> str:
        """Fourteen digits; the date in it is that of the filing, two days before its disclosure."""
        return f"{day - timedelta(days=2):%Y%m%d}{100_000 + self.column * 10_000 + self.row * 10 + kind:06d}"

    def _year_start(self) -> int:
        return self.row - self.quarter.number + 1

    def _totals(self, prefix: str, first: int, stop: int, factor: float = 1.0) -> tuple[tuple[str, int], ...]:
        """Sums over quarters, in the columns that the company fills."""
        lines = {
            "Sales": self.figures.sales,
            "OP": self.figures.operating,
            "OdP": self.figures.ordinary,
            "NP": self.figures.net,
        }
        return tuple(
            (
                _column(prefix, name),
                round(sum(values[first:stop, self.column].tolist()) * factor / MILLION) * MILLION,
            )
            for name, values in lines.items()
            if name == "Sales" or name in self.company.profits
        )

    def _forecast(self) -> tuple[tuple[str, int], ...]:
        """For this year, or in a full-year document for the next: the year before with some growth."""
        start = self._year_start()
        if self.quarter.number == 4:
            return self._totals("NxF", start, self.row + 1, self._guidance(self.row))
        revised = 1.0
        for row in range(start, self.row + 1):
            revised *= self._revised_by(row) if self._is_revised(row) else 1.0
        return self._totals("F", start - 4, start, self._guidance(start - 1) * revised)

    def _guidance(self, row: int) -> float:
        return 1.00 + 0.05 * self._chance(Chance.GUIDANCE, row)

    def _is_revised(self, row: int) -> bool:
        number = quarter(self.company, row).number
        return number in (2, 3) and self._chance(Chance.REVISED, row) < REVISED

    def _revised_by(self, row: int) -> float:
        return 0.94 if self._chance(Chance.REVISED_BY, row) < 0.4 else 1.06


def _column(prefix: str, name: str) -> str:
    # J-Quants spells next year's net profit with a small p
    return "NxFNp" if prefix + name == "NxFNP" else prefix + name


def _correct_value(key: str, value: int) -> int:
    shrink = {"Sales": 98, "OP": 90, "OdP": 90, "NP": 90}
    return value * shrink.get(key, 100) // 100 // MILLION * MILLION


def _clock(chance: float) -> str:
    return next(time for below, time in TIMES if chance < below)


@cache
def _session(day: date, days: int) -> date:
    """The first session on or after so many calendar days from `day`."""
    return tse().on_or_after(day + timedelta(days=days))
