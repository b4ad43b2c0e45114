from __future__ import annotations

import io

from rich.live import Live
from rich.table import Table
from rich.text import Text

from suite.report.screen import Screen

HOSTILE = "a\x1b[41;5mb\x1b]0;t\x07\x9b2J\r\u202e[red]:smile:"
SHOWN = r"a\x1b[41;5mb\x1b]0;t\x07\x9b2J\r\u202e[red]:smile:"


def test_data_is_made_harmless_before_it_is_styled() -> None:
    file = io.StringIO()
    screen = Screen(file, width=100, force_terminal=True, color_system="truecolor")
    table = Table(box=None, show_header=False)
    table.add_row(Text(HOSTILE, style="bold"))
    # rich leaves a few of them out by itself.
    fewer = SHOWN.replace(r"\x07", "").replace(r"\r", "")
    for shown in (HOSTILE, Text(HOSTILE, style="bold red"), table):
        screen.print(shown)
    written = file.getvalue()
    assert written.count(fewer) == 2
    assert "\x1b[1m" in written
    for its in ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"):
        written = written.replace(its, "")
    assert written.replace("\n", "").isprintable()


def test_what_is_drawn_again_in_its_place_still_moves_the_cursor() -> None:
    file = io.StringIO()
    screen = Screen(file, width=100, force_terminal=True, color_system=None)
    with Live(Text(HOSTILE), console=screen, transient=True, auto_refresh=False) as live:
        live.update(Text("two\nlines"), refresh=True)
    assert {"\x1b[?25l", "\x1b[2K"} <= {file.getvalue()[i : i + n] for i in range(999) for n in (4, 6)}
    assert "\x1b[41;5m" not in file.getvalue()
