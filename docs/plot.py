"""
The curves of docs/performance.md as one drawing.

A panel for the time and one for the memory of each thing that grows; both axes are
logarithmic, so that a power is a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log10
from typing import Any

from jinja2 import Environment

WIDTH, HEIGHT = 190, 130
"""Of the inside of a panel."""
LEFT, TOP, RIGHT, BOTTOM = 52, 34, 18, 40
"""Around it."""

TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" \
font-family="sans-serif" font-size="11" role="img" aria-label="Time and memory as sizes grow">
<rect width="{{ width }}" height="{{ height }}" fill="#ffffff"/>
{% for panel in panels %}
<g transform="translate({{ panel.x }} {{ panel.y }})">
<text y="-12" font-size="12" fill="#222222">{{ panel.title }}</text>
<rect width="{{ inner_width }}" height="{{ inner_height }}" fill="none" stroke="#999999"/>
{% for label in panel.labels %}
<text x="{{ label.x }}" y="{{ label.y }}" text-anchor="{{ label.anchor }}" \
fill="#555555">{{ label.text }}</text>
{% endfor %}
<polyline points="{{ panel.line }}" fill="none" stroke="{{ panel.color }}" stroke-width="2"/>
{% for x, y in panel.dots %}
<circle cx="{{ x }}" cy="{{ y }}" r="3" fill="{{ panel.color }}"/>
{% endfor %}
</g>
{% endfor %}
</svg>
"""

MEASURES = (("cpu", "s", "time_exponent", "#1f5fa8"), ("peak", "MiB", "memory_exponent", "#b35900"))
"""A row of panels each: the key of a point, its unit, the key of the exponent, a colour."""


def drawing(curves: Sequence[Mapping[str, Any]]) -> str:
    """Return the drawing of *curves*, as ``tests.bench.growth`` tells them, as SVG."""
    panels = [
        _panel(curve, measure, column * (LEFT + WIDTH + RIGHT), row * (TOP + HEIGHT + BOTTOM))
        for row, measure in enumerate(MEASURES)
        for column, curve in enumerate(curves)
    ]
    template = Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE)
    text = template.render(
        panels=panels,
        width=len(curves) * (LEFT + WIDTH + RIGHT),
        height=len(MEASURES) * (TOP + HEIGHT + BOTTOM),
        inner_width=WIDTH,
        inner_height=HEIGHT,
    )
    return f"{text.rstrip()}\n"


def _panel(
    curve: Mapping[str, Any], measure: tuple[str, str, str, str], x: int, y: int
) -> dict[str, Any]:
    """Return one panel, which stands at (*x*, *y*)."""
    key, unit, exponent, color = measure
    sizes = [float(point["size"]) for point in curve["points"]]
    values = [float(point[key]) for point in curve["points"]]
    across, up = _scale(sizes, WIDTH), _scale(values, HEIGHT)
    dots = [(round(a, 1), round(HEIGHT - u, 1)) for a, u in zip(across, up, strict=True)]
    grows = f", n^{curve[exponent]:.2f}" if curve[exponent] is not None else ""
    return {
        "x": x + LEFT,
        "y": y + TOP,
        "title": f"{curve['name']}: {unit}{grows}",
        "labels": list(_labels(sizes, values)),
        "dots": dots,
        "line": " ".join(f"{a},{u}" for a, u in dots),
        "color": color,
    }


def _scale(values: Sequence[float], length: int) -> list[float]:
    """Return where *values* stand on an axis, by their logarithms; the room at both ends is 8."""
    logs = [log10(value) for value in values]
    least, span = min(logs), (max(logs) - min(logs)) or 1.0
    return [8 + (each - least) / span * (length - 16) for each in logs]


def _labels(sizes: Sequence[float], values: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Yield what stands at the ends of both axes."""
    for size, x, anchor in ((sizes[0], 0, "start"), (sizes[-1], WIDTH, "end")):
        yield {"x": x, "y": HEIGHT + 16, "anchor": anchor, "text": f"{size:,.0f}"}
    for value, y in ((min(values), HEIGHT - 4), (max(values), 12)):
        yield {"x": -6, "y": y, "anchor": "end", "text": f"{value:,.3g}"}
