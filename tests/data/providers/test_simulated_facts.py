"""Flows, statements, earnings dates and announced splits of the simulated market."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, time, timedelta

import numpy as np
import pytest

from jstock_core.data.providers.simulated.companies import companies
from jstock_core.data.providers.simulated.events import EVENTS, EventKind, event
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.market.calendar import at, tse
from jstock_core.market.codes import from_jquants
from jstock_core.market.names import INVESTORS

NOW = at(date(2026, 11, 20), time(17, 0))


def rows(dataset: str) -> list[dict]:
    return Simulated().fetch(dataset, None, NOW).to_pylist()


@pytest.fixture(scope="module")
def flows() -> list[dict]:
    return rows("flows")


@pytest.fixture(scope="module")
def documents() -> list[dict]:
    """Each document once."""
    return list({row["DiscNo"]: row for row in rows("statements")}.values())


def test_flows_add_up(flows):
    for row in flows:
        for who in INVESTORS:
            assert row[who + "Tot"] == row[who + "Sell"] + row[who + "Buy"]
            assert row[who + "Bal"] == row[who + "Buy"] - row[who + "Sell"]
            assert row[who + "Sell"] > 0
            assert row[who + "Buy"] > 0
        clients = [who for who in INVESTORS if who not in ("Prop", "Brk", "Tot")]
        for side in ("Sell", "Buy", "Tot", "Bal"):
            assert row["Tot" + side] == row["Prop" + side] + row["Brk" + side]
            assert row["Brk" + side] == sum(row[who + side] for who in clients)


def test_a_week_has_four_sections_the_last_a_little_more_than_the_sum_of_the_others(flows):
    for week in (flows[i : i + 4] for i in range(0, len(flows), 4)):
        assert [row["Section"] for row in week] == ["TSEPrime", "TSEStandard", "TSEGrowth", "TokyoNagoya"]
        assert 1 < week[3]["TotTot"] / sum(row["TotTot"] for row in week[:3]) < 1.001


def test_amounts_are_those_of_the_market_in_thousand_yen(flows):
    """Prime traded about 73 trillion yen a week, both sides counted, in late 2025, foreigners some 60 %."""
    prime = [row for row in flows if row["Section"] == "TSEPrime"]
    assert 50e9 < np.mean([row["TotTot"] for row in prime]) < 90e9
    assert 0.55 < np.mean([row["FrgnTot"] / row["TotTot"] for row in prime]) < 0.65
    assert 0.2e9 < np.std([row["FrgnBal"] for row in prime]) < 0.6e9


def test_a_week_is_published_on_the_fourth_session_after_it(flows):
    lags = Counter()
    for row in flows:
        assert len(tse().between(row["EnDate"] + timedelta(days=1), row["PubDate"])) == 4
        assert row["StDate"].isocalendar()[:2] == row["EnDate"].isocalendar()[:2]
        lags[(row["PubDate"] - row["EnDate"]).days] += 1
    # twelve days happen over New Year, when the first week has one or two sessions
    assert set(lags) <= set(range(6, 13))
    assert lags[6] > len(flows) / 2


def test_the_dates_are_those_that_jpx_published_on():
    """Weeks around New Year 2025/26, from JPX: to 12-26 on 01-06, to 12-30 on 01-08."""
    dates = {row["EnDate"]: row["PubDate"] for row in rows("flows")}
    assert dates[date(2025, 12, 26)] == date(2026, 1, 6)
    assert dates[date(2025, 12, 30)] == date(2026, 1, 8)
    assert dates[date(2025, 10, 10)] == date(2025, 10, 17)


def test_every_session_lies_in_one_week(flows):
    weeks = [(row["StDate"], row["EnDate"]) for row in flows[::4]]
    covered = [day for first, last in weeks for day in tse().between(first, last)]
    assert covered == list(tse().between(date(2021, 1, 4), weeks[-1][1]))


def test_foreigners_buy_rising_markets_in_regimes(flows):
    prime = np.array([row["FrgnBal"] for row in flows if row["Section"] == "TSEPrime"])
    closes = {row["Date"]: row["C"] for row in rows("topix")}
    ends = [closes[row["EnDate"]] for row in flows if row["Section"] == "TSEPrime"]
    returns = np.diff(ends) / ends[:-1]
    assert np.corrcoef(prime[1:], returns)[0, 1] > 0.3
    assert np.corrcoef(prime[1:], prime[:-1])[0, 1] > 0.3
    five_weeks = np.convolve(prime, np.ones(5), "valid")
    assert 0.35 < (five_weeks > 0).mean() < 0.65


def test_documents_are_delivered_once_or_twice_and_never_with_other_content():
    deliveries = defaultdict(list)
    for row in rows("statements"):
        deliveries[row["DiscNo"]].append(row)
    assert all(len(same) <= 2 and same[0] == same[-1] for same in deliveries.values())
    assert 0.4 < np.mean([len(same) == 2 for same in deliveries.values()]) < 0.6


def test_every_company_reports_every_quarter_of_the_history(documents):
    """Funds do not; the base of a comparison over a year exists from the start of 2022."""
    by_code = defaultdict(list)
    for row in documents:
        if "FinancialStatements" in row["DocType"]:
            by_code[from_jquants(row["Code"])].append(row)
    assert set(by_code) == {c.code for c in companies() if c.listing.kind == "stock"}
    for company in companies():
        if company.code not in ("1030", "115A", "121A") and company.listing.kind == "stock":
            periods = {row["CurPerEn"] for row in by_code[company.code]}
            assert len(periods) in (24, 25)
            assert min(periods) <= "2020-09-30"


def test_disclosures_are_on_sessions_about_five_weeks_after_the_quarter(documents):
    seen = set()
    for row in documents:
        assert tse().is_session(row["DiscDate"])
        key = (row["Code"], row["CurPerEn"])
        if "FinancialStatements" in row["DocType"] and key not in seen:
            seen.add(key)
            assert 28 <= (row["DiscDate"] - date.fromisoformat(row["CurPerEn"])).days <= 55


def test_disclosures_come_before_during_and_after_trading(documents):
    clocks = {row["DiscTime"] for row in documents}
    assert clocks == {"08:00:00", "12:30:00", "13:25:00", "15:00:00", "15:30:00", "16:00:00", "23:00:00"}


def test_a_correction_comes_later_with_other_figures(documents):
    filings = defaultdict(list)
    for row in documents:
        if "FinancialStatements" in row["DocType"]:
            filings[row["Code"], row["DocType"], row["CurPerEn"]].append(row)
    corrected = [same for same in filings.values() if len(same) > 1]
    assert 20 < len(corrected) < 150
    for first, second in corrected:
        assert first["DiscDate"] < second["DiscDate"]
        assert first["DiscNo"] < second["DiscNo"]
        assert first["Sales"] != second["Sales"]
        assert first["CurPerType"] == second["CurPerType"]


def test_a_forecast_revision_has_a_forecast_and_no_results(documents):
    revisions = [row for row in documents if row["DocType"] == "EarnForecastRevision"]
    assert len(revisions) > 20
    for row in revisions:
        assert (row["Sales"], row["OP"], row["NP"], row["CurPerType"]) == ("", "", "", "FY")
        assert row["CurPerEn"] == row["CurFYEn"]
        assert int(row["FSales"]) > 0


def test_quarters_carry_this_years_forecast_and_full_years_the_next(documents):
    for row in documents:
        if "FinancialStatements" in row["DocType"]:
            full_year = row["CurPerType"] == "FY"
            assert row["DocType"].startswith(row["CurPerType"])
            assert (row["FSales"] == "") == full_year
            assert (row["NxFSales"] == "") != full_year
            assert (row["CurPerEn"] == row["CurFYEn"]) == full_year


def test_figures_per_share_are_totals_by_the_shares_but_about_a_split(documents):
    """1083 announced its 1:5 split of 2026-03-30 on 2026-02-13, 1117 reported after its 1:10 split."""
    apart = defaultdict(set)
    for row in documents:
        for total, stated in (("NP", "EPS"), ("FNP", "FEPS")):
            if row[stated] and row["ShOutFY"]:
                implied = int(row[total]) / float(row[stated]) / int(row["ShOutFY"])
                apart[stated] |= {(row["Code"][:4], round(implied, 1))} if abs(implied - 1) > 0.01 else set()
    assert ("1083", 5) in apart["FEPS"]
    assert ("1117", 10) in apart["EPS"]
    assert all(len(found) < 10 for found in apart.values())


def test_some_companies_do_not_report_every_profit_line(documents):
    """Banks and insurers have no operating profit, IFRS no ordinary profit, some neither."""
    results = [row for row in documents if row["Sales"]]
    lines = {tuple(name for name in ("OP", "OdP", "NP") if row[name]) for row in results}
    assert lines == {("OP", "OdP", "NP"), ("OP", "NP"), ("OdP", "NP"), ("NP",)}
    assert all(row["OdP"] == "" for row in results if row["DocType"].endswith("IFRS"))
    bank = [row for row in results if row["Code"] == "11710"]
    assert all(row["OP"] == "" and row["OdP"] for row in bank)


def test_figures_of_a_year_grow_from_quarter_to_quarter(documents):
    years = defaultdict(dict)
    for row in documents:
        if row["Sales"]:
            years[row["Code"], row["CurFYEn"]].setdefault(row["CurPerType"], int(row["Sales"]))
    whole = [year for year in years.values() if len(year) == 4]
    assert len(whole) > 200
    assert all(year["1Q"] < year["2Q"] < year["3Q"] < year["FY"] for year in whole)


def test_growth_over_a_year_goes_both_ways(documents):
    sales = {(row["Code"], row["CurPerEn"]): int(row["Sales"]) for row in documents if row["Sales"]}
    growth = [
        100 * (now - sales[code, before]) / sales[code, before]
        for (code, end), now in sales.items()
        if (code, before := f"{int(end[:4]) - 1}{end[4:]}") in sales
    ]
    assert 0.05 < np.mean(np.array(growth) > 10) < 0.40
    assert 0.03 < np.mean(np.array(growth) < -5) < 0.30


def test_an_earnings_date_is_announced_weeks_before_and_sometimes_moved():
    announced = defaultdict(list)
    for row in rows("earnings"):
        announced[row["Code"]].append(row)
    disclosed = defaultdict(set)
    for row in rows("statements"):
        disclosed[row["Code"]].add(row["DiscDate"])
    past = [row for row in rows("earnings") if row["SchDate"] <= NOW.date()]
    kept = [row for row in past if row["SchDate"] in disclosed[row["Code"]]]
    assert 0.85 < len(kept) / len(past) < 0.99
    assert all(row["PubDate"] < row["SchDate"] for row in past)
    assert np.mean([(row["SchDate"] - row["PubDate"]).days >= 18 for row in past]) > 0.85


def test_every_statement_of_a_listed_company_was_announced():
    scheduled = {(row["Code"], row["SchDate"]) for row in rows("earnings")}
    late = {"115A0", "121A0"}
    for row in rows("statements"):
        if row["CurPerType"] == "3Q" and date(2021, 6, 1) < row["DiscDate"] and row["Code"] not in late:
            first = "FinancialStatements" in row["DocType"] and row["DiscNo"][-1] == "1"
            assert not first or (row["Code"], row["DiscDate"]) in scheduled


def test_nothing_is_disclosed_of_a_company_that_is_not_listed():
    gone, new = event("delisting-1030"), event("listing-115A")
    for dataset, day in (("statements", "DiscDate"), ("earnings", "PubDate")):
        days = defaultdict(list)
        for row in rows(dataset):
            days[row["Code"]].append(row[day])
        assert max(days["10300"]) <= gone.last
        assert min(days["115A0"]) >= new.first


def test_announced_splits_are_known_before_and_surprises_are_not():
    known = {(from_jquants(row["Code"]), row["ExDate"]): row for row in rows("actions")}
    for e in EVENTS:
        if e.kind is EventKind.SPLIT and e.first <= NOW.date():
            assert ((e.code, e.first) in known) == (e.announced is not None)
            if e.announced:
                assert known[e.code, e.first]["PubDate"] == e.announced
                assert known[e.code, e.first]["AdjFactor"] == e.adj_factor
