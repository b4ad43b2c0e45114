"""Two folders beside each other as a document: what is worse, the tables behind it, and what breaks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from suite.analysis.amounts import bare, named
from suite.analysis.changes import Change
from suite.analysis.gate import VERDICTS, Gate, Judged
from suite.analysis.matching import NEW, OLD, Table
from suite.analysis.tolerances import MEASURES
from suite.analysis.words import listed
from suite.metrics import METRICS
from suite.report.blocks import SCREEN, Document, Field, Grid, Section, Sentences, kept
from suite.report.text import counted, inert, megabytes, milliseconds, number, seconds

MARKS = {"worse": "bad", "better": "good"}
_SHOW: dict[str, Callable[[Any], str]] = {
    "fit": seconds,
    "predict": seconds,
    "latency": milliseconds,
    "memory": megabytes,
}
_TITLES = {"fit": "Fit", "predict": "Predict", "latency": "1 row", "memory": "Added\nmemory"}


def document(gate: Gate, kind: str = SCREEN, *, answer_first: bool = False) -> Document:
    """Return all that is said of two folders; on a screen the answer stands last, in a page first."""
    details = [section for table, models in gate.by_table for section in _details(gate, table, models, kind)]
    answer = _answer(gate)
    title = Section(f"{NEW} {gate.new} beside {OLD} {gate.old}", level=1)
    return kept([title, *answer, *details] if answer_first else [title, *details, *answer], kind)


def _answer(gate: Gate) -> list[Section]:
    rules = [one.rule for one in gate.tolerances]
    breaks = [f"The gate breaks if {listed(rules, 'or')}."] if rules else []
    said = Sentences([f"{_verdicts(gate)} {' '.join(breaks)}".strip()], "paragraphs")
    return [
        Section("What the gate cannot tell", [Sentences(gate.remarks)], level=3),
        Section("The gate breaks" if gate.breaches else "", [Sentences(gate.breaches)], level=3),
        Section("", [said, Sentences([outcome(gate)], "paragraphs")]),
    ]


def outcome(gate: Gate) -> str:
    """Return in a sentence whether the gate holds."""
    if not gate.tolerances:
        return "Nothing breaks, whatever has changed: --fail-on says what does."
    if gate.breaches:
        return f"The gate breaks: {counted(len(gate.breaches), 'breach', 'breaches')}."
    if gate.checks and all(check.untested for check in gate.checks):
        return "The gate holds only because nothing could be tested."
    return "The gate holds."


def _verdicts(gate: Gate) -> str:
    """Return how many models got which verdict, and the names of those that are not as they were."""
    counts = Counter(one.verdict for one in gate.models)
    several = len(gate.by_table) > 1
    parts = []
    for verdict in VERDICTS:
        names = [
            f"{inert(one.model)} on {inert(one.table.name)}" if several else inert(one.model)
            for one in gate.models
            if one.verdict == verdict
        ]
        if names:
            who = f" ({named(names)})" if verdict != "not shown to be worse" else ""
            parts.append(f"{counts[verdict]} {'is' if len(names) == 1 else 'are'} {verdict}{who}")
    models = counted(len(gate.models), "model")
    return f"Of {models}, by {METRICS[gate.metric].within_sentence}: {', '.join(parts)}."


def _details(gate: Gate, table: Table, models: Sequence[Judged], kind: str) -> list[Section]:
    metrics = dict.fromkeys([gate.metric, *(one.key for one in gate.tolerances if one.key in METRICS)])
    others = [key for key in metrics if key != gate.metric]
    grid = Grid(_columns(gate.metric, kind), models, _notes(gate, table, models))
    found = [Section(table.name, [grid])]
    for key in others:
        tested = [
            one for one in models if one.changes[key].old is not None or one.changes[key].new is not None
        ]
        found.append(Section(METRICS[key].label, [Grid([_model(), *_figures(key)], tested)], level=3))
    timed = [one for one in models if any(one.changes[key].old is not None for key in MEASURES)]
    anew = [one for one in timed if any(not one.changes[key].is_same for key in MEASURES)]
    again = Sentences([f"Times and memory are those of {OLD}: nothing was measured anew."], "paragraphs")
    blocks = [Grid([_model(), *_measures()], timed, _about_measures(timed)) if anew else again]
    return [*found, Section("Time and memory", blocks if timed else [], level=3)]


def _model() -> Field:
    return Field("Model", attrgetter("model"), importance=100, text=True, least=16)


def _columns(metric: str, kind: str) -> list[Field]:
    def verdict(one: Judged) -> str:
        # A note below says it in full.
        return "not shown" if kind == SCREEN and one.verdict.startswith("not") else one.verdict

    def answers(name: str) -> Callable[[Judged], float | None]:
        return lambda one: getattr(one.answers, name) if one.answers else None

    count = "{:,.4g}".format
    return [
        _model(),
        Field("Verdict", verdict, importance=99, text=True, mark=lambda one: MARKS.get(one.verdict, "")),
        *_figures(metric),
        Field("Rows\nchanged", answers("changed"), count, 90),
        Field("Right\nbefore", answers("only_old"), count, 40),
        Field("Right\nnow", answers("only_new"), count, 39),
    ]


def _figures(key: str) -> list[Field]:
    metric = METRICS[key]
    unit = "Points" if metric.higher_is_better else "Change"
    show = partial(number, fmt=metric.fmt)

    def change(found: Change) -> str:
        shown = bare(found.difference or 0.0, metric, signed=True)
        if found.low is None or found.high is None:
            return shown
        return f"{shown} ({bare(found.low, metric)}, {bare(found.high, metric)})"

    def known(one: Judged) -> Change | None:
        return one.changes[key] if one.changes[key].difference is not None else None

    return [
        Field(f"{metric.label}\nbefore", lambda one: one.changes[key].old, show, 80),
        Field("Now", lambda one: one.changes[key].new, show, 85),
        Field(f"{unit}\n(95 %)", known, change, 95),
    ]


def _measures() -> list[Field]:
    def change(found: Change) -> str:
        shown = f"{100 * (found.difference or 0.0):+.0f} %"
        if found.low is None or found.high is None:
            return shown
        return f"{shown} ({100 * found.low:.0f}, {100 * found.high:.0f})"

    def fields(key: str, importance: int) -> list[Field]:
        def known(one: Judged) -> Change | None:
            return one.changes[key] if one.changes[key].difference is not None else None

        return [
            Field(f"{_TITLES[key]}", lambda one: one.changes[key].new, _SHOW[key], importance),
            Field("Change\n(95 %)", known, change, importance - 1),
        ]

    return [field for place, key in enumerate(MEASURES) for field in fields(key, 90 - 10 * place)]


def _notes(gate: Gate, table: Table, models: Sequence[Judged]) -> list[str]:
    """Return what a reader of the verdicts has to know."""
    notes = []
    for why, names in _grouped(models, lambda one: one.why if one.verdict == "incomparable" else "").items():
        notes.append(f"{named(names)}: incomparable, {why}.")
    for why, names in _grouped(
        models, lambda one: one.why if one.changes[gate.metric].is_same else ""
    ).items():
        notes.append(f"{named(names)}: {why}.")
    for part, names in _grouped(models, _part).items():
        notes.append(f"{named(names)}: {part}.")
    if table.features:
        notes.append(table.features)
    moved = [one.model for one in models if _is_one_draw(one)]
    if moved:
        notes.append(
            f"{named(moved)}: one seed on each side; what another seed would do is not in the interval (--seeds 3)."
        )
    if any(one.verdict == "not shown to be worse" for one in models):
        notes.append("not shown: the test rows do not show that it is worse; it may be.")
    if any(one.answers for one in models):
        n_rows = max(one.answers.n_rows for one in models if one.answers)
        notes.append(
            f"Rows changed: of {n_rows:,} tested, those with another answer; right before, or now, only."
        )
    if gate.n_tests > 1:
        notes.append(
            f"{gate.n_tests} tests are made at once: a change counts if p is below 5 % for all (Holm)."
        )
    return notes


def _part(one: Judged) -> str:
    n, before = one.matched.n_twins, one.matched.n_before
    return f"compared on {n} of {counted(before, 'fit')} that had a score" if 0 < n < before else ""


def _is_one_draw(one: Judged) -> bool:
    """Tell whether a model that the seed moves has other predictions, and one seed only."""
    twins = one.matched.twins
    is_changed = one.answers is not None and one.answers.changed > 0
    return (
        is_changed and len({seed for _, seed in twins}) == 1 and any(old.seeded for old, _ in twins.values())
    )


def _about_measures(models: Sequence[Judged]) -> list[str]:
    notes: dict[str, set[str]] = defaultdict(set)
    for one in models:
        for key in MEASURES:
            change = one.changes[key]
            if change.why and change.old is not None:
                notes[change.why].add(one.model)
    told = []
    for why, names in notes.items():
        who = sorted(names)
        whose = "all" if len(who) == len(models) else named(who)
        told.append(f"Not tested ({whose}): {why}.")
    return told


def _grouped(models: Sequence[Judged], of: Callable[[Judged], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for one in models:
        if said := of(one):
            groups[said].append(one.model)
    return groups
