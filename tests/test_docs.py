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


def commands(line: str) -> list[list[str]]:
    """Return the words after `suite`, or after `python -m suite`, of each such command in a line of a shell."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in words:
        if set(word) <= set("&;|<>"):
            parts.append([])
        else:
            parts[-1].append(word)
    at = [(part, part[1:3] == ["-m", "suite"]) for part in parts if part]
    return [part[3 if is_module else 1 :] for part, is_module in at if is_module or part[0] == "suite"]


def inline(page: Path) -> list[list[str]]:
    """Return the commands in the text of a page, without those that have a placeholder."""
    tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    code = [one.content for token in tokens for one in token.children or () if one.type == "code_inline"]
    whole = (text for text in code if re.match(r"suite [a-z]+ \S", text) and not PLACEHOLDER.search(text))
    return [words for text in whole for words in commands(text)]


def parse(words: list[str]) -> None:
    """Let click read a command line; UsageError of its if there is no such command or option."""
    context = group.suite.make_context("suite", [*words])
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
            pytest.fail(f"{page.name}: suite {shlex.join(command)}: {error}")


def test_every_python_block_is_python() -> None:
    for block in OURS:
        if block.language == "python":
            ast.parse(block.text, f"{block.page.name}:{block.line}")


def test_every_link_of_a_page_leads_to_a_file_that_is_there() -> None:
    """As on GitHub; within the site, Sphinx looks too."""
    for page in [*PAGES, ROOT / "CHANGELOG.md", *(ROOT / "docs" / "decisions").glob("*.md")]:
        tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
        inner = [one for token in tokens for one in token.children or ()]
        links = [str(one.attrs.get("href", one.attrs.get("src", ""))) for one in inner]
        local = [link.split("#")[0] for link in links if link and not re.match(r"[a-z]+:|#", link)]
        assert [link for link in local if not (page.parent / link).exists()] == [], page.name


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
