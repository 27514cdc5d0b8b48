"""Whole shares after a split, and cash in lieu of fractions, for each account as a broker does it.

An account holds the lots of one code that lie in one place: of groups that fill in the same way, in one type
of broker's account. After a split the account has whole shares, and its fraction of a share is paid in cash.
Within the account each group gets the whole part of its own shares. The whole shares that the groups'
fractions add up to go to the groups with the largest fractions, which buy what they lack from the others at
the price paid in lieu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from jstock_core.state.book.lots import split_shares


@dataclass(frozen=True)
class Claim:
    """A group's shares before a split, and how many shares after the split its later sales need."""

    shares: int
    needed: int = 0


@dataclass(frozen=True)
class Portion:
    """What a group gets: `whole` shares, and `cash` in yen for the `fraction` of a share that it gives up.

    A negative `fraction` is bought, for -`cash` yen.
    """

    whole: int
    fraction: Fraction
    cash: int


@dataclass(frozen=True)
class Division:
    """What each group of an account gets; and the account's fraction, for which it is `paid` yen."""

    shares: Mapping[str, Portion]
    fraction: Fraction
    paid: int


def divide(claims: Mapping[str, Claim], ratio: Fraction, price: Fraction) -> Division:
    """Divide an account's shares among its groups, after a split of `ratio` shares for one.

    `price` is paid in lieu of a share, in yen. The account receives floor(fraction x price); a group that
    buys a fraction pays floor(fraction x price). Groups that give theirs up divide both in proportion.
    """
    parts = {group: split_shares(claim.shares, ratio) for group, claim in claims.items()}
    total = split_shares(sum(claim.shares for claim in claims.values()), ratio)
    extra = total[0] - sum(whole for whole, _ in parts.values())
    winners = sorted((group for group in claims if parts[group][1]), key=_ranking(claims, parts))[:extra]
    paid = floor(total[1] * price)
    prices = {group: floor((1 - parts[group][1]) * price) for group in winners}
    givers = [group for group in sorted(claims) if parts[group][1] and group not in winners]
    receipts = _divide_yen(paid + sum(prices.values()), [parts[group][1] for group in givers])
    shares = {group: Portion(parts[group][0], Fraction(0), 0) for group in claims}
    shares |= {group: Portion(parts[group][0] + 1, parts[group][1] - 1, -prices[group]) for group in winners}
    for group, yen in zip(givers, receipts, strict=True):
        shares[group] = Portion(*parts[group], yen)
    return Division(shares, total[1], paid)


def _ranking(
    claims: Mapping[str, Claim], parts: Mapping[str, tuple[int, Fraction]]
) -> Callable[[str], tuple[int, Fraction, str]]:
    """The order in which groups get an extra share: whose sales need it, larger fraction, group id.

    A group can only have sold an extra share that it was given. So facts that come later never change who got
    one, and a fact recorded late takes none from a group that has sold it since.
    """

    def key(group: str) -> tuple[int, Fraction, str]:
        whole, fraction = parts[group]
        return int(claims[group].needed <= whole), -fraction, group

    return key


def _divide_yen(yen: int, fractions: Sequence[Fraction]) -> list[int]:
    """Divide whole yen in proportion to fractions, rounding running totals so that none is lost."""
    total, seen, given = sum(fractions, Fraction(0)), Fraction(0), 0
    parts: list[int] = []
    for fraction in fractions:
        seen += fraction
        part = floor(yen * seen / total) - given
        given += part
        parts.append(part)
    return parts
