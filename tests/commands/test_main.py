"""What all commands share: the list of them, help, lazy loading, standard output and standard error."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from suite.commands import exit, group

Run = Callable[..., int]


def test_the_list_of_commands_says_what_their_help_says_first() -> None:
    with click.Context(group.suite) as context:
        for name, summary in group.SUMMARIES.items():
            command = group.suite.get_command(context, name)
            assert command is not None
            assert command.name == name
            assert (command.help or "").partition("\n")[0] == summary


def test_every_module_with_a_command_is_listed() -> None:
    folder = Path(group.__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "\ndef command(" in path.read_text()}
    assert found - {"group"} == set(group.SUMMARIES)


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["--version"], ["list", "--help"]])
def test_help_imports_no_other_command(args: list[str]) -> None:
    code = (
        "import sys\nfrom suite.commands import main\n"
        f"code = main({args!r})\n"
        "loaded = [name for name in sys.modules if name.startswith(('suite.commands.r', 'rich.', 'suite.api'))]\n"
        "sys.exit(str(loaded) if loaded or code else 0)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout


def test_no_command_at_all_shows_the_help(suite: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert exit.main([]) == 2
    assert capsys.readouterr().err == shown


RUN = ["run", "dummy", "--data", "iris", "--protocol", "holdout", "--executor", "inline"]
NO_ROOM = "suite: cannot write the output: No space left on device"


def child(tmp_path: Path, args: list[str], how: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does, with what follows it there."""
    words = [sys.executable, "-m", "suite", *args]
    return subprocess.run(
        f"{shlex.join(words)} {how}",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(group.__file__).parents[2]), "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )


@pytest.mark.parametrize(
    "args", [["list"], ["list", "--json"], ["--help"], ["completion", "zsh"], ["inspect", "iris"]]
)
def test_a_full_disk_behind_standard_output_is_one_line(args: list[str], tmp_path: Path) -> None:
    ended = child(tmp_path, args, "> /dev/full")
    assert (ended.returncode, ended.stderr) == (2, f"{NO_ROOM}\n")
    ended = child(tmp_path, args, "> /dev/full 2> /dev/full")
    assert (ended.returncode, ended.stderr) == (2, "")


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_run_that_cannot_print_its_board_says_where_it_is(more: list[str], tmp_path: Path) -> None:
    ended = child(tmp_path, [*RUN, *more], "> /dev/full")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[1:] == [
        "Boards and records: results; page: results/iris/holdout/report.html",
        NO_ROOM,
    ]
    assert (tmp_path / "results" / "iris" / "holdout" / "LEADERBOARD.md").is_file()


@pytest.mark.parametrize("how", ["2> /dev/full", "2>&-"])
def test_a_run_whose_standard_error_cannot_be_written_to_prints_its_board(how: str, tmp_path: Path) -> None:
    ended = child(tmp_path, RUN, how)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "is the only model with a score" in " ".join(ended.stdout.split())


def test_a_reader_that_has_gone_and_a_closed_output_end_a_command_quietly(tmp_path: Path) -> None:
    for how in ("| true", ">&-"):
        assert child(tmp_path, ["list", "--json"], how).stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_models(
    shell: str, suite: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite("completion", shell) == 0
    assert "_SUITE_COMPLETE" in capsys.readouterr().out
    environment = {"COMP_WORDS": "suite run log", "COMP_CWORD": "2", "_SUITE_COMPLETE": "bash_complete"}
    code = "import sys\nfrom suite.commands import main\nsys.argv[0] = 'suite'\nmain()"
    child = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PYTHONPATH": str(Path(group.__file__).parents[2])},
    )
    assert child.stdout.split() == ["plain,logistic", "plain,logistic_splines"]


def test_doctor_exits_with_1_where_there_is_a_problem(
    suite: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from suite import doctor

    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Check("disk", "0 GB", "less than 1 GB")])
    assert suite("doctor") == 1
    assert "less than 1 GB" in capsys.readouterr().out
    assert suite("doctor", "--json") == 1
    assert capsys.readouterr().out == '[{"label": "disk", "value": "0 GB", "problem": "less than 1 GB"}]\n'
