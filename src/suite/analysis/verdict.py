"""The answer: which model wins and whether the win is real, in a few sentences computed from comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist, median

from suite.analysis import choices
from suite.analysis.amounts import apart, named, size
from suite.analysis.board import Board, Observation, Row
from suite.analysis.comparison import Pair, Standing
from suite.analysis.observations.support import WITNESSES, baseline, leading, wins, witnesses
from suite.analysis.pairs import ALPHA
from suite.analysis.power import POWER, decides, fold_warning
from suite.config import View
from suite.metrics import METRICS
from suite.options import PRIOR

_Z = NormalDist().inv_cdf(1 - ALPHA / 2)
FOUND = (_Z + NormalDist().inv_cdf(POWER)) / _Z
"""A true difference of so many half widths of its interval is found with a probability of 80 %."""


def verdict(board: Board, view: View) -> Iterator[Observation]:
    """Yield the answer; sentences that rest on the clock are told apart."""
    if board.best is None:
        yield from (Observation(text=text, timed=True) for text in choices.slow(board, view))
        return
    if board.rare:
        yield Observation(text=f"{board.rare}.")
    for sentence in (*_OPENING, _best, _doubt, _floor, _worse, _unknown, _seeds, choices.simplest, _decides):
        for text in sentence(board, view):
            yield Observation(text=text)
    for sentence in (choices.cheapest, choices.fastest, choices.slow):
        for text in sentence(board, view):
            yield Observation(text=text, timed=True)


def _score(board: Board, row: Row) -> str:
    value = row.scores[board.metric]
    return f"{value:{METRICS[board.metric].fmt}}" if value is not None else "–"


def _standing(board: Board) -> Standing | None:
    return board.comparisons.standings.get(board.metric) if board.comparisons else None


def _threshold(board: Board, view: View) -> Iterator[str]:
    """Say where rows count as positive, if not where that is more probable."""
    if board.thresholds:
        low, high = min(board.thresholds.values()), max(board.thresholds.values())
        at = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        why = ", its share of the train rows" if view.threshold == PRIOR else ""
        yield f"A row counts as {board.positive!r} from a probability of {at} on{why}."


def _other_metric(board: Board, view: View) -> Iterator[str]:
    """Say where a board cannot be ranked as was asked."""
    if board.asked:
        asked, metric = METRICS[board.asked].within_sentence, METRICS[board.metric].within_sentence
        yield f"Ranked by {metric}: {asked} is of one class, to be named with --positive."


def _one_class(board: Board, view: View) -> Iterator[str]:
    """Say where the test rows are all of one class."""
    matrix = next(iter(board.confusion.values()), ())
    there = [name for name, counts in zip(board.classes, matrix, strict=False) if sum(counts)]
    if len(there) == 1:
        yield f"All test rows are of class {there[0]!r}: nothing shows how models do on the others."


_OPENING = (_threshold, _other_metric, _one_class)


def _doubt(board: Board, view: View) -> Iterator[str]:
    """Say where the answer hangs on single rows."""
    if board.comparisons and "single_rows" in board.comparisons.doubts(board.metric):
        yield "None of this is sure: a model gives some classes no chance, and log loss hangs on single rows."


def _best(board: Board, view: View) -> Iterator[str]:
    """Say who is best, and who cannot be told from it."""
    best, standing, metric = board.best, _standing(board), METRICS[board.metric]
    assert best is not None
    highest = "highest" if metric.higher_is_better else "lowest"
    score, label = _score(board, best), metric.within_sentence
    if len(board.ranked) == 1:
        which = "fast enough" if board.slow else "with a score"
        yield f"{best.model} is the only model {which}: {label} {score}."
        return
    if not best.tied or standing is None or not any(row.to_best for row in board.ranked):
        yield f"{best.model} has the {highest} {label}, {score}; no test says whether that is real."
        return
    tied = board.tied
    if len(tied) == 1 and not all(row.to_best for row in board.ranked if row is not best):
        yield f"{best.model} has the {highest} {label}, {score}. Its lead over every model that was compared is real."
        return
    if len(tied) == 1:
        over = "every other ranked model" if board.slow or board.aside else "every other model"
        yield f"{best.model} is the best: {label} {score}. Its lead over {over} is real."
        return
    equal = [row for row in tied if _score(board, row) == score]
    others = sorted(row.model for row in tied if row not in equal)
    if len(equal) > 1:
        first = f"{named(sorted(row.model for row in equal))} share the {highest} {label}, {score}"
    else:
        first = f"{best.model} has the {highest} {label}, {score}{_often(board, standing)}"
    if len(tied) == len(board.ranked) and len(others) > 1:
        who = "both others" if len(others) == 2 else f"all {len(others)} others"
    else:
        who = named(others, "others") if others else ""
    yield f"{first}, but {who} may be as good." if who else f"{first}: the test rows do not tell them apart."


def _often(board: Board, standing: Standing) -> str:
    # Repeated splits are not drawn again: there the share would be one of draws from a law.
    if (
        board.comparisons is None
        or board.best is None
        or standing.method == "corrected_t"
        or not standing.first
    ):
        return ""
    share = dict(zip(board.comparisons.models, standing.first, strict=True)).get(board.best.model)
    return f" (first in {100 * share:.0f} % of resamples)" if share is not None else ""


def _floor(board: Board, view: View) -> Iterator[str]:
    """Where the metric cannot tell the best from what never looks at the features, name one that can."""
    found = board.comparisons
    floor = next((row for row in board.tied if row.family == "baseline"), None)
    model = leading(board)
    if floor is None or model is None or found is None or not model.tied:
        yield from _guessed(board)
        return
    label = METRICS[board.metric].within_sentence
    said = f"{label[0].upper()}{label[1:]} does not tell {model.model} from {floor.model}, which ignores the features"
    asked = [name for name in witnesses(board) if name != board.metric]
    for name in asked:
        if wins(found, name, model, floor):
            ours, theirs = (f"{row.scores[name] or 0.0:.2f}" for row in (model, floor))
            yield f"{said}; {METRICS[name].within_sentence} does: {ours} against {theirs}."
            return
    others = [METRICS[name].within_sentence for name in asked]
    if len(others) > 1:
        yield f"{said}, and neither {', '.join(others[:-1])} nor {others[-1]} does."
    else:
        yield f"{said}, and {others[0]} does not either."


def _guessed(board: Board) -> Iterator[str]:
    """Say where the best is ahead of what ignores the features by a metric that guessing raises, and by no other."""
    best, floor, found = board.best, baseline(board), board.comparisons
    if best is None or floor is None or found is None or best is floor or board.metric in WITNESSES:
        return
    asked = witnesses(board)
    if wins(found, board.metric, best, floor) and not any(wins(found, name, best, floor) for name in asked):
        names = [METRICS[name].within_sentence for name in asked]
        label = METRICS[board.metric].within_sentence
        yield (
            f"By {label} guessing beats {floor.model} too, and by {', '.join(names)} nothing shows that {best.model} "
            "learns from the features."
        )


def _worse(board: Board, view: View) -> Iterator[str]:
    """Say by how much the nearest of the models that are surely worse is behind."""
    worse = [row for row in board.ranked if row.to_best and not row.tied]
    if not worse or board.best is None:
        return
    first = worse[0]
    assert first.to_best is not None
    behind = apart(first.to_best, METRICS[board.metric])
    if len(worse) == 1:
        yield f"{first.model} is out of the question: it {behind}."
    else:
        yield f"{len(worse)} models are out of the question; the nearest, {first.model}, {behind}."


def _unknown(board: Board, view: View) -> Iterator[str]:
    """Say which models no test can speak of."""
    if board.uncompared and len(board.ranked) > 1:
        whose, them = ("their", "them") if len(board.uncompared) > 1 else ("its", "it")
        yield (
            f"Nothing is said of {named(board.uncompared)}: {whose} predictions are not here, or not those that were "
            f"recorded; run {them} again."
        )
    for row in board.aside:
        if row.n_ok < row.n_cells:
            yield f"{row.model} is not ranked: it has a score in {row.n_ok} of {row.n_cells} fits."


def _seeds(board: Board, view: View) -> Iterator[str]:
    """Say how far the seed alone moves a model: the one it moves most among the tied."""
    if board.comparisons is None:
        return
    spread = board.comparisons.seed_spread.get(board.metric, {})
    moved = {row.model: spread[row.model] for row in board.tied if spread.get(row.model)}
    if moved:
        most = max(sorted(moved), key=lambda model: moved[model])
        by = size(moved[most], METRICS[board.metric])
        yield f"The seed alone moves {most} by {by}, from the worst of {board.n_seeds} to the best."


def _decides(board: Board, view: View) -> Iterator[str]:
    """Say which difference the table can tell, and what to run where the intervals are known to be too narrow."""
    found, standing = board.comparisons, _standing(board)
    if found is None or standing is None or board.best is None or board.best.model not in found.models:
        return
    metric, columns = METRICS[board.metric], len(board.features)
    tied = [row.to_best for row in board.tied if row.to_best]
    near: list[Pair] = tied or [row.to_best for row in board.ranked[1:2] if row.to_best]
    if not near:
        return
    counts = [_discordant(pair) for pair in near]
    half = median((pair.high - pair.low) / 2 for pair in near)
    if standing.method == "tango":
        discordant = max(1.0, median(counts)) / found.n_rows
        yield decides(found.n_rows, board.n_rows, columns, discordant, board.protocol)
    elif half:
        what = (
            f"{board.n_splits} splits" if standing.method == "corrected_t" else f"{found.n_rows:,} test rows"
        )
        least = size(half * FOUND, metric)
        yield f"{what} tell two models apart, 4 times in 5, whose {metric.within_sentence} differs by {least} or more."
    if warning := fold_warning(board.n_rows, columns, board.protocol, board.n_splits):
        yield warning


def _discordant(pair: Pair) -> float:
    return (pair.only_first or 0.0) + (pair.only_second or 0.0)
