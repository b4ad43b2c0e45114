"""What all commands share: the list of them, help, lazy loading, standard output and standard error."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from suite.commands import group

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
    assert group.main([]) == 2
    assert "Commands:" in "".join(capsys.readouterr())


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
    assert child.stdout.split() == ["plain,logistic"]


def test_doctor_exits_with_1_where_there_is_a_problem(
    suite: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from suite import doctor

    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Check("disk", "0 GB", "less than 1 GB")])
    assert suite("doctor") == 1
    assert "less than 1 GB" in capsys.readouterr().out
    assert suite("doctor", "--json") == 1
    assert capsys.readouterr().out == '[{"label": "disk", "value": "0 GB", "problem": "less than 1 GB"}]\n'
