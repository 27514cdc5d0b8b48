"""Drawings read back: their elements, the places that their paths go through, and the values of these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

Place = tuple[float, float]
_TOKEN = re.compile(r"[a-zA-Z]|-?(?:\d+\.\d+|\.\d+|\d+)")
_PAIRS = {"m": 2, "l": 2, "h": 1, "v": 1, "z": 0}


@dataclass(frozen=True)
class Drawing:
    """An SVG that was parsed as XML."""

    root: ET.Element

    @classmethod
    def of(cls, svg: str) -> Drawing:
        return cls(ET.fromstring(svg))

    def all(self, kind: str) -> list[ET.Element]:
        """The elements with a class."""
        return [each for each in self.root.iter() if kind in each.get("class", "").split()]

    def paths(self, kind: str) -> list[list[list[Place]]]:
        """Of each path with a class: its lines, and of each the places."""
        return [read_path(each.get("d", "")) for each in self.all(kind) if each.tag == "path"]

    def texts(self, kind: str = "") -> dict[str, Place]:
        """Where texts stand."""
        return {
            each.text or "": (float(each.get("x", 0)), float(each.get("y", 0)))
            for each in self.root.iter("text")
            if kind in each.get("class", "")
        }

    def title(self) -> str:
        return self.root.findtext("title") or ""

    def value(self, y: float) -> float:
        """What a height means, by the numbers beside the grid; they are plain floats."""
        beside = (each for each in self.root.iter("text") if each.get("text-anchor") == "end")
        ticks = sorted((float(each.get("y", 0)), float(each.text or "")) for each in beside)
        (low, a), (high, b) = ticks[0], ticks[-1]
        return a + (y - low) / (high - low) * (b - a)

    def unit(self) -> float:
        """The value of a unit of height; since places are rounded to tenths, a quarter of it can be asked."""
        return abs(self.value(0) - self.value(1))


def read_path(data: str) -> list[list[Place]]:
    """Path data by the grammar of SVG, as far as it is used: the lines, and of each its places."""
    lines: list[list[Place]] = []
    x = y = 0.0
    for command, numbers in _commands(data):
        match command:
            case "m":
                x, y = x + numbers[0], y + numbers[1]
                lines.append([(x, y)])
                continue
            case "l":
                x, y = x + numbers[0], y + numbers[1]
            case "h":
                x += numbers[0]
            case "v":
                y += numbers[0]
            case "z":
                x, y = lines[-1][0]
        lines[-1].append((x, y))
    return [[(round(a, 6), round(b, 6)) for a, b in line] for line in lines]


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    tokens = _TOKEN.findall(data)
    assert "".join(tokens) == data.replace(" ", ""), "something is no number and no command"
    command = ""
    while tokens:
        if tokens[0].isalpha():
            command = tokens.pop(0)
        wanted = _PAIRS[command]
        yield command, [float(tokens.pop(0)) for _ in range(wanted)]
        command = "l" if command == "m" else command
