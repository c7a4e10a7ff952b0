"""Charts as SVG that needs nothing else: no script, no font, no address."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .charts import Chart

__all__ = ["draw"]

_WIDTH: Final = 560
_HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 32, 28, 44
_ROW: Final = 30
_LABEL: Final = 170
_TICKS: Final = 5
_STEPS: Final = (1, 2, 2.5, 5, 10)


def draw(chart: Chart) -> str:
    """The chart as an ``<svg>`` element; its colours are CSS variables of the page."""
    if not chart.points:
        return _svg(chart, _TOP + _ROW, [_text(_WIDTH / 2, _TOP + 12, "nothing to show", "middle")])
    if chart.kind == "bars":
        return _svg(chart, _TOP + _ROW * len(chart.points) + 8, list(_bars(chart)))
    return _svg(chart, _HEIGHT, list(_plane(chart)))


def _svg(chart: Chart, height: float, parts: list[str]) -> str:
    title = escape(chart.title)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{title}">'
        f'<text class="title" x="0" y="15">{title}</text>{"".join(parts)}</svg>'
    )


def _bars(chart: Chart) -> Iterator[str]:
    most = max(value for _, value in chart.points) or 1
    yield _text(_WIDTH - 4, 15, chart.y, "end")
    room = _WIDTH - _LABEL - 90
    for number, (name, value) in enumerate(chart.points):
        y = _TOP + _ROW * number
        width = max(0.0, room * value / most)
        yield _text(_LABEL - 8, y + 17, str(name), "end")
        yield (
            f'<rect class="mark" x="{_LABEL}" y="{y + 4}" width="{width:.1f}" height="18" rx="2">'
            f"<title>{escape(f'{name}: {_short(value)} {chart.y}'.strip())}</title></rect>"
        )
        yield _text(_LABEL + width + 6, y + 17, _short(value), "start")


def _plane(chart: Chart) -> Iterator[str]:
    """Everything with two axes."""
    xs = [float(x) for x, _ in chart.points]
    ys = [y for _, y in chart.points]
    width = (xs[1] - xs[0]) if chart.kind == "histogram" and len(xs) > 1 else 0.0
    low_x, high_x = min(xs), max(xs) + width
    if high_x <= low_x:
        low_x, high_x = low_x - 0.5, high_x + 0.5
    step_y = _step(max(ys) if chart.kind != "line" else max(ys) - _floor(ys))
    low_y = step_y * (_floor(ys) // step_y) if chart.kind == "line" else 0.0
    high_y = low_y
    while high_y < max(ys):
        high_y += step_y
    high_y = high_y if high_y > low_y else low_y + step_y

    def at_x(value: float) -> float:
        return _LEFT + (value - low_x) / (high_x - low_x) * (_WIDTH - _LEFT - _RIGHT)

    def at_y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - low_y) / (high_y - low_y) * (_HEIGHT - _TOP - _BOTTOM)

    tick = low_y
    while tick <= high_y + step_y / 1000:
        y = at_y(tick)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 8, y + 4, _short(tick), "end")
        tick += step_y
    step_x = _step(high_x - low_x)
    tick = step_x * -(-low_x // step_x)
    while tick <= high_x + step_x / 1000:
        yield _text(at_x(tick), _HEIGHT - _BOTTOM + 18, _short(tick), "middle")
        tick += step_x
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, chart.x, "middle")
    yield _text(_WIDTH - _RIGHT, 15, chart.y, "end")
    places = [(at_x(x), at_y(y)) for x, y in zip(xs, ys, strict=True)]
    if chart.kind == "line":
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline class="line" points="{joined}"/>'
    elif chart.kind == "points":
        yield from (f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="1.6"/>' for x, y in places)
    else:
        wide = max(1.0, (at_x(low_x + width) - at_x(low_x) if width else _WIDTH / 8) - 1)
        for (x, y), (value, count) in zip(places, zip(xs, ys, strict=True), strict=True):
            x = x if width else x - wide / 2
            yield (
                f'<rect class="mark" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
                f'height="{_HEIGHT - _BOTTOM - y:.1f}">'
                f"<title>{escape(f'{_short(value)} {chart.x}: {_short(count)}')}</title></rect>"
            )


def _floor(values: list[float]) -> float:
    """Where a line's axis begins: at zero, unless that would flatten the line."""
    low, high = min(values), max(values)
    return low if low > 0.8 * high and high > low else min(0.0, low)


def _step(span: float) -> float:
    """The distance between two ticks, a round number."""
    if span <= 0:
        return 1.0
    rough, size = span / _TICKS, 1.0
    while size > rough:
        size /= 10
    while size * 10 <= rough:
        size *= 10
    return next(one * size for one in _STEPS if one * size >= rough)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(value: float) -> str:
    """A number with as many decimals as help."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
