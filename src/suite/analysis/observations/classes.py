"""What is worth saying of classes: which is the hardest, which are confused, and where a model loses."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board, Row
from suite.analysis.confusion import Matrix, confused
from suite.analysis.observations.support import (
    LEAST_ROWS,
    beats_floor,
    f1_between,
    is_written_twice,
    leading,
    share_between,
    support,
)
from suite.analysis.words import NAMED, class_name, is_one_name, listed, percent, rows_of

HARD = 0.90
"""Nothing is hard of a class that a model gets with such an F1."""
CONFUSED = 0.10
"""Share of a class's rows from which on a confusion is worth a sentence."""
PAIRS = 2
"""Pairs of confused classes that are named at most."""
MUTUAL = 0.5
"""A confusion counts as mutual if the rarer direction has at least this share of the other's rate."""
LOST = 0.05
"""How much F1 a model has to lose on a class."""
MORE = 1.5
"""How many times as much as on the class where it loses next most."""


def two_classes(board: Board) -> Iterator[str]:
    """Yield what the leading model finds of the positive class, and what it flags wrongly."""
    row, matrix = _leading_matrix(board)
    if row is None or matrix is None or len(board.classes) != 2 or board.positive not in board.classes:
        return
    positive = board.classes.index(board.positive)
    name, other = board.classes[positive], board.classes[1 - positive]
    if min(support(board, matrix)) < LEAST_ROWS or is_one_name(name, other):
        return
    (_, wrong), (missed, found) = (
        (matrix[k][1 - positive], matrix[k][positive]) for k in (1 - positive, positive)
    )
    if not found + wrong:
        yield f"{row.model} flags no row as {class_name(name)}: it misses all {support(board, matrix)[positive]:,}."
        return
    yield (
        f"{row.model} finds {percent(found / (found + missed))} of {rows_of(name)} and flags "
        f"{percent(wrong / sum(matrix[1 - positive]))} of {rows_of(other)}; of the rows that it flags, "
        f"{percent(found / (found + wrong))} are {class_name(name)}."
    )


def hardest_class(board: Board) -> Iterator[str]:
    """Yield the classes, three at most, that every model gets less well than all others, beyond chance.

    The models that get them best have to have skill: who has none finds the larger classes easier, whatever they are.
    """
    best = {name: pair for name, pair in board.best_f1.items() if pair is not None}
    between = {
        name: found
        for name, (_, model) in best.items()
        if (matrix := board.confusion.get(model))
        and (found := f1_between(board, matrix, board.classes.index(name)))
    }
    order = sorted(best, key=lambda name: best[name][0])
    if leading(board) is None or len(order) < 3 or len(between) < len(board.classes):
        return
    for n in range(1, min(NAMED, len(order) // 2) + 1):
        hard, rest = order[:n], order[n:]
        if max(between[name][1] for name in hard) < min(between[name][0] for name in rest):
            break
    else:
        return
    top, model = best[hard[-1]]
    if top >= HARD or any(is_written_twice(board, name) for name in hard):
        return
    if any(support(board, board.confusion[best[c][1]])[board.classes.index(c)] < LEAST_ROWS for c in hard):
        return
    rows = {row.model: row for row in board.ranked}
    if not all(beats_floor(board, rows[best[name][1]]) for name in (*hard, rest[0])):
        return
    several = len(board.ranked) > 1
    next_best = f"; the next, {class_name(rest[0])}, reaches {best[rest[0]][0]:.2f}"
    if n > 1:
        reach = f"no model gets an F1 above {top:.2f} on them" if several else f"F1 {top:.2f} at most"
        yield f"{listed([*map(class_name, hard)])} are the hardest classes: {reach}{next_best}."
    else:
        reach = f"no model gets an F1 above {top:.2f} ({model})" if several else f"its F1 is {top:.2f}"
        yield f"{_capital(class_name(hard[0]))} is the hardest class: {reach}{next_best}."


def confused_classes(board: Board) -> Iterator[str]:
    """Yield the pairs of classes that the leading model takes for each other, with both rates."""
    row, matrix = _leading_matrix(board)
    if row is None or matrix is None or len(board.classes) < 3:
        return
    rows = support(board, matrix)
    told = 0
    for there, back in confused(matrix):
        true, other = board.classes[there.true], board.classes[there.predicted]
        n = rows[there.true]
        if n < LEAST_ROWS or is_one_name(true, other) or share_between(there.share * n, n)[0] < CONFUSED:
            continue
        returned = ""
        if rows[back.true] >= LEAST_ROWS:
            if not back.rows:
                returned = f", but none of {rows_of(other)} for {class_name(true)}"
            else:
                joint = "and" if back.share >= MUTUAL * there.share else "but only"
                returned = f", {joint} {percent(back.share)} of {rows_of(other)} for {class_name(true)}"
        yield f"{row.model} takes {percent(there.share)} of {rows_of(true)} for {class_name(other)}{returned}."
        told += 1
        if told == PAIRS:
            return


def lost_class(board: Board) -> Iterator[str]:
    """Yield the class on which the first model that is really behind loses most to the best, if one stands out."""
    best, comparisons = board.best, board.comparisons
    if best is None or comparisons is None or len(board.classes) < 3 or best.family == "baseline":
        return
    behind = next((row for row in board.ranked if _is_behind(board, row)), None)
    matrix = board.confusion.get(best.model)
    if behind is None or matrix is None or not (beats_floor(board, best) and beats_floor(board, behind)):
        return
    losses: dict[str, float] = {}
    for name in board.classes:
        high, low = (board.per_class_f1[row.model][name] for row in (best, behind))
        if high is not None and low is not None:
            losses[name] = high - low
    if len(losses) < 3:
        return
    worst = max(losses, key=lambda name: losses[name])
    next_most = max(loss for name, loss in losses.items() if name != worst)
    standing = comparisons.classes.get(worst)
    place = {model: i for i, model in enumerate(comparisons.models)}
    if losses[worst] < max(LOST, MORE * next_most) or standing is None or not standing.tied:
        return
    is_real = standing.tied[place[best.model]] and not standing.tied[place[behind.model]]
    n = support(board, matrix)[board.classes.index(worst)]
    if is_real and n >= LEAST_ROWS and not is_written_twice(board, worst):
        high, low = (board.per_class_f1[row.model][worst] for row in (best, behind))
        yield (
            f"{behind.model} loses most to {best.model} on {class_name(worst)}: F1 {low:.2f} against {high:.2f}."
        )


def _leading_matrix(board: Board) -> tuple[Row | None, Matrix | None]:
    """Return the leading model and its confusion matrix, where anything shows that it has skill."""
    row = leading(board)
    if row is None or not beats_floor(board, row):
        return None, None
    return row, board.confusion.get(row.model)


def _is_behind(board: Board, row: Row) -> bool:
    best, comparisons = board.best, board.comparisons
    if best is None or comparisons is None or row.family == "baseline":
        return False
    pair = comparisons.pair(board.metric, best.model, row.model)
    return pair is not None and pair.is_real and row.model not in comparisons.tied(board.metric)


def _capital(text: str) -> str:
    return "C" + text[1:] if text.startswith("class ") else text
