"""What each medium shows of a board: which columns, which sections, in which order."""

from __future__ import annotations

from typing import NamedTuple

from suite.report import blocks, wording
from suite.report.blocks import BRIEF, FILE, SCREEN


class Face(NamedTuple):
    """What one medium shows of a board."""

    kind: str
    """Which columns: those on `SCREEN`, `BRIEF` or `FILE`."""
    order: tuple[str, ...]
    """Sections, by their names in `SECTIONS`."""
    confusion: str = "best"
    """Whose matrices: `best`, `all`, or a model's name on the board."""
    whole: bool = False
    """Whether more notes are shown, and each in full."""
    rows: int | None = None
    """The most rows of the board that are shown."""
    note: int = wording.NOTE
    """Terminal cells to which a finding is cut."""


ANSWER = ("heading", "state", "scores", "check", "verdict")
"""What stands on the screen when a run has ended."""
_DETAILS = ("title", "remarks", "classes", "confusion", "time", "memory", "searches", "failures", "notes")
TERMINAL = Face(SCREEN, (*_DETAILS, *ANSWER))
NOTEBOOK = Face(SCREEN, ("title", "verdict", "state", "check", "scores", "failures", "notes"))
SUMMARY = Face(BRIEF, ("title", "scores", "verdict", "failures"))
_QUALITY = (
    "title",
    "verdict",
    "chart",
    "state",
    "check",
    "about",
    "scores",
    "remarks",
    "more",
    "intervals",
    "calibration",
    "classes",
    "confusion",
)
QUALITY = Face(FILE, _QUALITY, confusion="all")
"""The part of a page that depends on neither clock nor machine."""
DATED = QUALITY._replace(order=("dated", *_QUALITY[1:]))
"""The same with the date in its title."""
REST = Face(FILE, ("searches", "failures", "notes", "costs"), whole=True)
_PARTS = (
    "comparisons",
    "more",
    "intervals",
    "time",
    "memory",
    "classes",
    "confusion",
    "curves",
    "calibration",
    "searches",
)
PAGE = Face(
    blocks.PAGE,
    (
        "title",
        "about",
        "verdict",
        "state",
        "check",
        "scores",
        "remarks",
        *_PARTS,
        "audit",
        "failures",
        "notes",
        "made",
    ),
    confusion="all",
    whole=True,
)
FIGURES_OF = {
    "scores": ("ranking",),
    "comparisons": ("differences",),
    "time": ("fit-time", "latency"),
    "classes": ("classes",),
    "curves": ("curves",),
    "calibration": ("reliability",),
    "searches": ("searches",),
}
"""What a page draws above the tables of a section."""
