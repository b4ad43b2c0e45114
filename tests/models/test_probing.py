from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from suite import threads
from suite.errors import UsageError
from suite.models import plugin
from suite.models.catalogue import resolve
from suite.models.probing import probe
from suite.supervision.processes import running

GOOD = """
from sklearn.tree import DecisionTreeClassifier

def tree():
    return DecisionTreeClassifier()

def deep(depth):
    return DecisionTreeClassifier(max_depth=depth)

def regressor():
    from sklearn.linear_model import LinearRegression
    return LinearRegression()

def broken():
    raise RuntimeError("no [tree] today")

def leaves():
    import os
    os._exit(7)

def exits():
    import sys
    sys.exit("set LICENSE_KEY first")

def compiled():
    import numpy
    numpy.random.RandomState("abc")

def misspelt():
    return DecisionTreeClassifier()

misspelt.features = "nativ"

not_callable = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    return path


def test_a_good_factory_passes_the_probe(file: Path) -> None:
    for ref in (f"{file}:tree", "sklearn.tree:DecisionTreeClassifier"):
        assert {"scikit-learn", "numpy"} <= set(probe(ref).packages)


def test_a_probe_is_held_to_one_thread_and_knows_no_folder_of_data(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("SUITE_DATA", "/somewhere")
    wanted = {**threads.environment(1), "SUITE_DATA": ""}
    checks = f"import os\nassert os.environ.items() >= {wanted!r}.items(), dict(os.environ)\n"
    file.write_text(checks + GOOD)
    assert "scikit-learn" in probe(f"{file}:tree").packages


SEEDS = """
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB

def bayes():
    return GaussianNB()

def native():
    return GaussianNB()

native.features = "native"

def raw():
    return GaussianNB()

raw.features = "raw"

def forest():
    return RandomForestClassifier()

def fixed(number):
    return RandomForestClassifier(random_state=number)

def own_seed(seed):
    return GaussianNB(var_smoothing=1e-9 * (1 + seed))

class Plain:
    def fit(self, X, y): ...
    def predict_proba(self, X): ...
"""


@pytest.mark.parametrize(
    ("reference", "seeded", "text"),
    [
        ("bayes", False, True),
        ("native", False, True),
        ("raw", False, False),
        ("forest", True, True),
        ("fixed:number=3", False, True),
        ("fixed:number=None", True, True),
        ("own_seed", True, True),
        ("Plain", True, True),  # what is in it cannot be seen
    ],
)
def test_the_probe_finds_whether_the_seed_moves_a_model(
    file: Path, reference: str, seeded: bool, text: bool
) -> None:
    file.write_text(SEEDS)
    found = probe(f"{file}:{reference}")
    numbers = plugin.probe_task()
    assert found.moves_with_seed(numbers) == found.seeded == seeded
    assert found.moves_with_seed(replace(numbers, kinds=("text",), levels=(5,))) == text


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ("regressor", "returned LinearRegression, which has no predict_proba"),
        ("broken", r"RuntimeError: no \[tree\] today"),
        ("leaves", "exited with code 7 before it answered"),
        ("exits", "exited with code 1 before it answered: set LICENSE_KEY first"),
        ("compiled", r"\(mine.py, line \d+\)"),
        ("misspelt", "no features named 'nativ'; did you mean native"),
        ("not_callable", "no function or class in .*mine.py named 'not_callable'"),
        ("absent", "no function or class in .*mine.py named 'absent'"),
        ("tre", "named 'tre'; did you mean tree"),
        ("tree:depth=3", "no parameter of tree named 'depth'"),
        ("deep:depth=a", "The 'max_depth' parameter of DecisionTreeClassifier must be an int"),
        ("deep", "deep needs a value for depth: .*:deep:depth=VALUE"),
    ],
)
def test_a_bad_factory_is_refused_in_one_line(file: Path, attribute: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        probe(f"{file}:{attribute}")
    assert "\n" not in str(caught.value)


def test_a_module_that_does_not_import_is_refused() -> None:
    with pytest.raises(UsageError, match="ModuleNotFoundError"):
        probe("no_such_module_here.models:make")


@pytest.mark.parametrize("last_word", [0, "so long", {"ok": False, "message": "no"}])
def test_what_a_factory_prints_whenever_it_does_is_no_answer(file: Path, last_word: object) -> None:
    printing = (
        f"import atexit, json, os\natexit.register(print, json.dumps({last_word!r}))\nos.write(1, b'here')\n"
    )
    file.write_text(printing + GOOD)
    assert "scikit-learn" in probe(f"{file}:tree").packages


def test_a_file_elsewhere_finds_nothing_in_the_current_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "only_here.py").touch()
    elsewhere = tmp_path / "elsewhere" / "mine.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text("import only_here\n" + GOOD)
    with pytest.raises(UsageError, match="No module named 'only_here'"):
        probe(f"{elsewhere}:tree")


def test_a_package_that_prints_and_raises_does_so_in_the_probe_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "loud_package"
    package.mkdir()
    (package / "__init__.py").write_text("print('loud')\nraise RuntimeError('not today\\nnor tomorrow')\n")
    (package / "models.py").write_text(GOOD)
    known = set(sys.modules)
    before = resolve("loud_package.models:tree").version
    (package / "models.py").write_text(GOOD + "\n# changed\n")
    assert resolve("loud_package.models:tree").version != before
    with pytest.raises(UsageError, match=r"RuntimeError: not today nor tomorrow \(__init__.py, line 2\)$"):
        probe("loud_package.models:tree")
    assert set(sys.modules) == known
    assert capfd.readouterr() == ("", "")


def gone(file: Path) -> bool:
    """Say whether the processes whose numbers are in a file are gone, or will be soon."""
    pids = [int(pid) for pid in file.read_text().split()]
    until = time.monotonic() + 20
    while running(pids) and time.monotonic() < until:
        time.sleep(0.02)
    return len(pids) == 2 and not running(pids)


BREEDS = """
import os, subprocess
from pathlib import Path

def breed():
    started = subprocess.Popen(["sleep", "1000"])
    path = Path(__file__).with_name("pids")
    path.with_suffix(".part").write_text(f"{os.getpid()} {started.pid}")
    path.with_suffix(".part").rename(path)

def tree():
    from sklearn.tree import DecisionTreeClassifier
    breed()
    return DecisionTreeClassifier()

def broken():
    breed()
    raise RuntimeError

def leaves():
    breed()
    os._exit(7)

def hangs():
    breed()
    import time
    time.sleep(1000)
"""


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ("broken", "RuntimeError"),
        ("leaves", "code 7"),
        ("hangs", "not imported and built within 4 s"),
        ("tree", ""),
    ],
)
def test_what_a_factory_starts_is_gone_when_the_probe_is_over(
    file: Path, attribute: str, reason: str
) -> None:
    file.write_text(BREEDS)
    if reason:
        with pytest.raises(UsageError, match=reason):
            probe(f"{file}:{attribute}", 4.0 if attribute == "hangs" else plugin.START_S)
    else:
        assert "scikit-learn" in probe(f"{file}:{attribute}").packages
    assert gone(file.with_name("pids"))


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM], ids=lambda signal_: signal_.name)
def test_a_probe_ends_with_the_process_that_asked(file: Path, signal_: signal.Signals) -> None:
    file.write_text(BREEDS)
    code = f"from suite.models.probing import probe; probe({f'{file}:hangs'!r})"
    with subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ) as asks:
        until = time.monotonic() + 60
        while not file.with_name("pids").exists() and time.monotonic() < until:
            time.sleep(0.02)
        asks.send_signal(signal_)
    assert gone(file.with_name("pids"))


def test_a_factory_that_takes_all_memory_is_refused(file: Path) -> None:
    file.write_text("taken = []\nwhile True:\n    taken.append(b'x' * 10**8)\n")
    with pytest.raises(UsageError, match=r"stopped with \d+ MB of memory in use"):
        probe(f"{file}:make", memory_mb=1.0)


def test_a_refusal_names_the_line_of_the_users_that_raised(file: Path) -> None:
    file.write_text("from sklearn.utils import check_array\n\ndef make():\n    return check_array('text')\n")
    with pytest.raises(UsageError, match=r": ValueError: .* \(mine.py, line 4\)$"):
        probe(f"{file}:make")


def test_a_factory_that_was_edited_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "edited.py"
    file.write_text("from sklearn.naive_bayes import GaussianNB as make\n")
    assert not probe("edited.py:make").seeded
    file.write_text("from sklearn.ensemble import RandomForestClassifier as make\n")
    assert probe("edited.py:make").seeded
