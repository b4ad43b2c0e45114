"""The console that everything of rich is printed on: of what it writes, only its own styles and movements steer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from suite.harmless import harmless

USUAL_WIDTH = 80


class Screen(Console):
    """A console that makes the text of every segment harmless before it is styled, and takes none for markup."""

    def __init__(self, file: IO[str], **told: Any) -> None:
        super().__init__(file=file, highlight=False, markup=False, emoji=False, **told)
        if self.width < 1:
            # COLUMNS=0 says that nobody knows; rich would print nothing.
            self.width = USUAL_WIDTH

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what a renderable comes to."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(harmless(segment.text, keep="\n\t"), segment.style)
