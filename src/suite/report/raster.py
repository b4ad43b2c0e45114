"""Drawings as PNG and PDF, by matplotlib: the same bytes for the same drawing and version of matplotlib."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any, Literal

from suite.errors import UsageError
from suite.report.drawing import COLOURS, Dot, Drawing, Group, Line, Mark, Rect, Words
from suite.report.text import inert

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PX = 96.0
"""Pixels of a drawing to an inch."""
DPI = 200
POINT = 72 / PX
# Type 42 fonts: publishers refuse the usual ones. Whole lines: no point is left out.
SETTINGS: dict[str, Any] = {"pdf.fonttype": 42, "path.simplify": False, "font.family": ["DejaVu Sans"]}
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


def raster(drawing: Drawing, kind: Literal["png", "pdf"]) -> bytes:
    """Return a drawing as the content of a PNG or PDF file, on light paper.

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError(
            f"figures as {kind} need matplotlib: pip install 'tabular-suite[plots]'; svg needs nothing"
        ) from None
    with mpl.rc_context(SETTINGS), warnings.catch_warnings():
        # A letter that the font has not is a box, as anywhere.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(drawing.width / PX, drawing.height / PX), facecolor=_colour("paper"))
        FigureCanvasAgg(figure)
        axes = figure.add_axes(
            (0, 0, 1, 1), xlim=(0, drawing.width), ylim=(drawing.height, 0), frame_on=False
        )
        axes.set_axis_off()
        for order, mark in enumerate(drawing.marks):
            _draw(axes, mark, order)
        content = io.BytesIO()
        figure.savefig(content, format=kind, dpi=DPI, metadata=METADATA[kind])
    return content.getvalue()


def _draw(axes: Axes, mark: Mark, order: int) -> None:
    """Add what matplotlib draws for a mark; later marks lie above earlier ones."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle, Rectangle

    if isinstance(mark, Group):
        for part in mark.marks:
            _draw(axes, part, order)
    elif isinstance(mark, Line):
        across, down = zip(*mark.points, strict=True)
        dashes = (0, (4 / mark.width, 3 / mark.width)) if mark.dashed else "solid"
        look: dict[str, Any] = {"linestyle": dashes, "linewidth": mark.width * POINT, "zorder": order}
        ends: dict[str, Any] = {"solid_capstyle": "butt", "dash_capstyle": "butt"}
        axes.add_line(Line2D(across, down, color=_colour(mark.role), **look, **ends))
    elif isinstance(mark, Rect):
        if mark.opacity > 0:
            box = Rectangle((mark.x, mark.y), mark.width, mark.height, color=_colour(mark.role))
            box.set(alpha=mark.opacity, linewidth=0, zorder=order)
            axes.add_patch(box)
    elif isinstance(mark, Dot):
        colour = _colour(mark.role)
        dot = Circle(
            (mark.x, mark.y), mark.radius, facecolor="none" if mark.ring else colour, edgecolor=colour
        )
        dot.set(linewidth=1.5 * POINT if mark.ring else 0, zorder=order)
        axes.add_patch(dot)
    else:
        _write(axes, mark, order)


def _write(axes: Axes, mark: Words, order: int) -> None:
    side: dict[str, Any] = {"start": "left", "middle": "center", "end": "right"}
    axes.text(
        mark.x,
        mark.y,
        inert(mark.text),
        color=_colour(mark.role),
        fontsize=mark.size * POINT,
        fontweight="bold" if mark.bold else "normal",
        # Turned words hang on the same point as words that are not.
        horizontalalignment=side[mark.anchor],
        verticalalignment="baseline",
        rotation=90 if mark.turned else 0,
        rotation_mode="anchor",
        parse_math=False,
        zorder=order,
    )


def _colour(role: Any) -> str:
    return COLOURS[role].light
