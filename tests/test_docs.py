"""What README and docs/ tell people to type.

A block that needs what is not here is marked in its page: `<!-- not run: why -->`. A line that is to end with another
exit code than 0 says so in its comment: `# exit code 2`.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt

from suite.commands import group

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TUTORIAL = ROOT / "docs" / "tutorial.md"
MARK = re.compile(r"<!-- not run: (.+?) -->")
SUITE = re.compile(r"(?:\S*python -m )?suite\s")
PLACEHOLDER = re.compile(r"[\[\]…|]|\.\.\.|\b[A-Z]{3,}\b")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and why it is not run."""

    page: Path
    line: int
    language: str
    text: str
    excuse: str | None

    @property
    def lines(self) -> list[str]:
        """The lines of a shell, continued ones as one."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]

    @property
    def is_ours(self) -> bool:
        """Whether it shows suite, not pip or git."""
        return self.language == "python" or any(commands(line) for line in self.lines)


def blocks(page: Path) -> list[Block]:
    """Return the shell and Python blocks of a page."""
    found, excuse = [], None
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block":
            mark = MARK.fullmatch(token.content.strip())
            excuse = mark[1] if mark else None
        elif token.type == "fence" and token.info in ("sh", "python") and token.map:
            found.append(Block(page, token.map[0] + 1, token.info, token.content, excuse))
            excuse = None
        elif token.level == 0:
            excuse = None
    return found


def commands(line: str) -> list[str]:
    """Return what a line of a shell says after `suite`, once for each such command in it."""
    plain = " ".join(
        shlex.quote(word) if word not in "&&;>|" else word for word in shlex.split(line, comments=True)
    )
    parts = (part.split(" > ")[0].strip() for part in re.split(r"&&|;|\|", plain))
    return [part[match.end() :] for part in parts if (match := SUITE.match(f"{part} "))]


def inline(page: Path) -> list[str]:
    """Return the commands in the text of a page, without those that have a placeholder."""
    tokens = [
        child
        for token in MarkdownIt("gfm-like").disable("linkify").parse(page.read_text())
        for child in token.children or ()
    ]
    codes = (token.content.strip() for token in tokens if token.type == "code_inline")
    return [
        code.removeprefix("suite ")
        for code in codes
        if re.match(r"suite [a-z]+ \S", code) and not PLACEHOLDER.search(code)
    ]


def parse(command: str) -> None:
    """Let click read a command line; UsageError of its if there is no such command or option."""
    context = group.suite.make_context("suite", shlex.split(command))
    name, found, rest = group.suite.resolve_command(context, [*context._protected_args, *context.args])
    assert name is not None
    assert found is not None
    found.make_context(name, rest, parent=context)


ALL = [block for page in PAGES for block in blocks(page)]
OURS = [block for block in ALL if block.is_ours]
TO_RUN = {page: [block for block in OURS if block.page == page and not block.excuse] for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_has_the_options_that_it_shows(page: Path) -> None:
    shown = [
        command
        for block in OURS
        if block.page == page and block.language == "sh"
        for line in block.lines
        for command in commands(line)
    ]
    for command in [*shown, *inline(page)]:
        try:
            parse(command)
        except (click.exceptions.Exit, click.exceptions.NoArgsIsHelpError):
            pass  # --help and --version
        except Exception as error:
            pytest.fail(f"{page.name}: suite {command}: {error}")


def test_every_python_block_is_python() -> None:
    for block in OURS:
        if block.language == "python":
            ast.parse(block.text, f"{block.page.name}:{block.line}")


def test_the_pages_have_blocks_that_are_run_and_marks_stand_before_blocks() -> None:
    assert len(TO_RUN[TUTORIAL]) > 5
    for page in PAGES:
        marks = len(MARK.findall(page.read_text(encoding="utf-8")))
        assert marks == sum(block.excuse is not None for block in ALL if block.page == page), page.name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a command `suite`, and the tables that the tutorial makes."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name, command in (("suite", f"{sys.executable} -m suite"), ("python", sys.executable)):
        (bin_ / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (bin_ / name).chmod(0o755)
    made = tmp_path / "work"
    made.mkdir()
    tables = next(block for block in blocks(TUTORIAL) if block.language == "python")
    subprocess.run([sys.executable, "-c", tables.text], cwd=made, check=True, timeout=60)
    return made


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page in PAGES if TO_RUN[page]], ids=lambda page: page.name)
def test_every_block_of_a_page_runs_in_order(page: Path, folder: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
    }
    for block in TO_RUN[page]:
        if block.language == "python":
            (folder / "block.py").write_text(block.text, encoding="utf-8")
        for line in ["python block.py"] if block.language == "python" else block.lines:
            code = re.search(r"#.*exit code (\d+)", line)
            ran = subprocess.run(
                ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True
            )
            where = f"{page.name}, line {block.line}: {line}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
            assert ran.returncode == (int(code[1]) if code else 0), where
