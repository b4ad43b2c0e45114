"""What a model can see of the run around it: no test label, and no hint of where the data lie that can be kept back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import suite
from suite.results import Results
from suite.supervision.processes import mask

SOURCE = str(Path(suite.__file__).parents[1])
Run = Callable[..., Results]
Start = Callable[..., "subprocess.Popen[str]"]
LOOKS = """
import json, os, sys
from pathlib import Path
from suite.models.dummy import PriorClassifier

def told(pid):
    found = []
    for name in ("cmdline", "environ"):
        try:
            found.append(Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace"))
        except OSError:
            pass  # of another namespace
    return found

class Looks(PriorClassifier):
    features = "raw"

    def fit(self, X, y):
        secret = [words for pid in os.listdir("/proc") if pid.isdigit() for words in told(pid) if "secret" in words]
        run = int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
        self.notes_ = [json.dumps(fact) for fact in (
            os.getcwd(),
            os.listdir("."),
            [words[-200:] for words in secret[:1]],
            any("looks.py" in words for words in told(str(run))),
            [os.environ["KERAS_BACKEND"], os.listdir(os.environ["KERAS_HOME"])],
        )]
        Path("left behind").write_text("x")
        return super().fit(X, y)
"""


def seen(results: Results) -> list[list[Any]]:
    """Return what each cell saw: its folder, what is in it, a command line with the secret, how Keras is set."""
    assert results.failed == [], [record.failure for record in results.failed]
    return [[json.loads(note) for note in record.notes] for record in results.records if record.is_custom]


def test_a_model_is_in_an_empty_folder_of_its_own(home: Path, run: Run) -> None:
    (home / "looks.py").write_text(LOOKS)
    found = seen(run("looks.py:Looks", protocol="cv3", threads=1))
    assert [files for _, files, *_ in found] == [[], [], []]
    assert len({folder for folder, *_ in found}) == 3
    assert not (home / "left behind").exists()
    assert list((home / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_no_process_says_on_its_command_line_where_the_data_lie(
    home: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    (home / "looks.py").write_text(LOOKS)
    rows = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(60))
    (home / "secret.csv").write_text("x,z,label\n" + rows)
    (home / "secret-folder").mkdir()
    process = command(
        *(
            "run",
            "looks.py:Looks",
            "--data",
            "secret.csv",
            "--target",
            "label",
            "--protocol",
            "holdout",
            "--json",
        ),
        env={**os.environ, "SUITE_DATA": str(home / "secret-folder"), "PYTHONPATH": SOURCE},
    )
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    records = [json.loads(line) for line in out.splitlines()]
    (notes,) = [record["notes"] for record in records if record["family"] == "custom"]
    assert json.loads(notes[2]) == []
    assert json.loads(notes[3]), "it could not read the run's command line"


def test_keras_is_as_suite_means_it_whatever_the_users_settings(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "nonsense")
    monkeypatch.setenv("KERAS_HOME", str(home))
    (home / "keras.json").write_text('{"floatx": "float16"}')
    (home / "looks.py").write_text(LOOKS)
    ((*_, keras),) = seen(run("looks.py:Looks"))
    assert keras == ["tensorflow", ["keras.json"]]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_masked_words_are_gone_for_others_only(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom suite.supervision.processes import mask\n"
        "mask(['/data/a.csv', 'b.csv'])\n"
        "print(Path('/proc/self/cmdline').read_text().split('\\0')[3:-1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, "--data", "/data/a.csv", "--data=b.csv", "bb.csv"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": SOURCE}, capture_output=True, text=True, check=True
    )
    given = ["--data", "/data/a.csv", "--data=b.csv", "bb.csv"]
    assert done.stdout.strip() == f"{['--data', '*' * 11, '--data=*****', 'bb.csv']} {given}"
    mask([])
