"""Charts as SVG, drawn here: no script, no network.

Series differ by dash and mark as well as by colour, so they read in grey; every number of a chart
stands in the table beneath it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 14, 34
Scale = Callable[[float], float]
SERIES = 6
"""Series that can be told apart; a chart shows no more."""


@dataclass(frozen=True, slots=True)
class Step:
    """A value from a moment until another (UTC text; none while it holds)."""

    since: str
    until: str | None
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a scatter chart. `strong` ones are labelled."""

    x: float
    y: float
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of parts one after the other, with its label and what is printed at its end."""

    label: str
    parts: tuple[float, ...]
    shown: str


def steps(title: str, series: Sequence[tuple[str, Sequence[Step]]], until: str) -> Markup:
    """Return a step chart over time: each series holds its value until it changes.

    Empty where there is nothing to draw.
    """
    drawn = [(name, list(some)) for name, some in series[:SERIES] if some]
    if not drawn:
        return Markup("")
    ends = [_day(s.since) for _, some in drawn for s in some] + [_day(until)]
    low, high = min(ends), max(max(ends), min(ends) + 1)
    values = [s.value for _, some in drawn for s in some]
    top = max(values) * 1.1 or 1.0
    x = _linear(low, high, LEFT, WIDTH - RIGHT)
    y = _linear(0, top, HEIGHT - BOTTOM, TOP)
    parts = [_frame(title), *_days(low, high, x), *_levels(top, y)]
    labels: list[tuple[float, str, int]] = []
    for i, (name, some) in enumerate(drawn):
        path, last = "", None
        for s in some:
            start, end = x(_day(s.since)), x(_day(s.until) if s.until else high)
            path += (
                f"M{start:.1f} {y(s.value):.1f}"
                if last is None or abs(last[0] - start) > 0.5
                else f"L{start:.1f} {y(s.value):.1f}"
            )
            path += f"L{end:.1f} {y(s.value):.1f}"
            last = (end, y(s.value))
            parts.append(_mark(i, start, y(s.value), f"{name}: {s.shown} since {s.since[:10]}"))
        parts.append(f'<path class="line s{i}" d="{path}"/>')
        if last:
            labels.append((last[1], f"{name} {some[-1].shown}", i))
    return Markup("".join([*parts, *_labels(labels), "</svg>"]))


def lanes(
    title: str, series: Sequence[tuple[str, Sequence[tuple[str, str | None]]]], until: str
) -> Markup:
    """Return a chart of values that are no amounts: a lane for each, filled while it held."""
    if not series:
        return Markup("")
    ends = [_day(since) for _, some in series for since, _ in some] + [_day(until)]
    low, high = min(ends), max(max(ends), min(ends) + 1)
    height = TOP + BOTTOM + 26 * len(series)
    x = _linear(low, high, LEFT + 100, WIDTH - 20)
    parts = [_frame(title, height), *_days(low, high, x, height)]
    for i, (name, some) in enumerate(series):
        top = TOP + 26 * i
        parts.append(_text(LEFT + 92, top + 15, _short(name, 24), "end"))
        for since, ended in some:
            start, end = x(_day(since)), x(_day(ended) if ended else high)
            parts.append(
                _rect(
                    i % SERIES,
                    start,
                    top + 3,
                    max(end - start, 2),
                    16,
                    f"{name} since {since[:10]}",
                )
            )
    return Markup("".join([*parts, "</svg>"]))


def bars(title: str, rows: Sequence[Bar], parts_named: Sequence[str]) -> Markup:
    """Return horizontal bars, each of stacked parts."""
    if not rows:
        return Markup("")
    top = max(sum(r.parts) for r in rows) or 1.0
    height = TOP + 24 * len(rows) + 26
    x = _linear(0, top, 190, WIDTH - 110)
    out = [_frame(title, height)]
    for i, name in enumerate(parts_named):
        out += [
            _rect(i, 190 + 120 * i, height - 18, 12, 12),
            _text(208 + 120 * i, height - 8, name),
        ]
    for n, row in enumerate(rows):
        y, at = TOP + 24 * n, 0.0
        label = _text(182, y + 13, _short(row.label, 24), "end")
        out.append(label)
        for i, part in enumerate(row.parts):
            out.append(_rect(i, x(at), y, max(x(at + part) - x(at), 0.5), 17))
            at += part
        out.append(_text(x(at) + 6, y + 13, row.shown))
    return Markup("".join([*out, "</svg>"]))


def scatter(
    title: str,
    points: Sequence[Point],
    across: str,
    up: str,
    *,
    log_x: bool = False,
    log_y: bool = False,
) -> Markup:
    """Return points on two axes; on a logarithmic one zero cannot stand and is left out."""
    some = [p for p in points if (p.x > 0 or not log_x) and (p.y > 0 or not log_y)]
    if len(some) < 2:
        return Markup("")
    x, xs = _axis([p.x for p in some], log_x, LEFT, WIDTH - 30)
    y, ys = _axis([p.y for p in some], log_y, HEIGHT - BOTTOM - 10, TOP)
    out = [_frame(title)]
    bottom = HEIGHT - BOTTOM - 10
    for tick in xs:
        out += [
            _grid(x(tick), TOP, x(tick), bottom),
            _text(x(tick), HEIGHT - 28, _number(tick), "mid"),
        ]
    for tick in ys:
        out += [
            _grid(LEFT, y(tick), WIDTH - 30, y(tick)),
            _text(LEFT - 6, y(tick) + 4, _number(tick), "end"),
        ]
    out.append(_text((LEFT + WIDTH - 30) / 2, HEIGHT - 8, across, "mid"))
    out.append(
        f'<text class="mid" transform="translate(12 {HEIGHT / 2 - 10:.0f})'
        f' rotate(-90)">{escape(up)}</text>'
    )
    strong = 0
    for p in sorted(some, key=lambda p: p.strong):
        if p.strong:
            right = x(p.x) < WIDTH * 0.6
            mark = _mark(strong, x(p.x), y(p.y), p.label, big=True) + _text(
                x(p.x) + (9 if right else -9),
                y(p.y) - 6,
                _short(p.label, 34),
                "" if right else "end",
            )
            strong += 1
        else:
            mark = (
                f'<circle class="dot" cx="{x(p.x):.1f}" cy="{y(p.y):.1f}" r="3.5">'
                f"<title>{escape(p.label)}</title></circle>"
            )
        out.append(mark)
    return Markup("".join([*out, "</svg>"]))


def _frame(title: str, height: float = HEIGHT) -> str:
    return (
        f'<svg class="chart" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH}'
        f' {height:.0f}" width="{WIDTH}" height="{height:.0f}">'
    )


def _text(x: float, y: float, said: str, kind: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text{styled} x="{x:.1f}" y="{y:.1f}">{escape(said)}</text>'


def _grid(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="grid" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def _rect(i: int, x: float, y: float, width: float, height: float, title: str = "") -> str:
    inside = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<rect class="bar s{i}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}"'
        f' height="{height:.1f}">{inside}</rect>'
    )


def _mark(i: int, x: float, y: float, title: str, big: bool = False) -> str:
    """Return the i-th series' mark: a disc, a square, a diamond, a triangle, …"""
    r = 5 if big else 3.2
    shape = i % 4
    if shape == 0:
        body = f'<circle class="mark s{i % SERIES}" cx="{x:.1f}" cy="{y:.1f}" r="{r}">'
    else:
        places = {
            1: ((-r, -r), (r, -r), (r, r), (-r, r)),
            2: ((0, -r * 1.3), (r * 1.3, 0), (0, r * 1.3), (-r * 1.3, 0)),
            3: ((0, -r * 1.2), (r * 1.1, r), (-r * 1.1, r)),
        }[shape]
        body = (
            f'<polygon class="mark s{i % SERIES}"'
            f' points="{" ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in places)}">'
        )
    return f"{body}<title>{escape(title)}</title>{'</circle>' if shape == 0 else '</polygon>'}"


def _labels(labels: list[tuple[float, str, int]]) -> list[str]:
    """Return the names at the lines' ends, moved apart where they would overlap."""
    out, last = [], -99.0
    for y, text, i in sorted(labels):
        last = max(y, last + 15)
        out.append(
            f'<text class="name s{i}" x="{WIDTH - RIGHT + 8}"'
            f' y="{last + 4:.1f}">{escape(_short(text, 26))}</text>'
        )
    return out


def _linear(low: float, high: float, start: float, end: float) -> Scale:
    return lambda v: start + (v - low) / (high - low or 1) * (end - start)


def _axis(values: list[float], log: bool, start: float, end: float) -> tuple[Scale, list[float]]:
    """Return the scale and its ticks."""
    low, high = min(values), max(values)
    if log:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        last = max(last, first + 1)
        line = _linear(first, last, start, end)
        every = max(1, (last - first) // 6 + ((last - first) % 6 > 0))
        return (lambda v: line(math.log10(v))), [10.0**e for e in range(first, last + 1, every)]
    room = (high - low or abs(high) or 1) * 0.08
    line = _linear(low - room, high + room, start, end)
    return line, _ticks(low, high)


def _ticks(low: float, high: float, most: int = 5) -> list[float]:
    span = (high - low) or abs(high) or 1
    step = 10 ** math.floor(math.log10(span / most))
    step *= next(m for m in (1, 2, 5, 10) if span / (step * m) <= most)
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


def _levels(top: float, y: Scale) -> list[str]:
    return [
        part
        for t in _ticks(0, top, 4)
        for part in (
            _grid(LEFT, y(t), WIDTH - RIGHT, y(t)),
            _text(LEFT - 6, y(t) + 4, _number(t), "end"),
        )
    ]


def _days(low: float, high: float, x: Scale, height: float = HEIGHT) -> list[str]:
    out = []
    for n in range(4):
        day = low + (high - low) * n / 3
        said = (datetime(1970, 1, 1) + timedelta(days=day)).strftime("%Y-%m-%d")
        out += [
            _grid(x(day), TOP, x(day), height - BOTTOM + 4),
            _text(x(day), height - 12, said, "mid"),
        ]
    return out


def _day(moment: str) -> float:
    return (
        datetime.fromisoformat(moment.replace("Z", "")) - datetime(1970, 1, 1)
    ).total_seconds() / 86_400


def _number(value: float) -> str:
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:.4g}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
