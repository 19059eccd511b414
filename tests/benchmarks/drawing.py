"""Pictures as SVG, by hand: cost against size on even axes, so that what grows with size is a straight line."""

from collections.abc import Iterator
from html import escape
from math import floor, log10

from tests.benchmarks.figures import Line, Picture

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 45, 40, 50
COLOURS = ("#1f6feb", "#9a6700", "#8250df")
FONT = 'font-family="sans-serif" font-size="12"'
STEPS = 4


def drawn(picture: Picture) -> str:
    """The picture as a document."""
    return "\n".join(_parts(picture)) + "\n"


def _parts(picture: Picture) -> Iterator[str]:
    points = [point for line in picture.lines for point in line.points]
    right, top = (_round_up(max(values)) for values in zip(*points, strict=True))
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield f'<text x="{LEFT}" y="22" font-size="15">{escape(_title(picture))}</text>'
    for step in range(STEPS + 1):
        yield from _grid(right * step / STEPS, top * step / STEPS, right, top)
    for line, colour in zip(picture.lines, COLOURS, strict=False):
        yield from _line(line, colour, right, top)
    for number, (line, colour) in enumerate(zip(picture.lines, COLOURS, strict=False)):
        yield f'<text x="{LEFT + 12}" y="{TOP + 18 + 16 * number}" fill="{colour}">{escape(line.name)}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 12}" text-anchor="end">deals</text>'
    yield "</svg>"


def _title(picture: Picture) -> str:
    return f"{picture.title}, {picture.unit}" if picture.unit else picture.title


def _grid(across: float, up: float, right: float, top: float) -> Iterator[str]:
    x, y = _at(across, up, right, top)
    yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d0d7de"/>'
    yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{up:,.6g}</text>'
    yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{across:,.0f}</text>'


def _line(line: Line, colour: str, right: float, top: float) -> Iterator[str]:
    places = [_at(*point, right, top) for point in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places)


def _at(across: float, up: float, right: float, top: float) -> tuple[float, float]:
    x = LEFT + across / right * (WIDTH - LEFT - RIGHT)
    return x, HEIGHT - BOTTOM - up / top * (HEIGHT - TOP - BOTTOM)


def _round_up(value: float) -> float:
    """The next number of one figure, or of one and a half or two and a half."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value)
