"""The Japanese catalogue fits the code: every text of a page has an entry, none says other numbers."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from jstock_core.reports.language import catalogue
from jstock_core.reports.language.catalogue import CORE, read_catalogue
from tests.architecture import PACKAGE, modules

PLACE = re.compile(r"\{(\w+)\}")
IN_TEMPLATE = re.compile(r"words\(\s*(?:'([^']+)'|\"([^\"]+)\")")
PLURAL_IN_TEMPLATE = re.compile(r'words\.plural\([^"]+"([^"]+)", "([^"]+)"')
SAID = re.compile(r"(?:^|\.)words(?:\.plural)?$")
DIGITS = re.compile(r"\d+")
PO = Path(catalogue.__file__).parent / "ja.po"


def messages() -> list[Message]:
    with PO.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def shown(message: Message) -> str:
    return message.string[0] if isinstance(message.string, tuple) else message.string


def strings(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def words_literals() -> dict[str, str]:
    """Every text given to `words(...)` or `words.plural(...)` as a literal, with its place."""
    found = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and SAID.search(ast.unparse(node.func)):
                given = node.args[1:3] if ast.unparse(node.func).endswith("plural") else node.args[:1]
                texts = [text for arg in given for text in strings(arg) if not isinstance(arg, ast.Call)]
                found |= dict.fromkeys(texts, f"{module.name}:{node.lineno}")
    return found | template_texts()


def template_texts() -> dict[str, str]:
    """Every text given to `words(...)` or `words.plural(...)` in a template, with its file."""
    found: dict[str, str] = {}
    for file in sorted(PACKAGE.rglob("*.j2")):
        text = file.read_text(encoding="utf-8")
        alone = (one or other for one, other in IN_TEMPLATE.findall(text))
        forms = (form for pair in PLURAL_IN_TEMPLATE.findall(text) for form in pair)
        found |= dict.fromkeys((*alone, *forms), file.name)
    return found


def test_every_text_of_a_page_is_in_the_catalogue() -> None:
    japanese = read_catalogue("ja")
    known = japanese.texts.keys() | japanese.sentences.whole.keys()
    assert {place: text for text, place in words_literals().items() if text not in known} == {}


def test_no_entry_of_a_page_is_unused() -> None:
    said = {text for module in modules() for text in strings(module.tree)} | template_texts().keys()
    assert [form for m in messages() if m.context is None for form in forms(m) if form not in said] == []


def test_sentences_are_made_of_words_of_the_core() -> None:
    """A sentence whose words stand nowhere in the code is one that the core does not say any more."""
    core = [m for m in modules() if not m.name.startswith(("reports.render", "reports.language", "cli"))]
    said = {word for m in core for text in strings(m.tree) for word in re.findall(r"[A-Za-z]+", text)}
    said |= {word + "s" for word in said}
    names = {word for m in core for node in ast.walk(m.tree) for word in _name(node)}
    for message in messages():
        if message.context == CORE:
            literal = PLACE.sub(" ", " ".join(forms(message)))
            assert set(re.findall(r"[A-Za-z]+", literal)) <= said | names, forms(message)[0]


def _name(node: ast.AST) -> list[str]:
    return re.findall("[A-Za-z]+", node.name) if isinstance(node, ast.ClassDef) else []


def test_entries_have_an_answer_that_nobody_doubts() -> None:
    assert [forms(m)[0] for m in messages() if m.fuzzy or not shown(m).strip()] == []
    keys = Counter((m.context, form) for m in messages() for form in forms(m))
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("context", [None, CORE])
def test_every_place_stands_once_in_both_languages(context: str | None) -> None:
    for message in messages():
        if message.context == context:
            places = [Counter(PLACE.findall(text)) for text in (*forms(message), shown(message))]
            assert all(found == places[0] for found in places), forms(message)[0]
            assert context is None or not places[0] or max(places[0].values()) == 1, forms(message)[0]


def test_numbers_and_commands_are_the_same_in_both_languages() -> None:
    for message in messages():
        for form in forms(message):
            english, japanese = PLACE.sub("", form), PLACE.sub("", shown(message))
            assert Counter(DIGITS.findall(english)) == Counter(DIGITS.findall(japanese)), form
            commands = [Counter(re.findall("`[^`]*`", text)) for text in (form, shown(message))]
            assert commands[0] == commands[1], form


def test_places_of_sentences_are_apart() -> None:
    """Two places side by side could not be told from each other."""
    texts = [form for m in messages() if m.context == CORE for form in forms(m)]
    assert [text for text in texts if "}{" in text] == []


LETTER = "ぁ-んァ-ヶー一-龥"
HALF = re.compile(rf"[{LETTER}）」][():;,!?]|[():;,!?][{LETTER}「（]")
UNUSUAL = {
    "；": "a sentence ends with 。",
    "～": "a span has 〜",
    "建玉": "positions on margin and of futures alone",
    "です": "plain style",
    "ください": "plain style",
    "配当権利落ち": "配当落ち",
}
SPELLING = re.compile("フォルダ(?!ー)|パラメータ(?!ー)|サーバ(?!ー)|ユーザ(?!ー)")


def test_japanese_is_written_in_one_way() -> None:
    """Full-width marks beside Japanese letters, one style, one spelling, no word of another business."""
    for message in messages():
        text = re.sub("`[^`]*`", "", shown(message))
        assert not HALF.search(text), text
        assert not SPELLING.search(text), text
        assert [why for word, why in UNUSUAL.items() if word in text] == [], text
