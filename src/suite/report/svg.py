"""Drawings as SVG: the same bytes for the same drawing, and no word in it can be markup."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

from suite.report.drawing import COLOURS, Dot, Drawing, Group, Line, Mark, Rect, Words
from suite.report.text import inert

_ANCHORS = {"start": "", "middle": "m", "end": "e"}
_SIZES = ("10", "11", "12")
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


LIGHT: Mapping[str, str] = {role: colour.light for role, colour in COLOURS.items()}


def stylesheet(colours: Mapping[str, str] = LIGHT) -> str:
    """Return the rules for the classes that drawings use; `colours` are those of the roles."""
    return "".join(_rules(colours))


def _rules(colours: Mapping[str, str]) -> Iterator[str]:
    for role, colour in colours.items():
        yield f".f-{role}{{fill:{colour}}}.s-{role}{{stroke:{colour}}}"
    # Said once here, as a figure may have hundreds of words.
    yield from (f".{short}{{text-anchor:{anchor}}}" for anchor, short in _ANCHORS.items() if short)
    yield from (f".t{size}{{font-size:{size}px}}" for size in _SIZES)


def inline(drawing: Drawing) -> str:
    """Return a drawing for a page that has the stylesheets; it needs no style of its own."""
    return _svg(drawing, "")


def standalone(drawing: Drawing) -> str:
    """Return a drawing as a file of its own, on light paper."""
    style = f"<style>text{{font-family:{FONT}}}{stylesheet()}</style>"
    paper = f'<rect width="{_n(drawing.width)}" height="{_n(drawing.height)}" class="f-paper"/>'
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _svg(drawing, style + paper) + "\n"


def _svg(drawing: Drawing, head: str) -> str:
    width, height = _n(drawing.width), _n(drawing.height)
    label = f"{drawing.title}. {drawing.alt}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{_safe(label)}">{head}{"".join(map(_mark, drawing.marks))}</svg>'
    )


def _mark(mark: Mark) -> str:
    tip = f"<title>{_safe(mark.tip)}</title>" if mark.tip else ""
    if isinstance(mark, Group):
        return f"<g>{tip}{''.join(map(_mark, mark.marks))}</g>"
    if isinstance(mark, Line):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in mark.points)
        dashes = ' stroke-dasharray="4 3"' if mark.dashed else ""
        tag, attributes = (
            "polyline",
            f'points="{points}" class="s-{mark.role}" fill="none" stroke-width="{_n(mark.width)}"{dashes}',
        )
    elif isinstance(mark, Rect):
        faint = f' fill-opacity="{mark.opacity:.2f}"' if mark.opacity < 1 else ""
        tag = "rect"
        attributes = f'x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" height="{_n(mark.height)}"'
        attributes += f' class="f-{mark.role}"{faint}'
    elif isinstance(mark, Dot):
        look = (
            f'class="s-{mark.role}" fill="none" stroke-width="1.5"' if mark.ring else f'class="f-{mark.role}"'
        )
        tag, attributes = "circle", f'cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}" {look}'
    else:
        return _words(mark, tip)
    return f"<{tag} {attributes}>{tip}</{tag}>" if tip else f"<{tag} {attributes}/>"


def _words(mark: Words, tip: str) -> str:
    bold = ' font-weight="600"' if mark.bold else ""
    turned = f' transform="rotate(-90 {_n(mark.x)} {_n(mark.y)})"' if mark.turned else ""
    size = _n(mark.size)
    looks = [f"f-{mark.role}", _ANCHORS[mark.anchor], f"t{size}" if size in _SIZES else ""]
    other = "" if size in _SIZES else f' font-size="{size}"'
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" class="{" ".join(filter(None, looks))}"'
    return f"<text {place}{other}{bold}{turned}>{_safe(mark.text)}{tip}</text>"


def _n(value: float) -> str:
    """Return a coordinate: one digit is enough, and the same everywhere."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _safe(text: str) -> str:
    return html.escape(inert(text))
