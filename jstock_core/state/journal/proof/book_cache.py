"""Cached final book, so that read-only commands need not replay the journal.

It is never the truth and may be deleted at any time. It counts only where it was made by this very code, on
this provider's prices and at the tip that the head file names, and every byte is as it was written; else the
journal is folded as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core import state
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.market.recorded_split import RecordedSplit
from jstock_core.state.book.holdings import Book, GroupBook, Halt, Latest
from jstock_core.state.journal.proof.chain import Tip

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_Cached = tuple[
    Mapping[str, GroupBook], date | None, Mapping[str, Latest], int, Mapping[str, Halt],
    tuple[RecordedSplit, ...],
]  # fmt: skip
"""The fields of a book without its entries, which only a fold needs."""


def encode_book(book: Book, tip: Tip, provider: Tip) -> bytes:
    """The bytes of a cache file: a sealed line, and the book as JSON. `provider` is the chain's genesis."""
    whole = (book.groups, book.settled_through, book.decided, book.seq, book.halts, book.recorded_splits)
    body = _adapter().dump_json(whole, fallback=str)  # pydantic < 2.14 cannot write the ratio of a lot
    return seal(_label(body, tip, provider)) + body


def unseal_book(data: bytes, tip: Tip, provider: Tip) -> bytes | None:
    """The book as JSON in such bytes, None where they are not of this tip."""
    head, _, body = data.partition(b"\n")
    return body if unseal(head + b"\n") == _label(body, tip, provider) else None


def decode_book(body: bytes) -> Book:
    """The book in the JSON of a cache file."""
    groups, settled, decided, seq, halts, splits = _adapter().validate_json(body)
    return Book(groups, settled, decided, seq, halts=halts, recorded_splits=splits)


def _label(body: bytes, tip: Tip, provider: Tip) -> dict[str, int | str]:
    return {
        "seq": tip.seq,
        "hash": tip.hash,
        "provider": provider.hash,
        "code": _code(),
        "sha256": sha256(body).hexdigest(),
    }


@cache
def _code() -> str:
    """The source of `state`: another fold may make another book of the same events."""
    digest = sha256()
    for file in sorted(Path(state.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _adapter() -> TypeAdapter[_Cached]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Cached)
