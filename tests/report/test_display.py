from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from suite.events import Finished, Planned, Progress, Searching, Started, Waiting
from suite.report.display import Display, searches_sentence
from suite.schema import Budget, Cell, CellId

HIDDEN_CURSOR = "\x1b[?25l"


def _cell(model: str, family: str = "linear", split: str = "holdout-42", seed: int = 0) -> Cell:
    about = {"dataset": "digits", "fingerprint": "", "protocol": "holdout"}
    return Cell(
        id=CellId(**about, split=split, model=model, seed=seed),
        family=family,
        model_version="1",
        key=f"{model} {split} {seed}",
    )


def _plan(cells: list[Cell], expected: dict[str, float], guessed: dict[str, float]) -> Planned:
    budget = Budget(threads=1, workers=2, time_s=None, memory_mb=None)
    return Planned(cells=tuple(cells), expected=expected, guessed=guessed, budget=budget, at_once=None)


def _console(terminal: bool = False, width: int = 80) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=terminal, highlight=False, color_system=None
    )


def _written(console: Console) -> list[str]:
    return console.file.getvalue().splitlines()


def test_each_finished_cell_is_one_plain_line_where_there_is_no_terminal(make_record):
    console = _console()
    with Display(console) as display:
        display.handle(
            Finished(cell=_cell("knn"), record=make_record("knn", metrics={"accuracy": 0.9}), cached=True)
        )
        display.handle(Started(cell=_cell("logistic")))
        display.handle(
            Finished(
                cell=_cell("logistic", seed=1),
                record=make_record("logistic", fit_s=12.3, metrics={"accuracy": 0.8}),
            )
        )
        failure = {"kind": "MemoryError", "message": "more than fits " * 10}
        record = make_record("mine.py:make", status="out_of_memory", failure=failure)
        display.handle(Finished(cell=_cell("mine.py:make"), record=record))
    assert _written(console) == [
        "✓ knn                          holdout          ok  accuracy 0.9000  (done before)",
        "✓ logistic                     holdout, seed 1  ok  accuracy 0.8000  fit     12.3 s",
        f"✗ mine.py:make                 holdout          out of memory: MemoryError: {record.failure.message.strip()}",
    ]


def test_what_the_run_waits_for_is_said():
    console = _console()
    with Display(console) as display:
        display.handle(Waiting(reason="another run [holds] it"))
    assert _written(console) == ["· another run [holds] it"]


def test_a_failure_without_a_reason_still_reads_as_a_sentence(make_record):
    console = _console()
    Display(console).handle(Finished(cell=_cell("a"), record=make_record("a", status="crash")))
    assert _written(console)[0].endswith("crash: no reason was recorded")


def test_a_line_on_a_terminal_is_never_wider_than_the_terminal(make_record):
    console = _console(terminal=True)
    with Display(console) as display:
        record = make_record("a", status="error", failure={"kind": "error", "message": "why " * 60})
        display.handle(Finished(cell=_cell("a" * 90), record=record))
    assert max(map(len, _written(console)[0].split("\x1b")[:1])) <= 80


def test_hostile_names_are_inert_in_progress_lines(make_record):
    console = _console()
    cell = _cell("[/b]\x1b[2J", split="\x1b]0;t\x07\n")
    Display(console).handle(Finished(cell=cell, record=make_record("x", metrics={"accuracy": 1.0})))
    assert "\x1b" not in console.file.getvalue()
    assert len(_written(console)) == 1


def test_the_bar_tells_how_far_the_plan_is_and_what_is_at_work(make_record):
    now = [0.0]
    cells = [_cell("a"), _cell("keras", family="neural"), _cell("b")]
    guessed = {cells[0].key: 40.0, cells[1].key: 40.0}
    display = Display(_console(), clock=lambda: now[0])
    now[0] = 100.0
    display.handle(_plan(cells, {cells[2].key: 40.0}, guessed))
    display.handle(Started(cell=_cell("a")))
    now[0] = 120.0
    display.handle(Finished(cell=_cell("a"), record=make_record("a")))
    display.handle(Started(cell=_cell("keras", family="neural")))
    now[0] = 125.0
    display.handle(
        Progress(cell=_cell("keras", family="neural"), step=7, values={"loss": 1.25, "accuracy": 0.5})
    )
    console = _console(width=100)
    console.print(display)
    bar, at_work = _written(console)
    assert bar.endswith("1/3 fits, 25 s so far, about 55 s left")
    assert at_work == "  keras                        holdout                  5 s  epoch 7  accuracy 0.500"


def test_the_bar_appears_with_the_plan_and_not_before():
    console = _console(terminal=True)
    with Display(console) as display:
        display.handle(Waiting(reason="another run holds the folder"))
        assert _written(console) == ["· another run holds the folder"]
        display.handle(_plan([_cell("a"), _cell("b")], {}, {}))
        assert console.file.getvalue().endswith(HIDDEN_CURSOR)
        shown = _console()
        shown.print(display)
        assert "0/2 fits" in shown.file.getvalue()


def test_a_run_that_is_refused_before_its_plan_shows_nothing():
    console = _console(terminal=True)
    with Display(console):
        pass
    assert console.file.getvalue() == ""


def _searching(**changes: object) -> Searching:
    return replace(Searching(searches=2, seconds=None, fits=60, chosen=3), **changes)


def _of_search(role: str, variant: str = "default", model: str = "knn") -> Cell:
    cell = _cell(model)
    return replace(cell, id=replace(cell.id, role=role, variant=variant), key=f"{model} {role} {variant}")


@pytest.mark.parametrize(
    ("searching", "at_once", "said"),
    [
        (_searching(), 2, "2 searches: up to 60 trial fits, and 3 fits of what they choose"),
        (
            _searching(searches=1, seconds=120.0, fits=None, chosen=1),
            2,
            "1 search: about 1 min 00 s with 2 workers, and 1 fit of what they choose",
        ),
        (
            _searching(seconds=50.0, fits=None),
            None,
            "2 searches: about 50 s, and 3 fits of what they choose",
        ),
    ],
)
def test_what_searches_come_to_is_one_sentence(searching, at_once, said):
    assert searches_sentence(searching, at_once).replace("\xa0", " ") == said


def test_trials_are_counted_in_the_bar_and_have_no_line_of_their_own(make_record):
    now = [0.0]
    console = _console()
    display = Display(console, clock=lambda: now[0])
    display.handle(replace(_plan([_cell("knn")], {}, {}), searching=_searching(fits=4, chosen=1), at_once=1))
    display.handle(Started(cell=_cell("knn")))
    now[0] = 2.0
    display.handle(Finished(cell=_cell("knn"), record=make_record("knn", metrics={"accuracy": 0.5})))
    for _ in range(3):
        display.handle(Started(cell=_of_search("inner")))
        now[0] += 10.0
        display.handle(Finished(cell=_of_search("inner"), record=make_record("knn")))
    shown = _console()
    shown.print(display)
    # One more trial of 10 s, and one fit that takes what the default took.
    assert _written(shown)[0].endswith("1/2 fits and 3 trials, 32 s so far, about 12 s left")
    tuned = _of_search("outer", "tuned")
    display.handle(Started(cell=tuned))
    display.handle(Finished(cell=tuned, record=make_record("knn", metrics={"accuracy": 0.6})))
    first, default, chosen = _written(console)
    assert first.startswith("· 2 searches: up to 4 trial fits")
    assert default.startswith("✓ knn  ")
    assert chosen.startswith("✓ knn (tuned)  ")
