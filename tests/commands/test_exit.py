"""How commands end: by what nobody expects, by a limit of the shell, in a folder that is gone, with a full disk."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import suite as package
from suite.commands import exit, group

TOLD = "suite: something went wrong that suite did not expect: "
END = r"; details: (\S+/suite-\w+\.log)\n"
LIGHT = (["list"], ["completion", "bash"], ["--help"], ["--version"], ["run", "--help"], [])
HEAVY = (
    *(["doctor"], ["fetch", "x"], ["inspect", "iris"], ["audit", "iris"], ["report"], ["verify"]),
    *(["show", "board"], ["run", "dummy", "--data", "iris", "--executor", "inline"]),
    ["run", "dummy", "--data", "iris", "--executor", "inline", "--dry-run"],
)
SEVERAL = pytest.mark.parametrize(
    "args",
    [*LIGHT, *(pytest.param(args, marks=pytest.mark.slow) for args in HEAVY)],
    ids=lambda args: " ".join(args) or "nothing",
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that details are kept in."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def raising(error: BaseException) -> Callable[..., int]:
    def run(*_: object) -> int:
        raise error

    return run


def in_shell(
    tmp_path: Path, args: list[str], before: str = "", after: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does, in a folder of its own."""
    words = shlex.join([sys.executable, "-m", "suite", *args])
    return subprocess.run(
        ["bash", "-c", f"{before} {words} {after}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(package.__file__).parents[1]),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            **environment,
        },
    )


def is_told(ended: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether a command that could not do what was asked said so in one line."""
    return ended.returncode in (2, 70) and re.fullmatch("suite: .+\n", ended.stderr) is not None


# -- what nobody expects


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TypeError("x is\nno y \x1b[31m"), r"TypeError: x is no y \x1b[31m"),
        (
            RecursionError("maximum recursion depth exceeded"),
            "RecursionError: maximum recursion depth exceeded",
        ),
        (ImportError("cannot import name 'x'"), "ImportError: cannot import name 'x'"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "UnicodeDecodeError: 'utf-8' codec"),
        (KeyError("\udcff"), r"KeyError: '\udcff'"),
        (AssertionError(), "AssertionError"),
        (PermissionError(13, "Permission denied", "x"), "PermissionError: [Errno 13] Permission denied: 'x'"),
        (EOFError(), "RuntimeError: a file ends too early"),
        (GeneratorExit(), "GeneratorExit"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_what_nobody_expects_is_one_line_and_a_file_with_the_details(
    error: BaseException,
    said: str,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("suite.commands.list._rows", raising(error))
    assert exit.main(["list"]) == 70
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(TOLD + said)
    found = re.search(END, shown.err)
    assert found
    assert shown.err.count("\n") == 1
    details = Path(found[1])
    assert details.parent == kept
    assert details.stat().st_mode & 0o777 == 0o600
    text = details.read_text()
    assert "Traceback" in text
    assert type(error).__name__ in text
    assert f"suite {package.__version__}" in text


def test_details_that_cannot_be_kept_are_said_to_be_lost(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(kept / "gone"))
    monkeypatch.setattr(group, "run", raising(ValueError("x")))
    assert exit.main(["list"]) == 70
    said = capsys.readouterr().err
    assert said.startswith(f"{TOLD}ValueError: x (")
    assert re.search(r"test_exit\.py, line \d+\); the details could not be kept: FileNotFoundError", said)
    assert said.count("\n") == 1


def test_an_exception_that_cannot_tell_its_message_is_one_line(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise ValueError

    monkeypatch.setattr(group, "run", raising(Broken()))
    assert exit.main(["list"]) == 70
    assert capsys.readouterr().err.startswith(f"{TOLD}Broken: cannot tell its message; details: ")


def test_an_interruption_stays_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("suite.commands.list._rows", raising(KeyboardInterrupt()))
    assert exit.main(["list"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "suite: interrupted; what was finished is kept"


def test_what_goes_wrong_in_a_thread_is_one_line_too(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: object) -> int:
        thread = threading.Thread(target=raising(ValueError("in a thread")))
        thread.start()
        thread.join()
        return 0

    monkeypatch.setattr(group, "run", run)
    hook = threading.excepthook
    assert exit.main(["list"]) == 0
    assert threading.excepthook is hook
    assert re.fullmatch(f"{TOLD}ValueError: in a thread{END}", capsys.readouterr().err)


@pytest.mark.parametrize("module", ["click", "suite.commands.group", "rich.console"])
@pytest.mark.parametrize("text", ["raise ImportError('broken')", "raise RuntimeError", "not Python", "1/0"])
def test_an_installation_that_is_broken_is_one_line(module: str, text: str, tmp_path: Path) -> None:
    code = (
        "import sys, importlib.abc, importlib.util\n"
        "class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        return importlib.util.spec_from_loader(name, self) if name == {module!r} else None\n"
        f"    def exec_module(self, module): exec(compile({text!r}, 'broken.py', 'exec'))\n"
        "sys.meta_path.insert(0, Broken())\n"
        "from suite.commands import main\n"
        "sys.exit(main(['list']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path)},
    )
    assert ended.returncode == 70
    assert re.fullmatch(f"{re.escape(TOLD)}.+{END}", ended.stderr)


def test_what_goes_wrong_as_the_process_ends_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom suite.commands import main\nsys.argv = ['suite', '--version']\n"
        "class Bad:\n    def __del__(self): raise ValueError('late')\n"
        "code = main()\nbad = Bad()\ndel bad\nsys.exit(code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path)},
    )
    assert (ended.returncode, ended.stdout[:6]) == (0, "suite,")
    assert re.fullmatch(f"{TOLD}ValueError: late{END}", ended.stderr)


# -- a folder that is gone, and what is no folder


GONE = "mkdir gone; cd gone; rmdir ../gone;"


@pytest.mark.parametrize("args", [["list"], ["--help"], ["doctor"], ["inspect", "iris"]], ids=" ".join)
def test_a_command_that_needs_no_folder_does_well_in_one_that_is_gone(
    args: list[str], tmp_path: Path
) -> None:
    ended = in_shell(tmp_path, args, GONE)
    if args == ["doctor"]:
        assert ended.stderr == "suite: the current folder is gone: change to one that is there\n"
    else:
        assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("command", ["audit iris", "report", "verify", "show board", "run dummy --data iris"])
def test_a_current_folder_that_is_gone_is_named_as_the_cause(command: str, tmp_path: Path) -> None:
    ended = in_shell(tmp_path, command.split(), GONE)
    assert is_told(ended)
    assert "not 'results': the current folder is gone" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["audit iris", "report", "verify", "show board", "run dummy --data iris"])
def test_with_an_output_folder_elsewhere_a_folder_that_is_gone_leaves_no_traceback(
    command: str, tmp_path: Path
) -> None:
    ended = in_shell(tmp_path, [*command.split(), "--out", str(tmp_path / "out")], GONE)
    assert is_told(ended) or (ended.returncode == 0 and "Traceback" not in ended.stderr)


@pytest.mark.parametrize("command", ["audit iris", "report", "verify", "show board", "run dummy --data iris"])
def test_what_is_no_folder_is_refused_in_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("loop").symlink_to("loop")
    cases = {
        "a" * 300: "'aaa.*…: file name too long",
        "file": "'file': it is a file",
        "file/below\x1b[31m\n": r"'file/below\\x1b\[31m\\n': not a directory",
        "loop": "'loop': too many levels of symbolic links",
        "/dev/null": "'/dev/null': it is a file",
        "": "''",
    }
    for out, why in cases.items():
        assert exit.main([*command.split(), "--out", out]) == 2
        said = capsys.readouterr().err
        assert re.fullmatch(f"suite: --out takes a folder \\('.' is the current one\\), not {why}\n", said), (
            said
        )


# -- limits of the shell


RUN = ["run", "dummy", "--data", "iris", "--protocol", "holdout"]


def test_too_few_open_files_are_named_as_the_cause(tmp_path: Path) -> None:
    ended = in_shell(tmp_path, RUN, "ulimit -n 8;", TMPDIR=str(tmp_path))
    assert re.fullmatch(rf"suite: too many open files: the limit is 8 \(ulimit -n\){END}", ended.stderr)
    assert ended.returncode == 70


@pytest.mark.parametrize("megabytes", [100, 300, 450])
@pytest.mark.parametrize("args", [RUN, ["inspect", "iris"], ["verify"]], ids=lambda args: args[0])
def test_where_the_libraries_have_no_room_a_command_does_not_begin(
    args: list[str], megabytes: int, tmp_path: Path
) -> None:
    ended = in_shell(tmp_path, args, f"ulimit -v {megabytes * 1000};")
    limit = f"the limit is {megabytes * 1.024:.0f} MB \\(ulimit -v\\)"
    assert re.fullmatch(f"suite: not enough memory: {limit}, and .+ MB\n", ended.stderr)
    assert ended.returncode == 2
    assert in_shell(tmp_path, ["list"], f"ulimit -v {megabytes * 1000};").returncode == 0


@pytest.mark.slow
def test_little_memory_is_named_as_the_cause_or_enough(tmp_path: Path) -> None:
    for megabytes in (500, 1000):
        ended = in_shell(
            tmp_path, ["inspect", "iris"], f"ulimit -v {megabytes * 1000};", TMPDIR=str(tmp_path)
        )
        assert ended.returncode == 0 or (is_told(ended) and "not enough memory" in ended.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("blocks", [0, 1, 4])
def test_a_limit_on_the_size_of_files_is_one_line(blocks: int, tmp_path: Path) -> None:
    # Standard error is a pipe here, which the limit does not concern.
    ended = in_shell(tmp_path, [*RUN, "--executor", "inline"], f"ulimit -f {blocks};")
    assert "Traceback" not in ended.stderr
    assert (is_told(ended) and "File too large" in ended.stderr) or ended.returncode in (0, 1)


# -- where there is little to write to, and odd surroundings


@SEVERAL
@pytest.mark.parametrize(
    "how",
    [
        "> /dev/full",
        "2> /dev/full",
        ">&-",
        "2>&-",
        "<&-",
        "<&- >&- 2>&-",
        "| true",
        "2>&1 | head -c 1 > /dev/null",
    ],
)
def test_streams_that_are_full_closed_or_unread_leave_no_traceback(
    args: list[str], how: str, tmp_path: Path
) -> None:
    ended = in_shell(tmp_path, args, "set -o pipefail;", how)
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert ended.returncode in (0, 1, 2)
    if how == "> /dev/full" and ended.returncode == 2:
        assert ended.stderr.startswith("Usage") or ended.stderr.splitlines()[-1].startswith("suite: ")


ODD = pytest.mark.parametrize(
    "environment",
    [
        {"TMPDIR": "/nonexistent"},
        {"HOME": "/nonexistent", "XDG_CACHE_HOME": ""},
        {"HOME": "/proc", "XDG_CACHE_HOME": "/proc/x"},
        {"LANG": "C", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"COLUMNS": "1"},
        {"COLUMNS": "0"},
        {"COLUMNS": "abc", "LINES": "-3"},
        {"TERM": "dumb"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=str,
)


@ODD
def test_a_command_does_well_in_odd_surroundings(environment: dict[str, str], tmp_path: Path) -> None:
    ended = in_shell(tmp_path, ["list"], **environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


@pytest.mark.slow
@ODD
def test_a_run_does_well_in_odd_surroundings(environment: dict[str, str], tmp_path: Path) -> None:
    ended = in_shell(tmp_path, RUN, **environment)
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (
        0,
        "Boards and records: results; page: results/iris/holdout/report.html",
    )
    assert "Traceback" not in ended.stderr
