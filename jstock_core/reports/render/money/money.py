"""The money of each group and of the whole desk."""

from __future__ import annotations

from jstock_core.base.words import join_parts, tone
from jstock_core.reports.model.money.portfolio import AccountSummary, PortfolioSummary
from jstock_core.reports.render.parts.cells import toned_cell
from jstock_core.reports.render.parts.table import Cell, Heading, Table
from jstock_core.reports.render.parts.words import Words


def money_table(portfolio: PortfolioSummary, words: Words) -> Table:
    """Equity, gains and cash of each group; the whole desk below."""
    titles = (
        words("Equity"), words("Day's change"), words("Return"), words("Unrealized"), words("Realized"),
        words("Cash"), words("Paid in"),
    )  # fmt: skip
    heads = (Heading(words("Group")), *(Heading(title, "num") for title in titles))
    rows = tuple(_row(account, words) for account in portfolio.accounts)
    return Table(heads, rows, words("No group has been opened"), foot=(_row(portfolio.whole, words),))


def _row(account: AccountSummary, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(account.name if account.group else words(account.name), note=account.group),
        Cell(words.yen(account.equity), note=_expected(account, words)),
        toned_cell(words.signed_yen(account.day_pnl), account.day_pnl),
        Cell(words.pct(account.return_pct), tone(account.return_pct), note=_without(account, words)),
        Cell(
            words.signed_yen(account.unrealized),
            tone(account.unrealized),
            note=words("on {cost}", cost=words.yen(account.invested)),
        ),
        Cell(words.signed_yen(account.realized), tone(account.realized), note=_other(account, words)),
        Cell(
            words.yen(account.cash),
            tone(min(account.cash, 0)),
            note=words("{amount} reserved", amount=words.yen(account.reserved)) if account.reserved else "",
        ),
        Cell(words.yen(account.deposited), note=_adjusted(account, words)),
    )


def _expected(account: AccountSummary, words: Words) -> str:
    if not account.receivable:
        return ""
    return words("{amount} dividends expected", amount=words.yen(account.receivable))


def _without(account: AccountSummary, words: Words) -> str:
    if not account.dividends:
        return ""
    return words("{pct} without dividends", pct=words.pct(account.price_return_pct))


def _other(account: AccountSummary, words: Words) -> str:
    """What was earned and paid besides."""
    return join_parts((
        words("{amount} fees", amount=words.yen(account.fees)) if account.fees else "",
        words("{amount} dividends", amount=words.yen(account.dividends)) if account.dividends else "",
    ))  # fmt: skip


def _adjusted(account: AccountSummary, words: Words) -> str:
    return words("adjusted {amount}", amount=words.signed_yen(account.adjusted)) if account.adjusted else ""
