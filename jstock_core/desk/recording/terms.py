"""The words that brokers use: for what was done (purchase, sale, tender, ...), and for the type of account.

An action is one word or several, in one cell or in several columns: 株式現物買(募集), or 現物 and 買付. Each
whole word must stand in the tables below; what does not is refused, never guessed from a part of it, for
公開買付 is a sale to the bidder, 売出 a purchase, 買取 a sale to the company and 現物買取引 a purchase.

Sources: execution lists and trade histories of SBI, Rakuten, Monex, Matsui, Okasan and au Kabucom Securities.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from jstock_core.base.errors import UsageError
from jstock_core.base.limits import cut_word
from jstock_core.state.facts.events import Side

Kind = Literal[
    "trade", "offering", "tender", "buy-back", "top-up", "cancellation", "correction", "transfer", "cash",
    "margin", "fund", "other product",
]  # fmt: skip
OFF_EXCHANGE: frozenset[Kind] = frozenset({"offering", "tender", "buy-back", "top-up"})
"""Trades that are made outside the exchange, at a price and in numbers of their own.

In a buy-back the company buys an odd lot (買取), in a top-up it sells what is missing to a unit (買増).
"""
TRADES: frozenset[Kind] = frozenset({"trade", *OFF_EXCHANGE})
AMENDMENTS: frozenset[Kind] = frozenset({"cancellation", "correction"})

NOTHING = ("", "-", "--", "---", "ー", "―")

_SIDES: Mapping[Side, str] = {
    "BUY": "BUY B 買 買い 買付 買付け お買付 お買付け 買入 買入れ 購入 取得 現物買 現物買い 現物買付 "
    "現物買付け 現買 現買い 株式現物買 株式現物買い 株式現物買付 株式買 株式買付 株式購入 現物株式買 "
    "現物株式買付 現物買取引 買約定",
    "SELL": "SELL S 売 売り 売付 売付け お売付 お売付け 売却 ご売却 現物売 現物売り 現物売付 現物売付け "
    "現物売却 現売 現売り 株式現物売 株式現物売り 株式現物売付 株式売 株式売付 株式売却 現物株式売 "
    "現物株式売付 現物売取引 売約定",
}
"""Words that name a side."""
_CASH_STOCK = (
    "現物 現物取引 株式 国内株 国内株式 日本株 上場株式 現物株 現物株式 取引 約定 委託 普通 通常 国内 応募 "
    "単元 単元未満 単元未満株 単元未満株式 端株 S株 ミニ株 プチ株 ワン株 かぶミニ ひな株 まめ株 請求"
)
"""Words that stand beside a side and change nothing."""
_KINDS: Mapping[Kind, str] = {
    "offering": "募集 公募 公募株 公募株式 公募買付 募集買付 売出 売出し 売出株 売出買付 公募売出 募集売出 "
    "新規公開 新規公開株 新規公開株式 IPO PO 立会外分売 分売 ブックビルディング",
    "tender": "公開買付 公開買付け 公開買付応募 公開買付け応募 株式公開買付 株式公開買付け TOB TOB応募",
    "buy-back": "買取 買取り 買取請求 単元未満株買取 単元未満株買取請求 単元未満株式買取 "
    "単元未満株式買取請求 端株買取 端株買取請求",
    "top-up": "買増 買増し 買増請求 単元未満株買増 単元未満株買増請求 単元未満株式買増 "
    "単元未満株式買増請求 端株買増",
    "cancellation": "取消 取消し 取り消し 取消済 約定取消 約定取消し キャンセル CANCEL",
    "correction": "訂正 約定訂正 修正 約定修正",
    "transfer": "入庫 出庫 移管 移管入庫 移管出庫 振替入庫 振替出庫 振替 特定口座振替 株式分割 分割 "
    "分割割当 株式併合 併合 無償割当 無償分割 株式移転 株式交換 合併 相続 贈与 貸株 貸株返却 増減資 償還",
    "cash": "配当 配当金 株式配当金 国内株式配当金 分配金 入金 出金 振替入金 振替出金 譲渡益税 還付金 利金 "
    "利子 貸株料 貸株金利 手数料 税金 源泉徴収 端株処分代金 単元未満株処分代金",
    "margin": "信用 信用取引 信買 信売 信用買 信用売 信用新規 信用返済 信用新規買 信用新規売 信用返済買 "
    "信用返済売 信用新規建 制度 制度信用 一般 一般信用 一日信用 いちにち信用 日計り信用 無期限信用 新規 "
    "返済 新規買 新規売 返済買 返済売 新規建 買建 売建 買建玉 売建玉 買埋 売埋 買返済 売返済 現引 現渡 "
    "信用現引 信用現渡 品受 品渡 空売 空売り 信用買建 信用売建 6ヶ月 6か月 6カ月 無期限 一日 1日 いちにち "
    "日計り 短期 半年新規買い 半年新規売り 半年返済買い 半年返済売り 半年現引 半年現渡",
    "fund": "投信 投資信託 株式投信 投信買付 投信解約 投信金額買付 投信金額解約 投信口数買付 投信口数解約 "
    "投信積立 株式投信購入 株式投信解約 分配金再投資 再投資 再投資買付 解約 積立 積立買付 かんたん積立 MRF "
    "MMF",
    "other product": "外国株 外国株式 米国株 米国株式 海外株 海外株式 中国株 中国株式 アセアン株式 債券 "
    "国内債券 外国債券 国債 社債 先物 オプション 先物・オプション カバードワラント Eワラント CFD",
}  # fmt: skip
_SIDE_OF: Mapping[Kind, Side] = {
    "offering": "BUY", "tender": "SELL", "buy-back": "SELL", "top-up": "BUY"
}  # fmt: skip
"""What a customer does in a trade outside the exchange."""
_PRECEDENCE: tuple[Kind, ...] = (
    "margin", "fund", "other product", "cancellation", "correction", "transfer", "cash", "tender", "buy-back",
    "top-up", "offering",
)  # fmt: skip
"""Of several kinds in one row the first one says what the row is."""


@dataclass(frozen=True)
class Term:
    """What one word says: a kind, a side, both, or neither."""

    kind: Kind | None = None
    side: Side | None = None


_TERMS: Mapping[str, Term] = {
    **{word: Term() for word in _CASH_STOCK.split()},
    **{word: Term(side=side) for side, words in _SIDES.items() for word in words.split()},
    **{word: Term(kind, _SIDE_OF.get(kind)) for kind, words in _KINDS.items() for word in words.split()},
}
_LONGEST = 2 * max(map(len, _TERMS))
_SELL_SHARE = re.compile(r"SELL_\d+%?")  # jstock's own signals
_BETWEEN = re.compile(r"への|による|の(?=取得|買付|売付|応募|買取|請求)|[\s()\[\]【】<>/・:,、;+]+")


@dataclass(frozen=True)
class Action:
    """What a row reports: its kind, and the side where it has one; `text` is the broker's own."""

    kind: Kind
    side: Side | None
    text: str


def read_action(*cells: str) -> Action:
    """The action that a row's cells name together.

    Raises:
        UsageError: a word is not in the tables, the cells contradict each other, or a trade has no side.

    """
    text = " ".join(cell.strip() for cell in cells if normalize_text(cell) not in NOTHING)
    terms = [term for cell in cells for term in _read_cell(cell, text)]
    kinds, sides = {term.kind for term in terms if term.kind}, {term.side for term in terms if term.side}
    kind: Kind = next((kind for kind in _PRECEDENCE if kind in kinds), "trade")
    side = next(iter(sides)) if len(sides) == 1 else None
    if kind in TRADES | AMENDMENTS and side is None:
        raise _unknown_action(text)
    return Action(kind, side, text)


def _read_cell(cell: str, text: str) -> Iterator[Term]:
    """The terms of a cell: of the whole, else of each of its words."""
    whole = normalize_text(cell).upper()
    if whole in NOTHING:
        return
    found = _find(whole)
    if found is not None:
        yield from found
        return
    for word in filter(None, _BETWEEN.split(whole)):
        found = _find(word)
        if found is None:
            raise _unknown_action(text)
        yield from found


def _find(word: str) -> tuple[Term, ...] | None:
    """The term of a word, or of the two words that it is made of (現物 and 買付); None where unknown."""
    if len(word) > _LONGEST:
        return None
    if _SELL_SHARE.fullmatch(word):
        return (Term(side="SELL"),)
    if word in _TERMS:
        return (_TERMS[word],)
    parts = [(word[:at], word[at:]) for at in range(1, len(word))]
    found = {(_TERMS[a], _TERMS[b]) for a, b in parts if a in _TERMS and b in _TERMS and _may_follow(a, b)}
    return found.pop() if len(found) == 1 else None


def _may_follow(one: str, other: str) -> bool:
    """Whether two words make one: what is traded and how, a side and 取引, or an execution and its change."""
    first, second = _TERMS[one], _TERMS[other]
    if second.kind in AMENDMENTS or other == "取引":
        return first.side is not None
    is_how = first == Term() or first.kind == "margin" or first.kind in OFF_EXCHANGE
    return is_how and not other.isascii() and (second.side is not None or second.kind == "margin")


def _unknown_action(text: str) -> UsageError:
    return UsageError(
        f'action "{cut_word(text)}" is neither BUY nor SELL',
        do="write BUY or SELL, or leave the line out; --skip-unknown lists such lines and records the others",
    )


def parse_side(action: str) -> Side:
    """BUY or SELL, from jstock's own words, a letter, or a broker's words for a cash trade.

    Raises:
        UsageError: it is something else.

    """
    found = read_action(action)
    if found.kind not in TRADES or found.side is None:
        raise refuse_action(found)
    return found.side


_WHY: Mapping[Kind, tuple[str, str]] = {
    "margin": ("is a margin trade", "leave it out: jstock records cash trades (現物) only"),
    "fund": ("is a trade of a fund", "leave it out: jstock records stocks and ETFs only"),
    "other product": ("is no trade of a Japanese stock", "leave it out: jstock records TSE stocks only"),
}


def refuse_action(action: Action) -> UsageError:
    """The error for an action that cannot be recorded as a trade."""
    why, do = _WHY.get(action.kind, ("is no trade", "leave it out, or write BUY or SELL"))
    return UsageError(f'"{cut_word(action.text)}" {why}', do=do)


# --- accounts -------------------------------------------------------------------------------------------

_ACCOUNTS: Mapping[str, str] = {
    "特定": "特定 特定口座 特定預り 特定預かり 源泉徴収あり 源泉徴収なし 源泉徴収有 源泉徴収無 源徴あり "
    "源徴なし TOKUTEI SPECIFIC",
    "一般": "一般 一般口座 一般預り 一般預かり IPPAN GENERAL",
    "NISA": "NISA NISA口座 NISA預り NISA預かり 旧NISA 新NISA 旧NISA預り つみたてNISA 旧つみたてNISA "
    "つみたてNISA預り 旧つみたてNISA預り ジュニアNISA 一般NISA 成長NISA NISA成長投資枠 NISAつみたて投資枠 "
    "NISA(成) NISA(つ) 成長投資枠 つみたて投資枠 NISA成長 NISAつみたて 成 つ 成長 つみたて 非課税 "
    "継続管理勘定",
}
_ACCOUNT_OF: Mapping[str, str] = {
    word: account for account, words in _ACCOUNTS.items() for word in words.split()
}
ACCOUNTS = tuple(_ACCOUNTS)


def read_account(cell: str) -> str:
    """The type of account that a cell names: 特定, 一般 or NISA; "" where it names none.

    Raises:
        UsageError: it names something else.

    """
    whole = normalize_text(cell).upper()
    if whole in NOTHING:
        return ""
    words = [whole] if whole in _ACCOUNT_OF else [word for word in _BETWEEN.split(whole) if word]
    found = {_ACCOUNT_OF.get(word, "") for word in words}
    if "NISA" in found and "" not in found:
        return "NISA"
    if len(found) == 1 and "" not in found:
        return found.pop()
    raise UsageError(
        f'account type "{cut_word(cell.strip())}" is not known', do=f"write {', '.join(ACCOUNTS)}"
    )


def account_in_title(title: str) -> str:
    """The type of account that the title of a section speaks of; "" where it speaks of none."""
    text = normalize_text(title).upper()
    return next((account for account in ("NISA", "特定", "一般") if account in text), "")


_OTHER_SECTIONS = ("投資信託", "投信", "外国", "米国", "海外", "債券", "先物", "オプション", "ファンド")


def product_in_title(title: str) -> Kind:
    """What a section is a table of: "trade" for cash stocks, else another product or margin positions."""
    text = normalize_text(title)
    if "信用" in text and "現物" not in text:
        return "margin"
    return "other product" if any(word in text for word in _OTHER_SECTIONS) else "trade"


def normalize_text(text: str) -> str:
    """Text in its usual form: full-width digits and letters narrow, no spaces around."""
    return unicodedata.normalize("NFKC", text).strip()
