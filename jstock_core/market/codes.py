"""Stock codes: always text, four characters inside jstock.

Source: JPX securities code rules (jpx.co.jp/sicc/code-pr): since 2024 the second and fourth characters may
be one of nineteen letters. J-Quants uses five characters; the fifth is "0" for common stock.
"""

from __future__ import annotations

import re
import unicodedata

from jstock_core.base.arguments import require_kind
from jstock_core.base.errors import UsageError
from jstock_core.base.limits import cut_word

_LETTERS = "ACDFGHJKLMNPRSTUWXY"
_CODE = re.compile(rf"[0-9][0-9{_LETTERS}][0-9][0-9{_LETTERS}]")


def parse_code(text: str | int) -> str:
    """Parse and check a code as people type it ("7203", "167A", also "7203.T" and full-width digits).

    Raises:
        UsageError: it is not a TSE code, or a number, in which letters and leading zeros are lost.

    """
    if isinstance(text, int):
        raise UsageError(f"{text} is a number, and a stock code is text", do=f'write it as "{text}"')
    require_kind(text, str, "a stock code", 'write it as text, such as "7203"')
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".T")
    if _CODE.fullmatch(plain):
        return plain
    raise UsageError(
        f'"{cut_word(text)}" is not a TSE stock code',
        do='write four characters as "7203" or "167A" (digits; letters only in the 2nd and 4th place)',
    )


def from_jquants(text: str) -> str:
    """Convert five characters to four: only a final "0" is dropped, so preferred shares keep all five."""
    return text[:-1] if len(text) == 5 and text.endswith("0") else text


def to_jquants(code: str) -> str:
    """Convert four characters to five by adding the final "0" of common stock."""
    return code + "0" if len(code) == 4 else code
