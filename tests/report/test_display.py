from __future__ import annotations

import io
import time
from dataclasses import replace

import pytest
from rich.console import Console

from suite.events import Finished, Planned, Progress, Searching, Started, Waiting
from suite.report.display import Display, searches_sentence
from suite.report.underway import roughly
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


def test_asked_to_be_verbose_each_finished_cell_is_one_plain_line_where_there_is_no_terminal(make_record):
    console = _console()
    with Display(console, verbose=True) as display:
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
    display = Display(console, verbose=True)
    display.handle(Finished(cell=cell, record=make_record("x", metrics={"accuracy": 1.0})))
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
    console.print(display.underway)
    bar, at_work = _written(console)[-2:]
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
        shown.print(display.underway)
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
    display = Display(console, clock=lambda: now[0], verbose=True, is_logged=False)
    asked = _searching(searches=1, fits=4, chosen=1)
    plan = replace(_plan([_cell("knn")], {}, {}), searching=asked, searches={("digits", "knn"): asked})
    display.handle(replace(plan, at_once=1))
    display.handle(Started(cell=_cell("knn")))
    now[0] = 2.0
    display.handle(Finished(cell=_cell("knn"), record=make_record("knn", metrics={"accuracy": 0.5})))
    for _ in range(3):
        display.handle(Started(cell=_of_search("inner")))
        now[0] += 10.0
        display.handle(Finished(cell=_of_search("inner"), record=make_record("knn")))
    shown = _console()
    shown.print(display.underway)
    # One more trial of 10 s, and one fit that takes what the default took.
    assert _written(shown)[-1].endswith("1/2 fits and 3 trials, 32 s so far, about 12 s left")
    tuned = _of_search("outer", "tuned")
    display.handle(Started(cell=tuned))
    display.handle(Finished(cell=tuned, record=make_record("knn", metrics={"accuracy": 0.6})))
    first, default, chosen = _written(console)
    assert first.startswith("· 1 search: up to 4 trial fits")
    assert default.startswith("✓ knn  ")
    assert chosen.startswith("✓ knn (tuned)  ")


def _failed(make_record, model: str, split: str = "holdout-42", status: str = "error") -> Finished:
    record = make_record(model, status=status, failure={"kind": "ValueError", "message": f"no {model}"})
    return Finished(cell=_cell(model, split=split), record=record)


def _done(
    make_record, model: str, accuracy: float = 0.5, split: str = "holdout-42", **more: bool
) -> Finished:
    record = make_record(model, metrics={"accuracy": accuracy})
    return Finished(cell=_cell(model, split=split), record=record, **more)


def _drawn(display: Display, width: int = 80, height: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    console.print(display.underway)
    return _written(console)


@pytest.mark.parametrize("terminal", [False, True])
def test_only_what_fails_has_a_line_and_the_end_says_what_it_came_to(make_record, terminal):
    console, now = _console(terminal), [0.0]
    cells = [_cell(name) for name in "abc"]
    with Display(console, clock=lambda: now[0]) as display:
        display.handle(_plan(cells, {}, {}))
        display.handle(_done(make_record, "a", cached=True))
        display.handle(_done(make_record, "b"))
        display.handle(_failed(make_record, "c"))
        now[0] = 7.0
    # On a terminal what moves the cursor stands between them.
    lines = [line for line in _written(console) if "error: " in line or "fits in" in line]
    assert "error: ValueError: no c" in lines[0]
    assert lines[1].endswith("3/3 fits in 7 s, 1 of them done before, 1 failed")
    assert "✓" not in console.file.getvalue()
    assert len(_written(console)) == 2 or terminal


def test_what_failed_before_and_what_is_skipped_again_has_no_line(make_record):
    console = _console()
    display = Display(console)
    display.handle(replace(_failed(make_record, "old"), cached=True))
    for fold in range(3):
        display.handle(_failed(make_record, "absent", f"cv3-f{fold}", "skipped"))
        display.handle(_failed(make_record, "bad", f"cv3-f{fold}"))
    assert [line.split()[1] for line in _written(console)] == ["absent", "bad", "bad", "bad"]


def test_an_interrupted_run_has_no_last_line_and_gives_the_cursor_back(make_record):
    console = _console(terminal=True)
    display = Display(console)
    display.handle(_plan([_cell("a")], {}, {}))
    with pytest.raises(KeyboardInterrupt), display:
        raise KeyboardInterrupt
    written = console.file.getvalue()
    assert "fits in" not in written
    assert written.rindex("\x1b[?25h") > written.rindex(HIDDEN_CURSOR)


def test_a_log_is_told_now_and_then_how_far_the_run_is(make_record, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("suite.report.display.LEAST_S", 0.01)
    console = _console()
    with Display(console) as display:
        display.handle(_plan([_cell("a"), _cell("b")], {}, {}))
        display.handle(_done(make_record, "a"))
        until = time.monotonic() + 10
        while "1/2 fits, 0 s so far" not in console.file.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    n_lines = len(_written(console))
    assert "· 1/2 fits, 0 s so far" in _written(console)
    time.sleep(0.05)
    assert len(_written(console)) == n_lines


def _with_scores(make_record, n: int, at_work: int = 2) -> Display:
    display = Display(_console(), is_logged=False)
    cells = [_cell(f"model_{i:02}", split=f"cv5-f{fold}") for i in range(n) for fold in range(5)]
    display.handle(_plan(cells, {}, {}))
    for i in range(n):
        display.handle(_done(make_record, f"model_{i:02}", i / 100, "cv5-f0"))
    for i in range(at_work):
        display.handle(Started(cell=_cell(f"model_{i:02}", split="cv5-f1")))
    return display


def test_the_scores_so_far_stand_above_the_bar_the_best_first_and_said_to_compare_nothing(make_record):
    display = _with_scores(make_record, 3)
    display.handle(_done(make_record, "model_00", 0.5, "cv5-f1"))
    display.handle(_failed(make_record, "model_01", "cv5-f1"))
    heading, *rows, bar = _drawn(display)
    assert heading == "digits so far: accuracy, mean of the fits done; no comparison yet"
    assert [row.split(maxsplit=1) for row in rows] == [
        ["model_00", "0.2500 (2/5 fits)"],
        ["model_02", "0.0200 (1/5 fits)"],
        ["model_01", "0.0100 (2/5 fits, 1 failed)"],
    ]
    assert "5/15 fits, 1 failed" in bar


@pytest.mark.parametrize(("width", "height"), [(60, 15), (80, 24), (80, 6), (120, 40), (200, 100), (30, 10)])
@pytest.mark.parametrize(("models", "at_work"), [(1, 1), (18, 2), (40, 2), (40, 64), (300, 8)])
def test_what_is_drawn_fits_the_terminal_with_bar_and_fits_at_work(
    make_record, width, height, models, at_work
):
    lines = _drawn(_with_scores(make_record, models, min(at_work, models)), width, height)
    assert len(lines) < height
    assert max(map(len, lines)) <= width
    bar = max(i for i, line in enumerate(lines) if f"{models}/{models * 5} fits" in line)
    work = lines[bar + 1 :]
    assert len(work) == min(at_work, models) or work[-1].endswith("more at work")
    shown = [line for line in lines[:bar] if "model_" in line]
    if (models, at_work) == (40, 2) and (width, height) == (80, 24):
        assert sum(line.count("model_") for line in shown) >= 36


def test_the_scores_of_one_data_set_stay_for_a_while_before_those_of_another(make_record):
    now = [0.0]
    display = Display(_console(), clock=lambda: now[0], is_logged=False)
    display.handle(_plan([_cell("a"), _cell("b")], {}, {}))
    display.handle(_done(make_record, "a"))
    assert _drawn(display)[0].startswith("digits so far")
    cell = _cell("b")
    other = make_record("b", metrics={"accuracy": 0.5})
    display.handle(Finished(cell=replace(cell, id=replace(cell.id, dataset="other")), record=other))
    now[0] = 5.0
    assert _drawn(display)[0].startswith("digits so far")
    now[0] = 11.0
    assert _drawn(display)[0].startswith("other so far")


def test_after_the_last_fit_the_boards_are_in_work(make_record):
    display = Display(_console(), is_logged=False)
    display.handle(_plan([_cell("a")], {}, {}))
    display.handle(_done(make_record, "a"))
    assert _drawn(display)[-1].endswith("so far, making the boards")


@pytest.mark.parametrize(
    ("value", "said"), [(55.4, "55 s"), (203.0, "3 min 20 s"), (725.0, "12 min"), (3900.0, "1 h 05 min")]
)
def test_what_is_foretold_is_said_no_finer_than_it_is_known(value, said):
    assert roughly(value) == said
