"""How sure a mean score is: 95 % intervals for one split, K folds and repeated splits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import NormalDist, fmean
from typing import Literal, NamedTuple

from suite.errors import UsageError
from suite.metrics import METRICS
from suite.protocol import Protocol
from suite.schema import Record


class Interval(NamedTuple):
    """Where the true score plausibly lies, and by which method that was found."""

    low: float
    high: float
    method: Literal["wilson", "bootstrap", "corrected_t"]


def wilson(correct: float, n: int, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of a proportion, without continuity correction.

    `correct` of `n` trials succeeded: a mean over seeds, which need not be whole.
    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927), pages 209-212.
    """
    if n < 1 or not 0 <= correct <= n:
        raise ValueError(f"{correct} of {n} is not a proportion")
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    share = correct / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # At the ends the bound is exactly 0 or 1, which rounding would miss.
    return Interval(
        max(0.0, centre - half) if correct else 0.0,
        min(1.0, centre + half) if correct < n else 1.0,
        "wilson",
    )


def corrected_t(scores: Sequence[float], n_train: float, n_test: float, level: float = 0.95) -> Interval:
    """Return the corrected resampled t interval of a mean score over J overlapping splits, with a score each.

    The usual variance of the mean, s^2 / J, is too small when training sets overlap; it is replaced by
    (1/J + n_test/n_train) s^2. `n_train` and `n_test` are the rows of a split (means, if the splits differ).
    Source: C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003),
    pages 239-281, section 3.
    """
    from scipy.stats import t

    n_splits = len(scores)
    if n_splits < 2 or n_train <= 0:
        raise ValueError(f"no interval from {n_splits} scores and {n_train} train rows")
    mean = fmean(scores)
    variance = math.fsum((score - mean) ** 2 for score in scores) / (n_splits - 1)
    half = float(t.ppf((1 + level) / 2, n_splits - 1)) * math.sqrt(
        (1 / n_splits + n_test / n_train) * variance
    )
    return Interval(mean - half, mean + half, "corrected_t")


def interval(records: Sequence[Record], metric: str) -> Interval | None:
    """Return the 95 % interval of a mean score, or None where no method is known to be right.

    The records are those of one model on one board that are `ok`. Where every row is tested once (one split, or K
    folds) the interval of the accuracy is Wilson's on the pooled counts: it covers the choice of test rows, not that
    of train rows. Several seeds of one split are averaged first, since they share their test rows. Repeated splits get
    the corrected t for every metric.
    """
    splits: dict[str, Record] = {}
    seeds: dict[str, list[float]] = defaultdict(list)
    for record in records:
        if (score := record.metrics.get(metric)) is not None:
            splits.setdefault(record.split, record)
            seeds[record.split].append(score)
    if not splits:
        return None
    firsts = [splits[split] for split in sorted(splits)]
    scores = [fmean(seeds[split]) for split in sorted(splits)]
    if len(splits) > 1 and repeats(firsts) > 1:
        n_train, n_test = fmean(r.n_train for r in firsts), fmean(r.n_test for r in firsts)
        low, high, method = corrected_t(scores, n_train, n_test)
        floor = -1.0 if metric == "mcc" else 0.0
        ceiling = 1.0 if METRICS[metric].higher_is_better else math.inf
        return Interval(max(floor, low), min(ceiling, high), method)
    n_rows = sum(record.n_test for record in firsts)
    # Rows of one group say less than as many others: Wilson's interval would be too narrow.
    if metric != "accuracy" or n_rows < 1 or firsts[0].protocol.startswith("grouped:"):
        return None
    correct = math.fsum(score * record.n_test for score, record in zip(scores, firsts, strict=True))
    return wilson(min(max(correct, 0.0), float(n_rows)), n_rows)


def repeats(firsts: Sequence[Record]) -> float:
    """Return how often the splits test each row; one record a split is given."""
    try:
        return Protocol.parse(firsts[0].protocol).repeats
    except UsageError:  # of a suite that knows other protocols
        return sum(record.n_test for record in firsts) / (firsts[0].n_train + firsts[0].n_test)
