"""Standard output and standard error while a command runs."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import TextIO, cast

import click
import pytest

import suite
from suite.commands import streams

HOSTILE = "a\x1b[41;5mb\x9b2J\u202e\x07\udcff"
SHOWN = r"a\x1b[41;5mb\x9b2J\u202e\x07\udcff"


def test_whoever_writes_to_standard_output_or_standard_error_steers_no_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with streams.inert():
        sys.stdout.write(f"{HOSTILE}\n")
        sys.stdout.writelines([HOSTILE, "\n"])
        click.echo(HOSTILE.encode("utf-8", "surrogateescape"))
        sys.stderr.write(f"{HOSTILE}\n")
        click.echo(HOSTILE, err=True)
    shown = capfd.readouterr()
    # click leaves out the colours that it knows where there is no terminal.
    assert shown.out == f"{SHOWN}\n" * 3
    assert shown.err == f"{SHOWN}\n" + SHOWN.replace(r"\x1b[41;5m", "") + "\n"


def test_a_bar_that_goes_back_to_the_start_of_its_line_becomes_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with streams.inert():
        sys.stdout.write("10 %\r20 %\r\nend\n")
    assert capsys.readouterr().out == "10 %\n20 %\nend\n"


def test_what_click_writes_in_an_encoding_of_its_own_passes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", errors="strict"))
    with streams.inert():
        # click takes ASCII for a mistake and writes UTF-8 to the bytes below.
        click.echo(f"grün {HOSTILE}")
    assert written.getvalue().decode() == f"grun {SHOWN}\n".replace(r"\x1b[41;5m", "").replace(r"\udcff", "?")


def test_what_cannot_be_written_to_standard_error_is_dropped() -> None:
    with Path("/dev/full").open("w") as file:
        stream = streams.Lenient(file)
        stream.write("lost")
        stream.write("lost")


def test_a_stream_that_is_thrown_away_after_the_one_below_has_closed_is_silent() -> None:
    below = io.StringIO()
    stream = streams.Inert(cast(TextIO, streams.Strict(cast(TextIO, below))))
    below.close()
    stream.buffer.close()  # as Python does as it throws a stream away; since 3.13 it tells what that raises
    assert not stream.buffer.closed


def test_no_file_gets_the_number_of_a_stream_that_was_closed() -> None:
    code = (
        "import os\nfrom suite.commands import streams\n"
        "with streams.inert():\n    os._exit(os.open('/dev/null', os.O_RDONLY))"
    )
    words = [sys.executable, "-c", code]
    shell = ["bash", "-c", 'exec "$@" <&- >&- 2>&-', "bash", *words]
    environment = {"PYTHONPATH": str(Path(suite.__file__).parents[1])}
    assert subprocess.run(shell, env=environment, check=False).returncode > 2
