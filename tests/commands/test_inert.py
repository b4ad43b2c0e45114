"""Whatever a name holds, no command steers a terminal by it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

import suite as package
from suite import commands
from suite.commands import exit, group

Run = Callable[..., int]
STEERS = "\x1b[41;5m\x1b]8;;evil:x\x07\x9b2J\x85\u202e\u2066\b\x7f\r\n\tend"
"""Of all kinds: a style that is not ours, a link, a bell, C1, a turned direction, white space and line ends."""
OURS = re.compile(r"\x1b\[(?:\d+(?:;\d+)*m|\?25[lh]|\d*[AK])")
"""What rich writes on a terminal: styles, the cursor hidden and shown, lines gone up and cleared."""
REFUSED = 16
"""Where in `said` the lines begin that are refused."""
VERIFIED = re.compile(r"(?:edited|unreadable|cannot be checked|\d+ records? agree)|Usage|  |$|Options")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A table whose file, columns, target and classes have hostile names, in a folder with such a model."""
    monkeypatch.chdir(tmp_path)
    path = Path(f"table{STEERS}.csv")
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([f"a{STEERS}", f"b{STEERS}", f"t{STEERS}"])
        lines.writerows((i % 7, f"v{i % 3}{STEERS}", f"class {i % 2}{STEERS}") for i in range(60))
    Path(f"model{STEERS}.py").write_text(
        "from sklearn.dummy import DummyClassifier\n"
        "def make(): return DummyClassifier()\n"
        f"def wrong(): raise ValueError({STEERS!r})\n"
        f"class Bad(DummyClassifier):\n    def fit(self, X, y): raise ValueError({STEERS!r})\n"
        "def bad(): return Bad()\n"
    )
    return str(path)


def is_inert(text: str) -> bool:
    """Tell whether a text has no control character but line ends and tabs."""
    kinds = {unicodedata.category(c) for c in text if c not in "\n\t"}
    return not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def said(table: str) -> list[list[str]]:
    """Return command lines that say all that there is to say of hostile names, and refuse them in every way."""
    out, target = f"out{STEERS}", f"t{STEERS}"
    data = [
        "--data",
        table,
        "--target",
        target,
        "--out",
        out,
        "--executor",
        "inline",
        "--protocol",
        "holdout",
    ]
    make, bad, wrong = (f"model{STEERS}.py:{name}" for name in ("make", "bad", "wrong"))
    return [
        ["inspect", table, "--target", target],
        ["inspect", table, "--target", target, "--json"],
        ["run", "dummy", make, bad, *data, "--dry-run"],
        ["run", "dummy", make, bad, *data],
        ["run", "dummy", *data, "--json"],
        ["run", "dummy", *data, "--strict"],
        ["audit", table, "--target", target, "--out", out],
        ["audit", table, "--target", target, "--out", out, "--json"],
        ["report", "--out", out],
        ["verify", "--out", out],
        *(
            ["show", what, "--out", out]
            for what in ("board", "check", "confusion", "classes", "failures", "notes")
        ),
        # What is refused, from here on.
        ["run", wrong, *data],
        ["run", f"nothing{STEERS}", *data],
        ["run", f"dummy:x{STEERS}=1", *data],
        ["run", f"logistic:C=1{STEERS}", *data],
        ["run", "dummy", *data, f"--no{STEERS}"],
        ["run", "dummy", *data, f"--drop=no{STEERS}"],
        ["run", "dummy", *data, "--drop", f"a{STEERS}", "--read", f"a{STEERS}=x{STEERS}"],
        ["run", "dummy", *data, "--protocol", f"grouped:no{STEERS}"],
        ["run", "dummy", "--data", table, "--target", f"no{STEERS}"],
        ["run", "dummy", "--data", f"no{STEERS}.csv"],
        ["run", "dummy", "--data", f"iris:x{STEERS}=1"],
        ["show", "board", "--data", f"no{STEERS}", "--out", out],
        ["show", f"no{STEERS}"],
        ["show", "confusion", "--model", f"no{STEERS}", "--out", out],
        ["export", f"no{STEERS}", "--results", out],
        ["export", "dummy", "--results", out, "--table", f"no{STEERS}"],
        ["export", "dummy", "--results", f"no{STEERS}"],
        ["predict", f"no{STEERS}", table],
        ["list", f"no{STEERS}"],
        ["fetch", f"no{STEERS}"],
        ["completion", f"no{STEERS}"],
        ["doctor", f"no{STEERS}"],
        [f"no{STEERS}"],
        *([name, "--out", f"{table}/x"] for name in ("report", "verify")),
        *([name, "--out", f"no{STEERS}"] for name in ("report", "verify")),
        ["verify", "--help"],
    ]


def spoil(folder: Path) -> None:
    """Put a record that is none, and one of a model with a hostile name, beside those of a run."""
    record = next(folder.glob("records/*/*/*/dummy/seed-0-[0-9a-f]*.json"))
    record.with_name(f"none{STEERS}.json").write_text("{")
    told = json.loads(record.read_text())
    told["id"]["model"] = f"other{STEERS}"
    record.with_name("seed-0-other.json").write_text(json.dumps(told))


def test_no_command_lets_a_name_steer_a_terminal(
    table: str, suite: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, ended = said(table), set()
    for args in lines:
        if args[0] == "report":
            spoil(Path(f"out{STEERS}"))
        with contextlib.suppress(SystemExit):
            ended.add((args[0], exit.main(args)))
        shown = capsys.readouterr()
        assert is_inert(shown.out + shown.err), args
        assert shown.out + shown.err
        if "--json" in args:
            assert all(map(json.loads, shown.out.splitlines()))
        if args[0] == "verify":
            assert all(map(VERIFIED.match, shown.out.splitlines()))
        if lines.index(args) >= REFUSED:
            assert all(line.startswith(("suite: ", "left out out")) for line in shown.err.splitlines())
    # All of them came as far as they should.
    assert {args[0] for args in lines if args[0] in group.SUMMARIES} == set(group.SUMMARIES)
    assert {("inspect", 0), ("run", 1), ("run", 0), ("audit", 0), ("report", 0), ("show", 0)} <= ended
    assert ("verify", 1) in ended
    assert 70 not in {code for _, code in ended}


SLOW = [pytest.param(what, marks=pytest.mark.slow) for what in ("run", "verify", "audit", "inspect")]


@pytest.mark.parametrize("what", ["report", "wrong", *SLOW])
def test_on_a_terminal_only_our_own_styles_and_movements_arrive(
    what: str, table: str, tmp_path: Path
) -> None:
    lines = said(table)
    args = {
        "run": lines[3],
        "report": lines[8],
        "verify": lines[9],
        "audit": lines[6],
        "inspect": lines[0],
        "wrong": lines[-6],
    }[what]
    if what in ("report", "verify"):
        assert exit.main(lines[3]) == 1
        spoil(Path(f"out{STEERS}"))
    shown = on_a_terminal(args, tmp_path)
    assert shown
    assert is_inert(OURS.sub("", shown).replace("\r\n", "\n").replace("\r", "")), shown
    assert "\x1b[41" not in shown
    if what == "run":
        assert {"\x1b[2K", "\x1b[?25l"} <= set(OURS.findall(shown))


def on_a_terminal(args: list[str], folder: Path) -> str:
    """Return what a command writes to a terminal."""
    outer, inner = pty.openpty()
    environment = {
        "PYTHONPATH": str(Path(package.__file__).parents[1]),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "TERM": "xterm-256color",
        "COLUMNS": "100",
    }
    words = [sys.executable, "-m", "suite", *args]
    child = subprocess.Popen(words, stdin=inner, stdout=inner, stderr=inner, cwd=folder, env=environment)
    os.close(inner)
    written = b""
    # Linux has an error for the end of a terminal.
    with contextlib.suppress(OSError):
        while part := os.read(outer, 10_000):
            written += part
    os.close(outer)
    child.wait()
    return written.decode()


def test_commands_write_by_one_module_only() -> None:
    writers = re.compile(
        r"(?<![.\w])print\(|click\.(?:echo|secho)|sys\.(?:stdout|stderr)\.write|stream\.write"
    )
    found = {
        path.name for path in Path(commands.__file__).parent.glob("*.py") if writers.search(path.read_text())
    }
    assert found == {"console.py", "streams.py"}
