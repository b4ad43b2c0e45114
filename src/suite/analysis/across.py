"""Models over several data sets: average ranks, tests of them, and Elo."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from suite.analysis.board import Board
from suite.analysis.pairs import ALPHA, holm
from suite.errors import UsageError
from suite.metrics import METRICS
from suite.protocol import Protocol

DRAWS, SEED = 1000, 0
MEAN, SCALE = 1000.0, 400.0
"""The mean Elo of all models, and the difference at which one is expected to win 10 times as often as it loses."""
EXACT = 50
"""Data sets up to which p of signed ranks is exact."""
FEWEST = 6
"""Data sets below which no two models are told apart: the least with which a signed-rank test can fall below 5 %."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One model over all data sets."""

    model: str
    rank: float
    """The average over the data sets; equal scores share theirs."""
    elo: float
    low: float | None
    high: float | None
    """The 95 % interval of the Elo over other data sets like these; None where there are fewer than `FEWEST`."""
    p: float | None
    """Of the signed-rank test beside the first, adjusted by Holm for all pairs; None of the first."""
    tied: bool
    """Whether it cannot be told from the first; True of the first itself."""


@dataclass(frozen=True, kw_only=True)
class Across:
    """Models that are ranked on all of several data sets."""

    metric: str
    boards: tuple[Board, ...]
    """One a data set."""
    places: tuple[Place, ...]
    """By average rank, then by name."""
    friedman_p: float | None
    """Of the hypothesis that all models are equal; None of two models."""
    critical_difference: float
    """Nemenyi's, of average ranks, at 5 %."""

    @property
    def can_tell(self) -> bool:
        """Whether there are enough data sets for any two models to be told apart."""
        return len(self.boards) >= FEWEST

    @property
    def groups(self) -> tuple[tuple[Place, ...], ...]:
        """The largest runs of models, by average rank, in which no two can be told apart; those of two or more."""
        found: list[tuple[Place, ...]] = []
        for i, first in enumerate(self.places):
            group = tuple(place for place in self.places[i:] if not self._differ(first, place))
            if len(group) > 1 and not (found and found[-1][-1] == group[-1]):
                found.append(group)
        return tuple(found)

    def _differ(self, better: Place, worse: Place) -> bool:
        if not self.can_tell:
            return False
        if self.friedman_p is None:  # two models
            return not worse.tied
        return self.friedman_p < ALPHA and worse.rank - better.rank > self.critical_difference


def across(boards: Sequence[Board]) -> Across | None:
    """Return what is to be said of models over the data sets of these boards, or None if that is nothing.

    There have to be two data sets or more, and two models or more that are ranked on all of them. Each data set, with
    its target, counts once: of those with several boards, the one counts whose kind of protocol most data sets have.
    Baselines are left out: everything differs from them.

    Two models are told apart by Wilcoxon's signed-rank test, more by Nemenyi's test of average ranks after Friedman's;
    `docs/across.md` has how often these err, and why no other test is asked beside them.
    Source: J. Demšar, Statistical comparisons of classifiers over multiple data sets, Journal of Machine Learning
    Research 7 (2006), pages 1-30.
    """
    chosen = one_each(boards)
    names = [{row.model for row in board.ranked if row.family != "baseline"} for board in chosen]
    models = sorted(set.intersection(*names)) if names else []
    if len(chosen) < 2 or len(models) < 2:
        return None
    from scipy import stats

    metric = chosen[0].metric
    scores = np.array([_scores(board, models) for board in chosen])
    ranks = stats.rankdata(-scores, axis=1)
    average = ranks.mean(axis=0)
    friedman_p, nemenyi, signed = friedman(scores), nemenyi_p(scores), holm_p(scores)
    elo = elo_of(scores)
    half = elo_half_width(scores) if len(chosen) >= FEWEST else None
    order = sorted(range(len(models)), key=lambda i: (round(average[i], 9), models[i]))
    first = order[0]
    told = signed < ALPHA if friedman_p is None else (nemenyi < ALPHA) & (friedman_p < ALPHA)
    told &= len(chosen) >= FEWEST
    places = [
        Place(
            model=models[i],
            rank=float(average[i]),
            elo=float(elo[i]),
            low=None if half is None else float(elo[i] - half[i]),
            high=None if half is None else float(elo[i] + half[i]),
            p=None if i == first else float(signed[first, i]),
            tied=not told[first, i],
        )
        for i in order
    ]
    return Across(
        metric=metric,
        boards=tuple(chosen),
        places=tuple(places),
        friedman_p=friedman_p,
        critical_difference=critical_difference(len(models), len(chosen)),
    )


def one_each(boards: Sequence[Board]) -> list[Board]:
    """Return one board a data set and target, by the kind of protocol that most have, then the protocol that most have.

    Boards on which no model is ranked do not count.
    """
    groups: dict[tuple[str, str], list[Board]] = defaultdict(list)
    for board in boards:
        if board.ranked:
            groups[board.dataset, board.target].append(board)
    kinds = Counter(kind for group in groups.values() for kind in {_kind(board) for board in group})
    names = Counter(board.protocol for group in groups.values() for board in group)
    return [
        min(group, key=lambda b: (-kinds[_kind(b)], _kind(b), -names[b.protocol], -b.n_splits, b.protocol))
        for _, group in sorted(groups.items())
    ]


def friedman(scores: np.ndarray) -> float | None:
    """Return the p of Friedman's test that all models are equal; (n_datasets, n_models). None of two models."""
    from scipy import stats

    if scores.shape[1] < 3:
        return None
    if (scores == scores[:, :1]).all():
        return 1.0
    return float(stats.friedmanchisquare(*scores.T).pvalue)


def critical_difference(n_models: int, n_datasets: int) -> float:
    """Return the least difference of average ranks that is real at 5 % (Nemenyi 1963; Demšar 2006)."""
    from scipy import stats

    quantile = float(stats.studentized_range.ppf(1 - ALPHA, n_models, math.inf))
    return quantile * math.sqrt(n_models * (n_models + 1) / (12 * n_datasets))


def nemenyi_p(scores: np.ndarray) -> np.ndarray:
    """Return p of Nemenyi's test for each pair of models, (n_models, n_models); higher scores are better."""
    from scipy import stats

    n, k = scores.shape
    average = stats.rankdata(-scores, axis=1).mean(axis=0)
    apart = np.abs(average[:, None] - average) / math.sqrt(k * (k + 1) / (12 * n))
    return np.where(apart > 0, stats.studentized_range.sf(apart, k, math.inf), 1.0)


def holm_p(scores: np.ndarray) -> np.ndarray:
    """Return p of `signed_rank_p` for each pair of models, adjusted by Holm for all; (n_models, n_models)."""
    k = scores.shape[1]
    pairs = list(combinations(range(k), 2))
    found = np.array([signed_rank_p(scores[:, i] - scores[:, j]) for i, j in pairs])
    adjusted = np.ones((k, k))
    for (i, j), p in zip(pairs, holm(found), strict=True):
        adjusted[i, j] = adjusted[j, i] = p
    return adjusted


def signed_rank_p(differences: np.ndarray) -> float:
    """Return p of Wilcoxon's signed-rank test, two-sided, of differences of one pair of models, (n_datasets,).

    Equal differences share their mean rank, and data sets on which the models are equal speak half for each (Demšar
    2006, section 3.1.3). Up to `EXACT` data sets p is the share of all changes of signs that give a rank sum as far
    from the middle, with these ranks; of more, it is the normal approximation.
    """
    from scipy import stats

    # Rounded, as scores are: 0.9 - 0.8 is 0.8 - 0.7.
    differences = np.round(differences, 12)
    if len(differences) > EXACT:
        found = stats.wilcoxon(differences, zero_method="zsplit", correction=False, method="asymptotic")
        return float(found.pvalue)
    # Twice the ranks, so that means of two are whole.
    ranks = (2 * stats.rankdata(np.abs(differences))).astype(int)
    law = np.ones(1)
    for rank in ranks[differences != 0]:
        law = (np.pad(law, (0, rank)) + np.pad(law, (rank, 0))) / 2
    ahead, behind = ranks[differences > 0].sum(), ranks[differences < 0].sum()
    return min(1.0, 2 * float(law[max(ahead, behind) :].sum()))


def elo_of(scores: np.ndarray) -> np.ndarray:
    """Return the Elo of each model, (n_models,): Bradley and Terry's model of who is better on a data set.

    One more data set on which all are equal is added: a model that always wins would be infinitely good without it.
    Source: R. A. Bradley and M. E. Terry, Rank analysis of incomplete block designs, Biometrika 39 (1952), pages
    324-345.
    """
    wins = _wins(scores)
    return _fitted(wins.sum(axis=0, keepdims=True), len(wins))[0]


def elo_draws(scores: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """Return Elo over data sets drawn with replacement, (draws, n_models)."""
    wins = _wins(scores)
    counts = np.random.default_rng(seed).multinomial(len(wins), np.full(len(wins), 1 / len(wins)), size=draws)
    return _fitted(counts @ wins, len(wins))


def elo_half_width(scores: np.ndarray) -> np.ndarray:
    """Return half of the 95 % interval of each Elo, (n_models,): by Student's t and the spread of `elo_draws`.

    Their percentiles were measured to be too narrow where data sets are few: `docs/across.md`.
    """
    from scipy import stats

    n = len(scores)
    spread: np.ndarray = elo_draws(scores).std(axis=0) * math.sqrt(n / (n - 1))
    return float(stats.t.ppf(1 - ALPHA / 2, n - 1)) * spread


def _wins(scores: np.ndarray) -> np.ndarray:
    """Return how many of the others each model beats on each data set, ties as half; (n_datasets, n_models)."""
    from scipy import stats

    return stats.rankdata(scores, axis=1) - 1


def _fitted(wins: np.ndarray, n_datasets: int) -> np.ndarray:
    """Return the Elo that maximises the likelihood of win totals, (draws, n_models), of as many data sets each.

    Every two models meet on every data set, so that the totals say all. Newton's steps, cut so that they cannot run
    away.
    """
    draws, k = wins.shape
    wins, meetings = wins + (k - 1) / 2, n_datasets + 1
    strength = np.zeros((draws, k))
    eye = np.eye(k)
    for _ in range(100):
        chance = 1 / (1 + np.exp(strength[:, None, :] - strength[:, :, None]))
        slope = wins - meetings * (chance.sum(axis=2) - 0.5)
        weight = meetings * chance * (1 - chance) * (1 - eye)
        # A constant is free: the ones pin it.
        bend = weight.sum(axis=2)[:, :, None] * eye - weight + 1.0
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0].clip(-1, 1)
        strength += step
        if np.abs(step).max() < 1e-10:
            break
    strength -= strength.mean(axis=1, keepdims=True)
    return MEAN + SCALE / math.log(10) * strength


def _scores(board: Board, models: Sequence[str]) -> list[float]:
    """Return the models' scores on a board, the higher the better."""
    sign = 1 if METRICS[board.metric].higher_is_better else -1
    found: Mapping[str, float] = {row.model: row.scores[board.metric] or 0.0 for row in board.ranked}
    # Rounded, as ranks are: the last bits of a mean do not decide.
    return [round(sign * found[model], 12) for model in models]


def _kind(board: Board) -> str:
    try:
        return Protocol.parse(board.protocol).kind
    except UsageError:  # of a suite that knows other protocols
        return board.protocol
