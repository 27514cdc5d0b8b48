"""The charts: PNG, readable on a phone, quiet, and the same bytes for the same report.

Lines differ by colour, weight and dash, and are named where they end, so there is no legend.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.base.words import join_parts, number, pct, shorten
from jstock_core.reports.model.curves import ReturnCurve
from jstock_core.reports.model.report import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 144
COLOURS = 64
_SIZE = (5.8, 3.9)  # inches; small, so that its letters can be read on a phone
_INK, _SOFT, _FAINT, _GRID = "#1b1f24", "#6b7580", "#9aa3ad", "#e6e9ec"
# Okabe and Ito's palette, which the colour-blind can distinguish, without its yellow (too light on white).
_GROUP_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_LABEL_GAP = 0.068  # of the height
_LABEL_COLUMNS = 20


@dataclass(frozen=True)
class _Line:
    """A curve as it is drawn: points, colour, width and dash, and what stands at its end."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    name: str
    colour: str
    width: float
    dash: str
    order: int


def equity_chart(report: Report) -> Figure:
    """Cumulative return of each group, the whole desk and TOPIX."""
    figure, axes = _canvas(report, "Return since the desk began, %")
    if not report.performance.unknown:
        lines = _lines(report, "return_pct")
        _draw(axes, report, lines)
        axes.axhline(0, color=_FAINT, linewidth=0.8, zorder=1)
        _name_the_ends(axes, lines)
    return figure


def drawdown_chart(report: Report) -> Figure:
    """Distance of the whole desk and TOPIX from their highest point so far."""
    figure, axes = _canvas(report, "Drawdown, %")
    if not report.performance.unknown:
        lines = [line for line in _lines(report, "drawdown_pct") if line.order > 1]
        _draw(axes, report, lines)
        whole = lines[-1].values
        axes.fill_between(range(len(whole)), whole, 0, color=_INK, alpha=0.08, linewidth=0)
        axes.set_ylim(top=0)
        _name_the_ends(axes, lines)
    return figure


def equity_alt(report: Report) -> str:
    """What the equity chart shows, in words."""
    past = report.performance
    curves = (*past.groups, past.whole, *past.benchmarks)
    return past.unknown or "Return since the desk began: " + join_parts(
        f"{c.name} {pct(c.last)}" for c in curves
    )


def drawdown_alt(report: Report) -> str:
    """What the drawdown chart shows, in words."""
    past = report.performance
    curves = (past.whole, *past.benchmarks)
    return past.unknown or "Maximum drawdown: " + join_parts(f"{c.name} {pct(c.deepest)}" for c in curves)


def chart(figure: Figure, name: str, alt: str) -> bytes:
    """Display a chart as PNG with its name and its meaning in words, and return the PNG.

    Notebooks show figures by this function only; outside IPython nothing is displayed.
    """
    png = to_png(figure)
    _display(png, name, alt)
    return png


def to_png(figure: Figure) -> bytes:
    """The figure as PNG with a palette of at most 64 colours; equal figures give equal bytes.

    Raises:
        UserWarning: a character has no glyph in the fonts, and would be shown as an empty box.

    """
    from PIL import Image

    raw = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph \d+ .* missing from")
        figure.savefig(raw, format="png", dpi=DPI, metadata={"Software": None})
    flat = Image.open(raw).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small = BytesIO()
    flat.save(small, format="png", optimize=True)
    return small.getvalue()


def _display(png: bytes, name: str, alt: str) -> None:
    if "IPython" in sys.modules:
        from IPython.display import display

        data = {"image/png": png, "text/plain": alt}
        display(data, raw=True, metadata={"image/png": {"alt": alt, "name": name}})


def _canvas(report: Report, title: str) -> tuple[Figure, Axes]:
    """An empty chart; simulated or historical numbers are marked, and an unknown past shows the reason."""
    import matplotlib_fontja
    from matplotlib.figure import Figure

    matplotlib_fontja.japanize()
    figure = Figure(figsize=_SIZE, dpi=DPI, facecolor="white", layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.tick_params(length=0, labelcolor=_SOFT, labelsize=10)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontsize=12, color=_INK, pad=10)
    if report.header.market_marks:
        _watermark(axes, " ".join(report.header.market_marks))
    if report.performance.unknown:
        axes.set(xticks=[], yticks=[])
        axes.text(
            0.5,
            0.7,
            report.performance.unknown,
            transform=axes.transAxes,
            ha="center",
            color=_SOFT,
            wrap=True,
        )
    return figure, axes


def _watermark(axes: Axes, text: str) -> None:
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=40,
        color="#000000", alpha=0.06, zorder=0,
    )  # fmt: skip


def _lines(report: Report, what: str) -> list[_Line]:
    """TOPIX grey and dashed, groups coloured, the whole dark and heavy; drawn in that order."""
    past = report.performance

    def line(curve: ReturnCurve, colour: str, width: float, dash: str, order: int) -> _Line:
        values = np.array([np.nan if v is None else v for v in getattr(curve, what)], dtype=np.float64)
        return _Line(values, shorten(curve.group or curve.name, _LABEL_COLUMNS), colour, width, dash, order)

    colours = (_GROUP_COLOURS[n % len(_GROUP_COLOURS)] for n in range(len(past.groups)))
    groups = [line(c, colour, 1.6, "-", 1) for c, colour in zip(past.groups, colours, strict=True)]
    benchmarks = [line(curve, _SOFT, 1.6, "--", 2) for curve in past.benchmarks]
    return [*groups, *benchmarks, line(past.whole, _INK, 2.3, "-", 3)]


def _draw(axes: Axes, report: Report, lines: Iterable[_Line]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for line in lines:
        axes.plot(
            line.values, color=line.colour, linewidth=line.width, linestyle=line.dash, zorder=line.order + 1
        )
    axes.yaxis.set_major_locator(MaxNLocator(6, min_n_ticks=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 0)))
    _dates(axes, report)


def _dates(axes: Axes, report: Report) -> None:
    """Sessions stand side by side, without gaps for closed days; a few of them are named."""
    sessions = report.performance.sessions
    last = len(sessions) - 1
    axes.set_xlim(-0.01 * max(last, 1), 1.01 * max(last, 1))
    marks = sorted({round(last * part / 2) for part in range(3)}) if sessions else []
    axes.set_xticks(marks, [f"{sessions[n]:%Y-%m-%d}" for n in marks])
    for label in axes.get_xticklabels()[:1]:
        label.set_horizontalalignment("left")
    for label in axes.get_xticklabels()[2:]:
        label.set_horizontalalignment("right")


def _name_the_ends(axes: Axes, lines: Sequence[_Line]) -> None:
    """Write each line's name and last value at its end, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    known = [line for line in lines if np.isfinite(line.values[-1])]
    ordered = sorted(known, key=lambda line: line.values[-1])
    wanted = [(line.values[-1] - low) / (high - low) for line in ordered]
    for line, place in zip(ordered, spread_labels(wanted, _LABEL_GAP), strict=True):
        axes.annotate(
            f"{line.name} {pct(line.values[-1])}",
            xy=(len(line.values) - 1, low + place * (high - low)),
            xytext=(7, 0), textcoords="offset points", va="center", fontsize=10.5, color=line.colour,
            annotation_clip=False,
        )  # fmt: skip


def spread_labels(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places in 0..1, moved as little as a simple pass can so that all are `gap` apart."""
    moved = list(places)
    for n in range(1, len(moved)):
        moved[n] = max(moved[n], moved[n - 1] + gap)
    ceiling = max(1.0, *places) if places else 1.0
    for n in reversed(range(len(moved))):
        moved[n] = min(moved[n], ceiling)
        ceiling = moved[n] - gap
    return moved
