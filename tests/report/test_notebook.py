"""What a notebook shows: a bar in one place, boards as inert HTML in the page's own colours."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import types
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from suite.analysis.ranking import boards
from suite.events import Finished, Planned, Progress, Started
from suite.report import notebook
from suite.report.notebook import Bar, boards_html, is_here
from suite.report.wording import CHECK_FIRST
from suite.schema import Budget, Cell, CellId, Finding

HOSTILE = '<img src=x onerror="alert(1)">\x1b[31m\u202e</td><script>x</script>'


class _Handle:
    def __init__(self, shown: list[tuple[float, str]]) -> None:
        self._shown = shown

    def update(self, bundle: dict[str, str], raw: bool) -> None:
        assert raw
        self._shown.append((time.monotonic(), bundle["text/plain"]))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """What a made-up IPython with a kernel is told to show, and when."""
    updates: list[tuple[float, str]] = []

    def display(bundle: dict[str, str], raw: bool, display_id: bool) -> _Handle:
        assert set(bundle) == {"text/plain"}
        handle = _Handle(updates)
        handle.update(bundle, raw)
        return handle

    ipython: Any = types.ModuleType("IPython")
    inner: Any = types.ModuleType("IPython.display")
    inner.display = display
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    return updates


def _cell(model: str, key: str) -> Cell:
    about = CellId(dataset="t", fingerprint="", protocol="holdout", split="holdout-42", model=model)
    return Cell(id=about, family="neural", model_version="1", key=key)


def _plan(*cells: Cell) -> Planned:
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    return Planned(cells=cells, expected={}, guessed={}, budget=budget, at_once=1)


def test_a_notebook_is_told_by_its_kernel(shown, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_here()
    for shell in (None, types.SimpleNamespace()):
        monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda shell=shell: shell)
        assert not is_here()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not is_here()


def test_finding_out_imports_nothing_of_a_notebook() -> None:
    code = (
        "import sys\nfrom suite.report import notebook\nassert not notebook.is_here()\n"
        "assert 'IPython' not in sys.modules and 'ipykernel' not in sys.modules"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.stderr.strip() == ""


def test_the_bar_is_updated_at_most_four_times_a_second(shown, make_record) -> None:
    with Bar() as bar:
        bar.handle(_plan(_cell("slow", "a"), _cell("other", "b")))
        bar.handle(Started(cell=_cell("slow", "a")))
        until = time.monotonic() + 1
        step = 0
        while time.monotonic() < until:
            step += 1
            bar.handle(Progress(cell=_cell("slow", "a"), step=step, values={"loss": 0.5}))
        bar.handle(Finished(cell=_cell("slow", "a"), record=make_record("slow", 0.5)))
    assert step > 1000
    # Besides those of the second: the first, and the last.
    assert 3 <= len(shown) <= 7
    assert any(re.search(r"slow .* epoch \d+", text) for _, text in shown)
    assert "1/2 fits" in shown[-1][1]


def test_the_bar_goes_on_while_nothing_is_told(shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "APART_S", 0.05)
    with Bar() as bar:
        bar.handle(_plan(_cell("slow", "a")))
        bar.handle(Started(cell=_cell("slow", "a")))
        until = time.monotonic() + 10
        while not any("1 s so far" in text for _, text in shown) and time.monotonic() < until:
            time.sleep(0.05)
    assert any("1 s so far" in text for _, text in shown)


def test_the_bar_stops_when_a_run_is_interrupted(shown) -> None:
    bar = Bar()
    bar.handle(_plan(_cell("slow", "a")))
    with pytest.raises(KeyboardInterrupt), bar:
        raise KeyboardInterrupt
    count = len(shown)
    time.sleep(0.6)
    assert len(shown) == count


def test_a_run_that_is_refused_before_its_plan_shows_no_bar(shown) -> None:
    with pytest.raises(ValueError, match="no such model"), Bar():
        raise ValueError("no such model")
    assert shown == []


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def _parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    return parser


def test_boards_are_shown_with_findings_failures_and_notes(small_records) -> None:
    found = (Finding(code="identifier", text="two readings", columns=("a",)),)
    records = [replace(r, features=replace(r.features, findings=found)) for r in small_records]
    page = _parsed(boards_html(boards(records), "results"))
    wanted = ["3 classes, 1,200 rows", CHECK_FIRST, "two readings", "hist_gb", "stopped after 600 s"]
    wanted += ["published figures", "Notes", "holds out a tenth", "results"]
    assert [words for words in wanted if words not in page.text] == []
    places = [page.text.index(words) for words in wanted]
    assert places[:3] == sorted(places[:3])


def test_hostile_names_are_text_and_nothing_else(make_record) -> None:
    failure = {"kind": "error", "message": HOSTILE}
    told = {"used": ["a"], "dropped": {HOSTILE: HOSTILE}, "notes": [HOSTILE]}
    told["findings"] = [{"code": "x", "text": HOSTILE, "columns": []}]
    records = [
        make_record("fine", 0.5, features=told, dataset=HOSTILE),
        make_record(HOSTILE, status="error", failure=failure, features=told, dataset=HOSTILE),
    ]
    html = boards_html(boards(records), HOSTILE)
    page = _parsed(html)
    assert set(page.tags) == {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert {name for name, _ in page.attributes} == {"style"}
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "<img src=x" in page.text


def test_no_colour_is_fixed(small_records) -> None:
    styles = ";".join(value or "" for _, value in _parsed(boards_html(boards(small_records), "r")).attributes)
    assert set(re.findall(r"(?<![\w-])(?:background|color):([^;\"]+)", styles)) == {"inherit", "transparent"}


NOTEBOOK = """
import suite
from sklearn.datasets import load_iris
class Boom:
    def fit(self, X, y):
        raise ValueError("<b>no</b> luck")
    def predict_proba(self, X):
        return X
df = load_iris(as_frame=True).frame
results = suite.run(["dummy", "logistic", {"boom": Boom()}], df, target="target", protocol="cv2")
---
results
---
print(repr(results))
"""


@pytest.mark.slow
def test_a_notebook_shows_one_bar_and_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "a notebook is executed with nbclient and ipykernel: pip install 'tabular-suite[test]'"
    nbclient = pytest.importorskip("nbclient", reason=reason)
    pytest.importorskip("ipykernel", reason=reason)
    import nbformat.v4 as nb

    import suite

    monkeypatch.setenv("PYTHONPATH", ":".join([str(Path(suite.__file__).parents[1]), *sys.path]))
    page = nb.new_notebook(cells=[nb.new_code_cell(code.strip()) for code in NOTEBOOK.split("---")])
    nbclient.NotebookClient(page, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    ran, asked, told = (cell.outputs for cell in page.cells)
    bars = [output for output in ran if output.output_type == "display_data"]
    assert len(bars) == 1
    assert set(bars[0].data) == {"text/plain"}
    assert "6/6 fits" in bars[0].data["text/plain"]
    assert ["ModelFailedWarning" in output.text for output in ran if output.output_type == "stream"] == [True]
    (board,) = asked
    assert set(board.data) == {"text/plain", "text/html"}
    assert "&lt;b&gt;no&lt;/b&gt; luck" in board.data["text/html"]
    assert told[0].text.startswith("<Results: 6 records, 2 failed")
