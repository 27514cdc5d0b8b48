"""XML elements as text: every value is escaped, and characters that XML forbids are left out."""

from __future__ import annotations

import html
import re

from jstock_core.reports.render.svg.values import Caption

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Element(str):
    """Text that is XML already, and is not escaped again."""

    __slots__ = ()


def element(tag: str, *inside: str, **attributes: str | float | None) -> Element:
    """An element with its attributes and what is inside; None leaves an attribute out.

    `class_` is the attribute `class`, and an underscore inside a name is a hyphen. Texts are escaped.
    """
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    content = "".join(each if isinstance(each, Element) else escape_text(each) for each in inside)
    return Element(f"<{tag}{named}>{content}</{tag}>" if content else f"<{tag}{named}/>")


def tooltip(text: str) -> list[Element]:
    """What pointing at an element shows, as something to put first into it; nothing without a text."""
    return [element("title", text)] if text else []


def drawing(caption: Caption, width: float, height: float, *inside: str, kind: str, role: str = "img") -> str:
    """The `<svg>` of a chart with its title and description; the sheet knows its size by the class `kind`.

    `role` is "group" where something inside can be chosen, as a link: what is inside an image cannot.
    """
    return element(
        "svg", element("title", caption.title),
        *([element("desc", caption.description)] if caption.description else []), *inside,
        class_=f"drawing {kind}", viewBox=f"0 0 {tenths(width)} {tenths(height)}", role=role,
    )  # fmt: skip


def escape_text(text: str) -> str:
    """Text on one line in which nothing is markup."""
    return html.escape(_FORBIDDEN.sub("", " ".join(text.split())), quote=True)


def tenths(value: float) -> str:
    """A number rounded to tenths, in as few characters as possible: 3, -.5, 12.1."""
    text = f"{round(value, 1):.1f}".removesuffix(".0")
    if text in ("-0", "0"):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _attribute(value: str | float) -> str:
    return escape_text(value) if isinstance(value, str) else tenths(value)
