"""Power: which difference in accuracy a protocol can tell, and when its intervals are known to be too narrow."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable
from dataclasses import replace
from statistics import NormalDist

from suite.protocol import Protocol

POWER, ALPHA = 0.8, 0.05
DISCORDANT = 0.1
"""The share of rows on which good models disagree, at most: what is taken before any model was run on a table."""
FEW_ROWS_IN_FOLDS, FEW_ROWS_A_COLUMN = 500, 20
"""Below these, intervals from pooled folds were measured to be too narrow: `docs/power.md`."""
FOLDS, REPEATS = 5, 3
"""Of the protocols that are named."""


def errors_apart(alpha: float = ALPHA, power: float = POWER) -> float:
    """Return how many standard errors a difference must have to be found at a power and a two-sided level; 2.80."""
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)


def least_difference(n: int, discordant: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Return the difference in accuracy that `n` test rows tell, a share from 0 to 1.

    Two models whose true accuracies differ so are called different with a probability of `power`, by McNemar's test at
    the level `alpha`, two-sided. `discordant` is the share of rows that exactly one of the two has right; the
    difference is never more than that.
    Source: J. Connor, Sample size for testing differences in proportions for the paired-sample design, Biometrics 43
    (1987), pages 207-211, without its correction under the hypothesis of no difference.
    """
    if n < 1 or not 0 <= discordant <= 1:
        raise ValueError(f"no power of {n} rows of which a share of {discordant} is discordant")
    squared = errors_apart(alpha, power) ** 2
    return max(math.sqrt(squared * discordant / (n + squared)), squared / (n + squared))


def least_difference_repeated(spread: float, n_splits: int, n_train: float, n_test: float) -> float:
    """Return the difference that the corrected resampled t test tells with a power of 80 %, in the unit of `spread`.

    `spread` is the standard deviation of the differences of two models from split to split. The test takes a larger
    variance than there is, so that its power is more than that. See `intervals.corrected_t`.
    """
    from scipy.stats import t

    if n_splits < 2 or n_train <= 0 or spread < 0:
        raise ValueError(f"no power of {n_splits} splits with {n_train} train rows and a spread of {spread}")
    error = math.sqrt(1 / n_splits + n_test / n_train) * spread
    return float(t.ppf(1 - ALPHA / 2, n_splits - 1) + t.ppf(POWER, n_splits - 1)) * error


def disagreement(accuracies: Iterable[float], largest_class: float) -> float:
    """Return the share of rows on which two good models of a table should disagree, before that is known.

    It is the error of the best model so far, or where there is none what naming the largest class gets wrong
    (`largest_class` is its share), and at most `DISCORDANT`: as measured in `docs/power.md`.
    """
    best = max(accuracies, default=largest_class)
    return min(1 - best, DISCORDANT)


def plans(n_test: int, n_rows: int, n_columns: int, discordant: float, protocol: str) -> str:
    """Return what a protocol can decide before it is run, in a sentence; the arguments are those of `decides`."""
    if discordant <= 0:
        return f"{_rows(n_test)} tell nothing of models that get every row right."
    rule = Protocol.parse(protocol)
    least = _least(rule, n_test, n_rows, discordant)
    text = f"{_rows(n_test)} tell two models apart, 4 times in 5, whose accuracies differ by {_points(least)} points "
    text += f"or more, if they disagree on {100 * discordant:.2g} % of the rows"
    if other := _wider(rule, n_rows, n_columns, discordant, least):
        text += f"; {other[0].name} tests {'all ' * (other[0].kind != 'time')}{other[1]:,}: {_points(other[2])} points"
    return text + _apart(rule)


def decides(
    n_test: int,
    n_rows: int,
    n_columns: int,
    discordant: float,
    protocol: str,
    least: float | None = None,
) -> str:
    """Return what a board can decide, and the protocol that would decide more, if there is one, in a sentence.

    Parameters
    ----------
    n_test : int
        Rows that were tested, over all splits of one repeat.
    n_rows, n_columns : int
        Of the table; its columns are features.
    discordant : float
        The share of tested rows that exactly one of two leading models has right, from 0 to 1.
    protocol : str
        Its name.
    least : float, optional
        The difference in accuracy that it tells, where that is known better, as from `least_difference_repeated`.
    """
    if discordant <= 0:
        return f"{_rows(n_test)} tell nothing of models that are right on the same rows."
    rule = Protocol.parse(protocol)
    least = _least(rule, n_test, n_rows, discordant) if least is None else least
    text = (
        f"{_rows(n_test)} tell two models apart, 4 times in 5, that differ by {_points(least)} points or more"
    )
    if other := _wider(rule, n_rows, n_columns, discordant, least):
        text += f"; --protocol {shlex.quote(other[0].name)} would tell {_points(other[2])}"
    return text + _apart(rule)


def fold_warning(n_rows: int, n_columns: int, protocol: str, n_splits: int = 1) -> str | None:
    """Return that intervals from pooled folds are too narrow for a table of this size, and what to run instead.

    None where the size is enough, or the protocol has no folds, or repeats them. `n_splits` tells the folds of a
    protocol whose name does not.
    """
    rule = Protocol.parse(protocol)
    if max(rule.folds, n_splits) < 2 or rule.repeats > 1 or not _is_small(n_rows, n_columns):
        return None
    few = (
        f"{n_rows:,} rows"
        if n_rows < FEW_ROWS_IN_FOLDS
        else f"{n_rows / max(1, n_columns):.0f} rows a column"
    )
    text = f"Folds of a table with {few} give 95 % intervals that are too narrow: "
    text += "they hold the true score in 83 to 92 % of cases"
    if rule.kind not in ("cv", "grouped"):
        return f"{text}."
    return f"{text}; --protocol {shlex.quote(replace(rule, repeats=REPEATS).name)} gives intervals that hold."


def _is_small(n_rows: int, n_columns: int) -> bool:
    return n_rows < max(FEW_ROWS_IN_FOLDS, FEW_ROWS_A_COLUMN * n_columns)


def _least(rule: Protocol, n_test: int, n_rows: int, discordant: float) -> float:
    """Return the difference that a protocol tells if only the choice of test rows moves it."""
    if rule.repeats == 1:
        return least_difference(n_test, discordant)
    tested = n_rows / rule.folds if rule.folds > 1 else n_rows * rule.fraction
    spread = math.sqrt(discordant / max(1.0, tested))
    return least_difference_repeated(spread, rule.folds * rule.repeats, n_rows - tested, tested)


def _wider(
    rule: Protocol, n_rows: int, n_columns: int, discordant: float, least: float
) -> tuple[Protocol, int, float] | None:
    """Return a protocol of the same rule that tests more rows, how many, and the difference that it tells, if smaller.

    It is repeated where folds alone would give intervals that are too narrow.
    """
    if rule.kind == "predefined" or rule.folds > 1:
        return None
    if rule.kind == "time":
        other, n_test = replace(rule, folds=FOLDS - 1), n_rows * (FOLDS - 1) // FOLDS
    else:
        repeats = REPEATS if _is_small(n_rows, n_columns) else 1
        kind = rule.kind if rule.column else "cv"
        other, n_test = replace(rule, kind=kind, folds=FOLDS, repeats=repeats), n_rows
    found = _least(other, n_test, n_rows, discordant)
    return (other, n_test, found) if found < least and _points(found) != _points(least) else None


def _rows(n: int) -> str:
    return f"{n:,} test row{'s' * (n != 1)}"


def _points(share: float) -> str:
    """Return a difference in points of accuracy: `2.1`, `0.04`."""
    return f"{100 * share:.1f}" if share >= 0.001 else f"{100 * share:.1g}"


def _apart(rule: Protocol) -> str:
    return " (more, where the rows of a group are alike)." if rule.kind == "grouped" else "."
