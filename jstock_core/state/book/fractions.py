"""What a split leaves of whole shares, and of money for the rest: reckoned for the account, as a broker does.

An account holds the lots of one code that lie in one place: groups that fill in the same way, and one type of
the broker's account. Its shares after the split are whole; what is left over is paid out. Inside the account
each group gets the whole part of its own shares, and the whole shares that the fractions make together go to
the groups with the largest ones. Such a group buys what it lacks from the others at the price paid in lieu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from jstock_core.state.book.lots import split_shares


@dataclass(frozen=True)
class Claim:
    """A group's shares before a split, and how many shares after it its later sales need."""

    shares: int
    needed: int = 0


@dataclass(frozen=True)
class Portion:
    """What a group gets of the account: `whole` shares, and `cash` in yen for a fraction it gives up.

    `fraction` of a share is given up for that cash; where it is negative, so much is bought for -`cash`.
    """

    whole: int
    fraction: Fraction
    cash: int


@dataclass(frozen=True)
class Division:
    """What each group of an account gets, and the fraction of a share that the account is paid for."""

    shares: Mapping[str, Portion]
    fraction: Fraction
    paid: int


def divide(claims: Mapping[str, Claim], ratio: Fraction, price: Fraction) -> Division:
    """Divide an account's shares after a split of `ratio` for one among its groups.

    `price` is the yen paid in lieu of a share. The account is paid floor(fraction x price); who buys a
    fraction pays floor(fraction x price) too, and those who give theirs up share both by their fractions.
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
    """Who gets a whole share first: whose sales need it, then the larger fraction, then by group id.

    Only groups that were given a share can have sold it. So facts that come later, one by one, never change
    who was given one, and a fact recorded late takes none from a group that has sold it since.
    """

    def key(group: str) -> tuple[int, Fraction, str]:
        whole, fraction = parts[group]
        return int(claims[group].needed <= whole), -fraction, group

    return key


def _divide_yen(yen: int, fractions: Sequence[Fraction]) -> list[int]:
    """Whole yen by fractions of a share: the floor of what is due so far, so that nothing is lost."""
    total, seen, given = sum(fractions, Fraction(0)), Fraction(0), 0
    parts: list[int] = []
    for fraction in fractions:
        seen += fraction
        part = floor(yen * seen / total) - given
        given += part
        parts.append(part)
    return parts
