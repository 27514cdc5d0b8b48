"""Planted faults, one a rule: chance, neighbours, dead parts, too little history, writing, raising."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from jstock_core.rules import Entry, EntryOpinions, Layer, Verdict, entry, layer


def scored(view, score, **parts):
    score = np.clip(np.nan_to_num(score), 0, 100)
    buy = (score > 60) & view.has_bar
    return EntryOpinions(buy, score, score, score / 100, parts or {"score": score}, lambda row, n: "scored")


@entry("Chance")
class Chance(Entry):
    """Buy by lot."""

    def evaluate(self, view):
        return scored(view, 100 * np.random.default_rng().random(view.shape))


@entry("Neighbours")
class Neighbours(Entry):
    """Buy what has the highest close of all."""

    def evaluate(self, view):
        close = view.value("close")
        return scored(view, 100 * close / np.nanmax(close, axis=1, keepdims=True))


@entry("HalfDead")
class HalfDead(Entry):
    """Buy on RSI, beside a part that is always 7 and one that is never there."""

    needs: ClassVar[int] = 60
    tolerance: ClassVar[float] = 5.0

    def evaluate(self, view):
        rsi = view.value("rsi")
        return scored(view, rsi, rsi=rsi, lucky=np.full(view.shape, 7.0), gone=np.full(view.shape, np.nan))


@entry("TooYoung")
class TooYoung(Entry):
    """Buy above the 200-bar average, and say that five bars are enough."""

    needs: ClassVar[int] = 5

    def evaluate(self, view):
        return scored(view, np.where(view.value("close") > view.value("ema_200"), 80.0, 20.0))


@entry("Writes")
class Writes(Entry):
    """Buy on RSI, after improving the market."""

    def evaluate(self, view):
        view.features.values["rsi"][:] = 99.0
        return scored(view, view.value("rsi"))


@entry("Shapeless")
class Shapeless(Entry):
    """Buy on one row's scores, whatever was asked."""

    def evaluate(self, view):
        row = np.full(view.shape[1], 50.0)
        return EntryOpinions(row > 60, row, row, row / 100, {}, lambda r, n: "one row")


@entry("Percent")
class Percent(Entry):
    """Buy with a confidence in percent."""

    def evaluate(self, view):
        score = np.full(view.shape, 70.0)
        return EntryOpinions(view.has_bar, score, score, score, {}, lambda r, n: "percent")


@entry("Raises")
class Raises(Entry):
    """Buy by a column that nobody made."""

    def evaluate(self, view):
        return {}["no such column"]


@entry("Wordless")
class Wordless(Entry):
    """Buy everything, and fail to say why."""

    def evaluate(self, view):
        score = np.full(view.shape, 70.0)
        return EntryOpinions(view.has_bar, score, score, score / 100, {}, lambda row, n: 1 / 0)


@layer("raises")
class RaisesLayer(Layer):
    """Sell by a number that is not there."""

    def verdict(self, view, row, holding):
        return 1 / 0


@layer("always")
class Always(Layer):
    """Say yes instead of a verdict."""

    def verdict(self, view, row, holding):
        return True


@layer("boom")
class Boom(Layer):
    """Sell never, for a defect of its own."""

    def verdict(self, view, row, holding):
        raise ValueError("my own bug")


@layer("misspelt")
class Misspelt(Layer):
    """Sell by a feature that is not called so."""

    def verdict(self, view, row, holding):
        return Verdict("misspelt", 100, 0.5, "weak") if view.at("rsii", row, holding.column) < 30 else None


@layer("a_third")
class AThird(Layer):
    """Sell a share that nobody can sell."""

    def verdict(self, view, row, holding):
        return Verdict("a_third", 33, 0.5, "a third")
