"""The answer: which model wins and whether the win is real, in a few sentences computed from comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from statistics import median

from suite.analysis.board import Board, Observation, Row
from suite.analysis.comparison import Pair, Standing
from suite.analysis.power import decides, fold_warning
from suite.config import View
from suite.metrics import METRICS, Metric

NAMED = 5
"""The most models that a sentence names."""
OTHERS = ("roc_auc", "average_precision", "log_loss", "macro_f1")
"""Metrics that may tell a model from the floor where the one that ranks cannot."""
POINT = 0.01
"""What a point is, of any metric."""
SIMPLE = (
    "baseline",
    "linear",
    "bayes",
    "neighbours",
    "kernel",
    "tree ensemble",
    "boosting",
    "neural",
    "custom",
)
"""Families, the simplest first."""
FOUND = (1.96 + 0.84) / 1.96
"""A true difference of so many half widths of its interval is found with a probability of 80 %."""
CHEAPER = 1.5
"""How many times less a model has to take before it is named for it."""


def verdict(board: Board, view: View) -> Iterator[Observation]:
    """Yield the answer; sentences that rest on the clock are told apart."""
    if board.best is None:
        return
    if board.rare:
        yield Observation(text=f"{board.rare}.")
    for sentence in (_best, _floor, _worse, _unknown, _seeds, _near, _decides):
        for text in sentence(board, view):
            yield Observation(text=text)
    for sentence in (_cheapest, _nearest, _slow):
        for text in sentence(board, view):
            yield Observation(text=text, timed=True)


def size(difference: float, metric: Metric, *, signed: bool = False) -> str:
    """Return a difference as people say it: in points (hundredths) where the metric ends at 1, else as it is."""
    scale, digits, unit = (1 / POINT, 1, "points") if metric.higher_is_better else (1.0, 3, "")
    digits -= abs(difference * scale) >= 9.95
    text = f"{difference * scale:{'+' if signed else ''}.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return f"{text} {unit}".rstrip()


def apart(pair: Pair, metric: Metric) -> str:
    """Return by how much a model is worse than the best, with the interval: `1.9 points worse (0.4 to 3.9)`."""
    sign = -1 if metric.higher_is_better else 1
    low, high = sorted((sign * pair.low, sign * pair.high))
    ends = " to ".join(size(end, metric).split()[0] for end in (low, high))
    return f"{size(sign * pair.difference, metric)} worse ({ends})"


def _score(board: Board, row: Row) -> str:
    value = row.scores[board.metric]
    return f"{value:{METRICS[board.metric].fmt}}" if value is not None else "–"


def _label(metric: Metric) -> str:
    return metric.label if metric.label[1:2].isupper() else metric.label[0].lower() + metric.label[1:]


def _standing(board: Board) -> Standing | None:
    return board.comparisons.standings.get(board.metric) if board.comparisons else None


def _best(board: Board, view: View) -> Iterator[str]:
    """Say who is best, and who cannot be told from it."""
    best, standing = board.best, _standing(board)
    assert best is not None
    label = _label(METRICS[board.metric])
    highest = "highest" if METRICS[board.metric].higher_is_better else "lowest"
    if len(board.ranked) == 1:
        yield f"{best.model} is the only model with a score: {label} {_score(board, best)}."
        return
    if standing is None or not best.tied:
        yield f"{best.model} has the {highest} {label}, {_score(board, best)}; no test says whether that is real."
        return
    tied = [row for row in board.ranked if row.tied]
    if len(tied) == 1:
        yield f"{best.model} is the best: {label} {_score(board, best)}. Its lead over every other model is real."
        return
    equal = [row for row in tied if _score(board, row) == _score(board, best)]
    others = sorted(row.model for row in tied if row not in equal)
    if len(equal) > 1:
        first = (
            f"{_named(sorted(row.model for row in equal))} share the {highest} {label}, {_score(board, best)}"
        )
    else:
        first = f"{best.model} has the {highest} {label}, {_score(board, best)}{_often(board, standing)}"
    is_all = len(tied) == len(board.ranked)
    who = (
        f"all {len(others)} others"
        if is_all and len(others) > 1
        else _named(others, "others")
        if others
        else ""
    )
    yield f"{first}, but {who} may be as good." if who else f"{first}: the test rows do not tell them apart."


def _often(board: Board, standing: Standing) -> str:
    if board.comparisons is None or board.best is None or not standing.first:
        return ""
    share = dict(zip(board.comparisons.models, standing.first, strict=True)).get(board.best.model)
    return f" (first in {100 * share:.0f} % of resamples)" if share is not None else ""


def _floor(board: Board, view: View) -> Iterator[str]:
    """Where the metric cannot tell the best from what never looks at the features, name one that can."""
    found = board.comparisons
    floor = next((row for row in board.ranked if row.family == "baseline" and row.tied), None)
    model = next((row for row in board.ranked if row.family != "baseline"), None)
    if floor is None or model is None or found is None:
        return
    label = _label(METRICS[board.metric])
    said = f"{label[0].upper()}{label[1:]} does not tell {model.model} from {floor.model}, which ignores the features"
    for name in OTHERS:
        metric, pair = METRICS[name], found.pair(name, model.model, floor.model)
        if pair is None or name == board.metric:
            continue
        if pair.is_real and (pair.difference > 0) == metric.higher_is_better:
            ours, theirs = (f"{row.scores[name] or 0.0:.2f}" for row in (model, floor))
            yield f"{said}; {_label(metric)} does: {ours} against {theirs}."
            return
    yield f"{said}, and no other metric does."


def _worse(board: Board, view: View) -> Iterator[str]:
    """Say by how much the others are worse: the nearest of them, and how far the last one is."""
    worse = [row for row in board.ranked if row.to_best and not row.tied]
    if not worse or board.best is None:
        return
    metric, first = METRICS[board.metric], worse[0]
    assert first.to_best is not None
    behind = apart(first.to_best, metric)
    if len(worse) == 1:
        yield f"{first.model} is {behind}."
    else:
        yield f"The nearest of the other {len(worse)}, {first.model}, is {behind}."


def _unknown(board: Board, view: View) -> Iterator[str]:
    """Say which models no test can speak of."""
    if board.uncompared and len(board.ranked) > 1:
        many = len(board.uncompared) > 1
        yield (
            f"Nothing is said of {_named(list(board.uncompared))}: {'their' if many else 'its'} predictions are not "
            f"here, or not those that were recorded; run {'them' if many else 'it'} again."
        )


def _seeds(board: Board, view: View) -> Iterator[str]:
    """Say how far the seed alone moves a model: the one it moves most among the tied."""
    if board.comparisons is None:
        return
    spread = board.comparisons.seed_spread.get(board.metric, {})
    moved = {row.model: spread[row.model] for row in board.ranked if row.tied and spread.get(row.model)}
    if moved:
        most = max(sorted(moved), key=lambda model: moved[model])
        by = size(moved[most], METRICS[board.metric])
        yield f"The seed alone moves {most} by {by}, from the worst of {board.n_seeds} to the best."


def _decides(board: Board, view: View) -> Iterator[str]:
    """Say which difference the table can tell, and what to run where the intervals are known to be too narrow."""
    found, standing = board.comparisons, _standing(board)
    if found is None or standing is None or len(found.models) < 2:
        return
    metric, columns = METRICS[board.metric], len(board.features)
    tied = [row.to_best for row in board.ranked if row.tied and row.to_best]
    near = tied or [row.to_best for row in board.ranked[1:2] if row.to_best]
    half = median((pair.high - pair.low) / 2 for pair in near) if near else 0.0
    counts = [
        pair.only_first + pair.only_second
        for pair in near
        if pair.only_first is not None and pair.only_second is not None
    ]
    if standing.method == "tango" and counts:
        discordant = max(1.0, median(counts)) / found.n_rows
        yield decides(found.n_rows, board.n_rows, columns, discordant, board.protocol)
    elif half:
        # From the interval to the difference that is found with a power of 80 %.
        least = size(half * FOUND, metric)
        yield f"{found.n_rows:,} test rows tell models apart whose {_label(metric)} differs by {least} or more."
    if warning := fold_warning(board.n_rows, columns, board.protocol, board.n_splits):
        yield warning


def _near(board: Board, view: View) -> Iterator[str]:
    """Name the simplest model within what was asked for."""
    near = _within(board, view)
    if near and view.within:
        simplest = min(near, key=lambda row: (SIMPLE.index(row.family), row.rank))
        what = f"{simplest.model} is the simplest ({simplest.family})"
        yield f"Within {view.within:g} points of the best, {what}{_reach(board, simplest)}."


def _nearest(board: Board, view: View) -> Iterator[str]:
    """Name the fastest model within what was asked for."""
    near = [row for row in _within(board, view) if row.timing["fit_s"] is not None]
    if near and view.within:
        fastest = min(near, key=lambda row: (row.timing["fit_s"] or 0.0, row.rank))
        what = f"{fastest.model} fits fastest ({_seconds(fastest)})"
        yield f"Within {view.within:g} points of the best, {what}{_reach(board, fastest)}."


def _within(board: Board, view: View) -> list[Row]:
    best = board.best.scores[board.metric] if board.best else None
    if view.within is None or best is None:
        return []
    asked = [row for row in board.ranked if row.family != "baseline"]
    scored = [(row, value) for row in asked if (value := row.scores[board.metric]) is not None]
    return [row for row, value in scored if abs(best - value) <= view.within * POINT + 1e-12]


def _reach(board: Board, row: Row) -> str:
    """Say how far behind a model may truly be."""
    if row.to_best is None:
        return ""
    metric = METRICS[board.metric]
    most = max(-row.to_best.low, 0.0) if metric.higher_is_better else max(row.to_best.high, 0.0)
    return f"; it may be up to {size(most, metric)} behind"


def _cheapest(board: Board, view: View) -> Iterator[str]:
    """Say which of the models that may be best is the cheapest to fit, and which to ask."""
    best, tied = board.best, [row for row in board.ranked if row.tied and row.family != "baseline"]
    if len(tied) < 2 or best is None:
        return
    cheapest: dict[str, list[str]] = {}
    beside = []
    for key, done, shown in (("fit_s", "fit", _seconds), ("latency_ms_p50", "ask", _latency)):
        timed = [(took, row.model, row) for row in tied if (took := row.timing[key]) is not None]
        took, name, row = min(timed, key=itemgetter(0, 1), default=(0.0, "", best))
        if len(timed) > 1 and took * CHEAPER <= max(other for other, _, _ in timed):
            cheapest.setdefault(name, []).append(f"to {done} ({shown(row)})")
            beside += [shown(best)] if row is not best and best.timing[key] is not None else []
    if cheapest:
        word = "cheaper" if len(tied) == 2 else "cheapest"
        said = " and ".join(f"{name} is the {word} {' and '.join(done)}" for name, done in cheapest.items())
        cost = f"; {best.model} takes {' and '.join(beside)}" if beside and best in tied else ""
        yield f"Of {'the two' if len(tied) == 2 else f'these {len(tied)}'}, {said}{cost}."


def _slow(board: Board, view: View) -> Iterator[str]:
    """Say which models were left out because they are slower than was asked for."""
    if view.max_latency_ms is None:
        return
    slow = [
        row.model
        for row in board.rows
        if row.rank is None and (row.timing["latency_ms_p50"] or 0.0) > view.max_latency_ms
    ]
    if slow:
        verb = "is" if len(slow) == 1 else "are"
        yield f"{_named(slow)} {verb} left out: slower than {view.max_latency_ms:g} ms a row."


def _seconds(row: Row) -> str:
    value = row.timing["fit_s"]
    return f"{value:.2g} s" if value is not None and value < 10 else f"{value:.0f} s"


def _latency(row: Row) -> str:
    return f"{row.timing['latency_ms_p50']:.2g} ms a row"


def _named(names: Sequence[str], what: str = "models") -> str:
    if len(names) > NAMED:
        return f"{len(names)} {what} ({', '.join(names[: NAMED - 1])}, ...)"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
