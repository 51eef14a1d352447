"""Line charts on logarithmic scales, as SVG: a few hundred lines of text that a browser draws, and no dependency."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

__all__ = ["line_chart"]

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 760, 430
LEFT, RIGHT, TOP, BOTTOM = 94, 168, 62, 56
COLOURS = ("#d6336c", "#1971c2", "#2f9e44", "#e8890c", "#7048e8", "#868e96")
STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #343a40; }
  .title { font-size: 17px; font-weight: 600; } .note { fill: #868e96; font-size: 12px; }
  .grid { stroke: #868e96; stroke-opacity: .22; } .axis { stroke: #868e96; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12161c; } text { fill: #dee2e6; } .note { fill: #909aa4; }
  }
"""


def line_chart(
    path: Path, title: str, note: str, x_label: str, y_label: str, series: Mapping[str, Points], *, is_time: bool = True
) -> None:
    """Write a chart of several series; the first is ours and drawn boldly.

    Parameters
    ----------
    note
        A line under the title: what was measured, on what.
    series
        Names and points; both scales are logarithmic.
    is_time
        Whether the vertical axis is in seconds, which are then written as us, ms, s or min.
    """
    points = [point for own in series.values() for point in own]
    across = _Scale([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = _Scale([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"',
        f'     aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        f'<text class="title" x="24" y="30">{escape(title)}</text>',
        f'<text class="note" x="24" y="48">{escape(note)}</text>',
        *_grid(across, up, _seconds if is_time else _count),
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x_label)}</text>',
        f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>",
    ]
    heights = _apart([up(own[-1][1]) for own in series.values()])
    for number, ((name, own), height) in enumerate(zip(series.items(), heights, strict=True)):
        parts += _line(name, [(across(x), up(y)) for x, y in own], height, COLOURS[number % len(COLOURS)], number == 0)
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


class _Scale:
    """A logarithmic scale between two positions."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low, self.high = math.log10(min(values)), math.log10(max(values))
        margin = max(0.04 * (self.high - self.low), 0.02)
        self.low, self.high = self.low - margin, self.high + margin
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        steps = (1,) if self.high - self.low > 1.5 else (1, 2, 5)
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        found = [step * 10.0**power for power in powers for step in steps]
        return [tick for tick in found if self.low <= math.log10(tick) <= self.high]


def _grid(across: _Scale, up: _Scale, show: object) -> list[str]:
    low, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for tick in across.ticks():
        x = across(tick)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{low}"/>')
        parts.append(f'<text x="{x}" y="{low + 18}" text-anchor="middle">{_count(tick)}</text>')
    for tick in up.ticks():
        y = up(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{show(tick)}</text>')  # type: ignore[operator]
    return [*parts, f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{low}H{right}"/>']


def _line(name: str, points: Points, height: float, colour: str, is_bold: bool) -> list[str]:
    path = " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(points))
    width = 3 if is_bold else 1.8
    dots = [f'<circle cx="{x}" cy="{y}" r="{width + 0.6}" fill="{colour}"/>' for x, y in points]
    weight = ' font-weight="600"' if is_bold else ""
    label = f'<text x="{WIDTH - RIGHT + 10}" y="{height + 4}" style="fill:{colour}"{weight}>{escape(name)}</text>'
    return [f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>', *dots, label]


def _apart(heights: list[float], gap: float = 17) -> list[float]:
    """Move labels that would stand on each other apart."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    return moved


def _count(value: float) -> str:
    power = math.floor(math.log10(value) + 1e-9)
    if power < 4:
        return f"{value:g}"
    factor = round(value / 10**power)
    digits = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{'' if factor == 1 else f'{factor}·'}10{digits}"


def _seconds(value: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= size * 0.999:
            return f"{value / size:g} {unit}"
    return f"{value / 1e-9:g} ns"
