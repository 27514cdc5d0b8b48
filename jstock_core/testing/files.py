"""A market as a folder of files in the shape of J-Quants V2, as `jstock data import` reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.data.providers.files import NAMES
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.names import FIGURES, INVESTORS
from jstock_core.market.panel import Panel

Row = Mapping[str, Any]


def write_market(panel: Panel, folder: str | Path) -> Path:
    """Write the market into a folder, one parquet file a data set, and return the folder.

    Files date flows, earnings dates and announced splits by their day: the minute is that of `publication`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for dataset, name in NAMES.items():
        rows = list(ROWS[dataset](panel))
        table = pa.Table.from_pylist(rows) if rows else DATA_SETS[dataset].empty()
        pq.write_table(table, place / f"{name}.parquet")
    return place


def _master(panel: Panel) -> Iterator[Row]:
    for listing in panel.listings:
        fund = listing.kind == "etf"
        yield {
            "Code": f"{listing.code}0", "CoName": listing.name, "S33Nm": listing.sector,
            "ScaleCat": listing.scale, "Mkt": "0109" if fund else "0111",
            "MktNm": "その他" if fund else "プライム", "ProdCat": "014" if fund else "011",
            "Unit": float(listing.unit), "LastDay": listing.last_day,
        }  # fmt: skip


def _bars(panel: Panel) -> Iterator[Row]:
    columns = {"O": "open", "H": "high", "L": "low", "C": "close", "Vo": "volume"}
    for row, session in enumerate(panel.dates):
        for column, code in enumerate(panel.codes):
            if not panel.has_row[row, column]:
                continue
            figures = {key: _number(getattr(panel, name)[row, column]) for key, name in columns.items()}
            factor, kind = panel.adjustment(row, column)
            market_cap = _number(panel.market_cap[row, column])
            yield {
                "Date": str(session), "Code": f"{code}0", **figures, "Va": None, "AdjFactor": factor,
                "ExRT": float(kind) if kind else None,
                "MktCap": None if market_cap is None else market_cap / 1e6,
            }  # fmt: skip


def _topix(panel: Panel) -> Iterator[Row]:
    total = panel.topix_total
    for session, close in zip(panel.dates, panel.topix.tolist(), strict=True):
        if np.isnan(close):
            continue
        row = {"Date": str(session), "O": close, "H": close, "L": close, "C": close}
        yield row if total is None else {**row, "TR": _number(total[panel.row(session)])}


def _flows(panel: Panel) -> Iterator[Row]:
    flows = panel.flows
    for n, published in enumerate(flows.published.tolist()):
        figures: dict[str, float] = {}
        for who in INVESTORS:
            balance, total = float(flows.balance[who][n]), float(flows.total[who][n])
            sold, bought = (total - balance) / 2, (total + balance) / 2
            figures |= {f"{who}Sell": sold, f"{who}Buy": bought, f"{who}Tot": total, f"{who}Bal": balance}
        week, section = str(flows.week_end[n]), str(flows.section[n])
        yield {"PubDate": str(published), "StDate": week, "EnDate": week, "Section": section, **figures}


def _statements(panel: Panel) -> Iterator[Row]:
    of = panel.statements
    for n, known in enumerate(of.known_at.astype("datetime64[m]").astype(object).tolist()):
        yield {
            "DiscDate": f"{known:%Y-%m-%d}", "DiscTime": f"{known:%H:%M:%S}", "Code": f"{of.code[n]}0",
            "DiscNo": str(of.number[n]), "DocType": str(of.doc_type[n]), "CurPerType": str(of.period[n]),
            "CurPerEn": str(of.period_end[n]), "CurFYEn": str(of.year_end[n]),
            **{name: _text(of.figures[name][n]) for name in FIGURES},
        }  # fmt: skip


def _earnings(panel: Panel) -> Iterator[Row]:
    of = panel.announcements
    columns = (of.code.tolist(), of.day.tolist(), of.period.tolist())
    for known, code, day, period in zip(_dates(of.known_at), *columns, strict=True):
        yield {"PubDate": known, "SchDate": str(day), "Code": f"{code}0", "FQName": period, "FYE": ""}


def _actions(panel: Panel) -> Iterator[Row]:
    of = panel.actions
    columns = (of.code.tolist(), of.ex_date.tolist(), of.adj_factor.tolist(), of.ex_right.tolist())
    for known, code, day, factor, kind in zip(_dates(of.known_at), *columns, strict=True):
        yield {
            "PubDate": known, "ExDate": str(day), "Code": f"{code}0", "AdjFactor": factor,
            "ExRT": float(kind) if kind else None,
        }  # fmt: skip


def _dividends(panel: Panel) -> Iterator[Row]:
    of = panel.dividends
    minutes = of.known_at.astype("datetime64[m]").astype(object).tolist()
    for n, known in enumerate(minutes):
        yield {
            "PubDate": f"{known:%Y-%m-%d}", "PubTime": f"{known:%H:%M}", "Code": f"{of.code[n]}0",
            "RefNo": str(of.number[n]), "CARefNo": str(of.amends[n]),
            "StatCode": "3" if of.is_deleted[n] else "1" if of.number[n] == of.amends[n] else "2",
            "FRCode": "1" if of.is_decided[n] else "2", "DivRate": _text(of.rate[n]) or "-",
            "ExDate": _day(of.ex_date[n]), "PayDate": _day(of.pay_date[n]) or "-",
            "DistAmt": "" if of.is_plain[n] else _text(of.rate[n]),
        }  # fmt: skip


def _day(day: Any) -> str:
    return "" if np.isnat(day) else str(day)


def _dates(minutes: Any) -> list[str]:
    return [str(day) for day in minutes.astype("datetime64[D]")]


def _number(figure: Any) -> float | None:
    return None if np.isnan(figure) else float(figure)


def _text(figure: Any) -> str:
    return "" if np.isnan(figure) else repr(float(figure))


ROWS = {
    "master": _master,
    "bars": _bars,
    "topix": _topix,
    "flows": _flows,
    "statements": _statements,
    "earnings": _earnings,
    "actions": _actions,
    "dividends": _dividends,
}
