from __future__ import annotations

from dataclasses import replace

import pytest

from suite.analysis.comparison import Comparisons, Doubt, Pair, Standing


def _found(n_rows: int, n_groups: int | None = None, **standings: Standing) -> Comparisons:
    return Comparisons(models=("a", "b", "c"), n_rows=n_rows, n_groups=n_groups, standings=standings)


ACCURACY = Standing(
    method="tango",
    scores=(0.8, 0.7, None),
    tied=(True, False, False),
    first=(1.0, 0.0, 0.0),
    pairs=((0.1, 0.02, 0.18, 0.01), None, None),
)


def test_a_pair_reads_both_ways_and_not_at_all_without_a_score():
    found = _found(100, accuracy=ACCURACY)
    forward, backward = found.pair("accuracy", "a", "b"), found.pair("accuracy", "b", "a")
    assert forward == Pair(
        metric="accuracy", first="a", second="b", difference=0.1, low=0.02, high=0.18, p=0.01
    )
    assert backward is not None
    assert (backward.difference, backward.low, backward.high) == (-0.1, -0.18, -0.02)
    assert backward.is_real
    assert found.pair("accuracy", "a", "c") is None
    assert found.pair("accuracy", "a", "a") is None
    assert found.pair("accuracy", "a", "other") is None
    assert found.pair("f1", "a", "b") is None
    assert found.tied("accuracy") == ("a",)


def test_a_metric_with_scores_alone_has_no_pairs_and_no_tied_models():
    found = _found(100, ece=Standing(method="bootstrap", scores=(0.1, 0.2, None)))
    assert found.pair("ece", "a", "b") is None
    assert found.tied("ece") == ()


@pytest.mark.parametrize(
    ("low", "high", "p", "is_real"),
    [(0.01, 0.2, 0.04, True), (-0.01, 0.2, 0.04, False), (0.01, 0.2, 0.05, False)],
)
def test_a_difference_is_real_where_test_and_interval_say_so(
    low: float, high: float, p: float, is_real: bool
):
    pair = Pair(metric="accuracy", first="a", second="b", difference=0.1, low=low, high=high, p=p)
    assert pair.is_real == is_real


@pytest.mark.parametrize(
    ("n_rows", "n_groups", "doubts"),
    [(99, None, ["few_rows"]), (100, None, []), (5000, 19, ["few_groups"]), (5000, 20, [])],
)
def test_intervals_are_doubted_where_simulations_say_so(
    n_rows: int, n_groups: int | None, doubts: list[Doubt]
):
    assert list(_found(n_rows, n_groups, accuracy=ACCURACY).doubts("accuracy")) == doubts


def test_repeated_splits_are_not_doubted():
    standing = Standing(method="corrected_t", scores=(0.5, 0.5, 0.5))
    assert _found(50, accuracy=standing).doubts("accuracy") == ()


def test_some_metrics_need_more_rows_than_others():
    found = _found(250, accuracy=ACCURACY)
    assert {m: found.doubts(m) for m in ("accuracy", "macro_f1", "log_loss", "average_precision")} == {
        "accuracy": (),
        "macro_f1": (),
        "log_loss": ("few_rows",),
        "average_precision": ("few_rows",),
    }
    assert _found(199, accuracy=ACCURACY).doubts("macro_f1") == ("few_rows",)


def test_metrics_that_look_at_classes_need_rows_of_each():
    found = _found(5000, accuracy=ACCURACY)
    assert {m: found.doubts(m, n_rarest=49) for m in ("accuracy", "roc_auc", "macro_f1")} == {
        "accuracy": (),
        "roc_auc": ("few_of_a_class",),
        "macro_f1": ("few_of_a_class",),
    }
    assert found.doubts("roc_auc", n_rarest=50) == ()


@pytest.mark.parametrize(
    ("zeros", "doubts"), [({}, ()), ({"a": 9}, ("single_rows",)), ({"a": 10, "b": 40}, ())]
)
def test_a_log_loss_that_hangs_on_single_rows_is_doubted(zeros: dict[str, int], doubts: tuple[Doubt, ...]):
    found = replace(_found(5000, accuracy=ACCURACY), zeros=zeros)
    assert found.doubts("log_loss") == doubts
    assert found.doubts("accuracy") == ()
