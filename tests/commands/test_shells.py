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
from tests.test_lightness import libraries

from suite.commands import candidates, group, shells

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(suite completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit; compinit -D -u; eval "$(suite completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "suite completion fish | source"),
}
HOSTILE = "$(touch pwned)"
COLUMNS = [
    "id",
    "zip code",
    "bought",
    HOSTILE,
    "`touch pwned`",
    "it's",
    'an "a"',
    "a:b",
    "über*",
    "r&d; x",
    "\\t",
]
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
    "run --data sales.csv --read zip\\ code=cat": [
        "run",
        "--data",
        "sales.csv",
        "--read",
        "zip code=category",
    ],
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
    # fish takes no terminal but one that is its own.
    begin = [sys.executable, "-c", "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"]
    started = subprocess.Popen(
        [*begin, *words], stdin=its, stdout=its, stderr=its, cwd=folder, env=environment
    )
    os.close(its)
    threading.Thread(target=_drain, args=(ours,), daemon=True).start()
    try:
        os.write(ours, f"{setup}\r".encode())
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
    few = ["run --data sales.csv --target \\$", "run --data sales.csv --protocol grouped:zi"]
    typed = list(TYPED) if slow else few
    with shell(name, folder) as keyboard:
        for n, line in enumerate(typed, 1):
            os.write(keyboard, f"suite {line}\t\r".encode())
            called = _called(folder, n)
            assert called[n - 1 :] == [TYPED[line]], line
    assert not (folder / "pwned").exists()


def _offered(line: str) -> list[str]:
    words, begun, _ = shells.split(line)
    asked = shells.Zsh(group.suite, {}, "suite", shells.VARIABLE)
    return [item.value for item in asked.get_completions(words[1:], begun)]


def test_a_run_is_offered_models_and_files_with_models(folder: Path) -> None:
    offered = _offered("suite run ")
    assert {"all", "logistic", "xgboost", "mine.py", "my data/", "bin/"} <= {*offered}
    assert not {"sales.csv", "results/x"} & {*offered}
    assert _offered("suite run mine.py:") == ["mine.py:make"]
    assert "xgboost:max_depth=3,learning_rate=" in _offered("suite run xgboost:max_depth=3,l")


def test_data_are_offered_by_their_names_and_as_files(folder: Path) -> None:
    assert {"iris", "digits", "sales.csv", "my data/"} <= {*_offered("suite run --data ")}
    assert "mine.py" not in _offered("suite run --data ")
    Path("my data/t.csv").write_text("a\n1\n")
    assert _offered("suite run --data my\\ data/") == ["my data/t.csv"]


def test_columns_are_those_of_the_files_on_the_line(folder: Path) -> None:
    Path("other.tsv").write_text("x\ty\n1\t2\n")
    one = "suite run --data sales.csv --target "
    assert _offered(one) == COLUMNS
    assert _offered("suite run --data sales.csv --data other.tsv --target ") == [*COLUMNS, "x", "y"]
    assert _offered("suite inspect other.tsv --drop ") == ["x", "y"]
    assert _offered("suite predict model other.tsv --id ") == ["x", "y"]
    assert _offered("suite run --data other.tsv --no-header --target ") == ["column_1", "column_2"]
    assert _offered("suite run --data iris --data absent.csv --target ") == []


def test_what_boards_hold_is_offered_to_what_reads_them(folder: Path) -> None:
    assert _offered("suite export ") == ["best", "mine.py:make"]
    assert _offered("suite show confusion --model ") == ["best", "all", "mine.py:make"]
    for field, value in (("data", "iris"), ("protocol", "holdout"), ("target", "species")):
        assert _offered(f"suite show board --{field} ") == [value]
        assert _offered(f"suite export --{field} ") == [value]
        assert _offered(f"suite compare old results --{field} ") == [value]
        assert _offered(f"suite show board --out bin --{field} ") == []


def test_a_damaged_record_is_no_board(folder: Path) -> None:
    for text in ("{", "[1]", '{"id": 3}', "\x00"):
        (path,) = folder.glob("results/records/*/*/*/*/seed-0-a.json")
        path.write_text(text)
        assert _offered("suite export ") == ["best"]


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("suite run --metric ", "log_loss"),
        ("suite run --tune-for ", "brier"),
        ("suite run --protocol ", "time:"),
        ("suite run --timing ", "exclusive"),
        ("suite run --executor ", "inline"),
        ("suite run knn --confusion ", "knn"),
        ("suite run --data sales.csv --read id=", "id=category"),
        ("suite run --data sales.csv --missing ", "id="),
        ("suite show ", "calibration"),
        ("suite list ", "metrics"),
        ("suite report --plots ", "pdf"),
        ("suite compare a b --fail-on ", "latency:"),
        ("suite compare ", "my data/"),
        ("suite audit sales.csv --ignore ", "identifier"),
        ("suite fetch ", "openml:"),
        ("suite completion ", "fish"),
    ],
)
def test_words_are_offered_where_they_are_known(line: str, some: str, folder: Path) -> None:
    assert some in _offered(line)


def _options() -> Iterator[tuple[str, click.Parameter]]:
    with click.Context(group.suite) as context:
        for name in group.SUMMARIES:
            command = group.suite.get_command(context, name)
            assert command is not None
            yield from ((name, param) for param in command.params)


def test_every_parameter_that_takes_words_is_completed() -> None:
    numbers = {"seeds", "portfolio", "within", "max_latency_ms", "time_limit_s", "memory_limit_gb", "workers"}
    own = {"threads", "positive"}
    bare = {
        param.name
        for _, param in _options()
        if not getattr(param, "is_flag", False)
        and param._custom_shell_complete is None
        and not isinstance(param.type, click.Choice)
    }
    assert bare == numbers | own


@pytest.mark.parametrize(
    "line", ["suite nothing ", "suite run --nothing ", 'suite run "', "", "suite run a:b:c"]
)
def test_a_line_that_means_nothing_is_offered_nothing(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_LINE", line)
    for kind in shells.SHELLS.values():
        assert "Traceback" not in kind(group.suite, {}, "suite", shells.VARIABLE).complete()


def test_what_goes_wrong_is_not_said_over_the_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMP_LINE", "suite run mine.py:")
    Path("mine.py").write_text("def broken(:\n")
    assert shells.Zsh(group.suite, {}, "suite", shells.VARIABLE).complete() == ""
    assert capsys.readouterr() == ("", "")


def test_names_that_no_line_can_hold_are_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("t.csv").write_text('"a\nb","\x1b[2J",c\n1,2,3\n')
    monkeypatch.setenv("COMP_LINE", "suite run --data t.csv --target ")
    assert shells.Fish(group.suite, {}, "suite", shells.VARIABLE).complete() == "c"


@pytest.mark.parametrize("typed", ["", "'", '"'])
@pytest.mark.parametrize("word", COLUMNS)
def test_bash_reads_the_word_that_was_offered(word: str, typed: str) -> None:
    line = f"printf '%s\\0' {typed}{shells.quoted(word, typed)}{typed}"
    read = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout
    assert read == word.encode() + b"\0"


def test_a_folder_with_many_records_is_looked_at_in_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_RECORDS", 0)
    assert _offered("suite export ") == ["best"]


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("suite run ", set()),
        ("suite run --data ", set()),
        ("suite run --data sales.csv --target ", set()),
        ("suite predict m sales.csv --id ", set()),
        ("suite run --data sales.csv --protocol grouped:", set()),
        ("suite show board --data ", set()),
        ("suite export ", set()),
        ("suite audit sales.csv --ignore ", set()),
        ("suite run --metric ", {"numpy"}),
        ("suite compare a b --fail-on ", {"numpy"}),
    ],
)
def test_completing_imports_no_library_but_what_it_needs(line: str, needed: set[str], folder: Path) -> None:
    code = (
        "import sys\nbefore = {*sys.modules}\nfrom suite.commands import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*{*sys.modules} - before, file=sys.stderr)"
    )
    environment = {**os.environ, "COMP_LINE": line, shells.VARIABLE: "zsh_complete"}
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert libraries(child.stderr.split()) - {"click"} <= needed
    assert child.stdout.strip()
