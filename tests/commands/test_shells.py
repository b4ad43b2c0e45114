"""Completion as a user has it: keys are typed into real shells, and it counts with which words `suite` is called."""

from __future__ import annotations

import json
import os
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import pytest

from suite.commands import candidates, group, shells

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(suite completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit; compinit -D -u; eval "$(suite completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "suite completion fish | source"),
}
HOSTILE = "$(touch pwned)"
COLUMNS = ["id", "zip code", "bought", HOSTILE, "`touch pwned`", "it's", 'an "a"', "a:b", "über*", "r&d; x", "\\t"]
TYPED = {
    "run hist": ["run", "hist_gb"],
    "run --all --dat": ["run", "--all", "--data"],
    "run dummy --data ir": ["run", "dummy", "--data", "iris"],
    "run dummy --data=ir": ["run", "dummy", "--data=iris"],
    "run dummy --data sal": ["run", "dummy", "--data", "sales.csv"],
    "run dummy --data my": ["run", "dummy", "--data", "my data/"],
    "run dummy --data sales.csv --target bou": ["run", "dummy", "--data", "sales.csv", "--target", "bought"],
    "run dummy --data sales.csv --target zi": ["run", "dummy", "--data", "sales.csv", "--target", "zip code"],
    'run --data sales.csv --target "zi': ["run", "--data", "sales.csv", "--target", "zip code"],
    "run --data sales.csv --target \\$": ["run", "--data", "sales.csv", "--target", HOSTILE],
    "run --data sales.csv --drop \\`": ["run", "--data", "sales.csv", "--drop", "`touch pwned`"],
    "run --data sales.csv --drop it": ["run", "--data", "sales.csv", "--drop", "it's"],
    "run --data sales.csv --drop an": ["run", "--data", "sales.csv", "--drop", 'an "a"'],
    "run --data sales.csv --drop r": ["run", "--data", "sales.csv", "--drop", "r&d; x"],
    "run --data sales.csv --drop a:": ["run", "--data", "sales.csv", "--drop", "a:b"],
    "run --data sales.csv --drop üb": ["run", "--data", "sales.csv", "--drop", "über*"],
    "run --data sales.csv --read zip\\ code=cat": ["run", "--data", "sales.csv", "--read", "zip code=category"],
    "run --data sales.csv --protocol gro": ["run", "--data", "sales.csv", "--protocol", "grouped:"],
    "run --data sales.csv --protocol grouped:zi": [
        *("run", "--data", "sales.csv", "--protocol", "grouped:zip code")
    ],
    "run --metric log": ["run", "--metric", "log_loss"],
    "run --timing ex": ["run", "--timing", "exclusive"],
    "show conf": ["show", "confusion"],
    "export mine": ["export", "mine.py:make"],
    "compare my": ["compare", "my data/"],
    "compare a b --fail-on log": ["compare", "a", "b", "--fail-on", "log_loss:"],
    "audit sales.csv --ignore targ": ["audit", "sales.csv", "--ignore", "target-copy"],
    "run mine": ["run", "mine.py"],
    "run xgboost:max": ["run", "xgboost:max_depth="],
    "ver": ["verify"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a table, a model, records, and a `suite` that notes its words where it is not asked."""
    monkeypatch.chdir(tmp_path)
    header = ",".join('"' + name.replace('"', '""') + '"' for name in COLUMNS)
    rows = "\n".join(",".join(f"{i}{j}" for j in range(len(COLUMNS))) for i in range(3))
    Path("sales.csv").write_text(f"{header}\n{rows}\n", encoding="utf-8")
    Path("mine.py").write_text("def make(): ...\n")
    Path("my data").mkdir()
    at = Path("results/records/iris-1/holdout/holdout-42/mine")
    at.mkdir(parents=True)
    ident = {"dataset": "iris", "protocol": "holdout", "model": "mine.py:make"}
    (at / "seed-0-a.json").write_text(json.dumps({"id": ident, "target": "species"}))
    (at / "seed-0-a.curve.json").write_text("[]")
    Path("bin").mkdir()
    note = "import json, sys; open('called', 'a').write(json.dumps(sys.argv[1:]) + chr(10))"
    python = shlex.quote(sys.executable)
    asked = '[ -n "$_SUITE_COMPLETE" ] || [ "$1" = completion ]'
    Path("bin/suite").write_text(
        f'#!/bin/sh\nif {asked}; then exec {python} -m suite "$@"; fi\nexec {python} -c {shlex.quote(note)} "$@"\n'
    )
    Path("bin/suite").chmod(0o755)
    return tmp_path


@contextmanager
def shell(name: str, folder: Path) -> Iterator[int]:
    """Start a shell at a terminal, and give what its keyboard is."""
    words, setup = SHELLS[name]
    ours, its = pty.openpty()
    environment = {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(Path(group.__file__).parents[2]), *filter(None, sys.path[1:])]),
        **{"HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8", "XDG_DATA_HOME": str(folder)},
    }
    started = subprocess.Popen(
        words, stdin=its, stdout=its, stderr=its, cwd=folder, env=environment, start_new_session=True
    )
    os.close(its)
    threading.Thread(target=_drain, args=(ours,), daemon=True).start()
    try:
        os.write(ours, f"{setup}\n".encode())
        yield ours
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()
        os.close(ours)


def _drain(terminal: int) -> None:
    with suppress(OSError):
        while os.read(terminal, 4096):
            pass


def _called(folder: Path, n: int) -> list[list[str]]:
    """Return with which words `suite` was called, once that was so often."""
    until = time.monotonic() + 60
    lines: list[str] = []
    while len(lines) < n and time.monotonic() < until:
        time.sleep(0.02)
        with suppress(FileNotFoundError):
            lines = (folder / "called").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("slow", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "all"])
def test_what_a_shell_completes_is_what_suite_is_called_with(name: str, slow: bool, folder: Path) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    few = ["run hist", "run --data sales.csv --target \\$", "run --data sales.csv --protocol grouped:zi"]
    typed = list(TYPED) if slow else few
    with shell(name, folder) as keyboard:
        for n, line in enumerate(typed, 1):
            os.write(keyboard, f"suite {line}\t\n".encode())
            called = _called(folder, n)
            assert called[n - 1 :] == [TYPED[line]], line
    assert not (folder / "pwned").exists()
