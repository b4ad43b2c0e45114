from __future__ import annotations

import pytest

from suite.analysis.ranking import boards

GENRES = ("Hip-Hop", "Jazz", "Rap")
CONFUSED = [[60, 3, 37], [5, 94, 1], [38, 2, 60]]


def _record(
    make_record, model: str, accuracy: float, log_loss: float = 1.0, matrix=None, fit_s: float = 1.0, f1=None
):
    f1 = f1 or [accuracy] * 3
    return make_record(
        model,
        classes=GENRES,
        n_test=300,
        metrics={"accuracy": accuracy, "log_loss": log_loss},
        confusion=matrix or [[100, 0, 0], [0, 100, 0], [0, 0, 100]],
        per_class={name: {"f1": value} for name, value in zip(GENRES, f1, strict=True)},
        timing={"fit_s": fit_s},
    )


def _sentences(*records) -> list[str]:
    return [observation.text for observation in boards(records)[0].observations]


def test_the_first_two_are_compared_by_score_and_interval(make_record):
    assert _sentences(_record(make_record, "knn", 0.9), _record(make_record, "logistic", 0.5))[0] == (
        "knn has the best accuracy, 0.9000; logistic follows with 0.5000, and their intervals do not overlap."
    )
    assert _sentences(_record(make_record, "knn", 0.5), _record(make_record, "logistic", 0.5))[0] == (
        "knn and logistic share the best accuracy, 0.5000."
    )


@pytest.mark.parametrize(
    ("n_tied", "words"),
    [(2, "m0 and m1"), (3, "m0, m1 and m2"), (4, "4 models")],
)
def test_models_that_share_the_best_score_are_all_named_or_counted(make_record, n_tied: int, words: str):
    records = [_record(make_record, f"m{i}", 0.9 if i < n_tied else 0.5) for i in range(5)]
    assert _sentences(*records)[0] == f"{words} share the best accuracy, 0.9000."


def test_confused_classes_are_named_in_both_directions(make_record):
    assert "Rap is taken for Hip-Hop in 38 % of its rows, and back in 37 % (knn)." in _sentences(
        _record(make_record, "knn", 0.7, matrix=CONFUSED)
    )


@pytest.mark.parametrize(
    ("row", "words"), [([1, 99, 0], "but back in only 1 %"), ([0, 100, 0], "but never back")]
)
def test_a_confusion_in_one_direction_is_not_called_mutual(make_record, row: list[int], words: str):
    matrix = [[60, 40, 0], row, [0, 0, 100]]
    assert f"Hip-Hop is taken for Jazz in 40 % of its rows, {words} (knn)." in _sentences(
        _record(make_record, "knn", 0.7, matrix=matrix)
    )


def test_the_hardest_class_is_the_one_whose_best_f1_is_lowest(make_record):
    records = [
        _record(make_record, "knn", 0.7, f1=[0.41, 0.9, 0.2]),
        _record(make_record, "logistic", 0.6, f1=[0.40, 0.8, 0.5]),
    ]
    assert (
        "Hip-Hop is the hardest class: no model gets an F1 above 0.41 (knn); Jazz is the easiest, with 0.90."
        in _sentences(*records)
    )


def test_better_probabilities_of_another_model_are_worth_a_sentence(make_record):
    assert "logistic gives the best probabilities: its log loss is 0.500, that of knn 1.000." in _sentences(
        _record(make_record, "knn", 0.7, 1.0), _record(make_record, "logistic", 0.6, 0.5)
    )


def test_models_are_held_against_the_baseline(make_record):
    dummy = _record(make_record, "dummy", 0.3)
    assert (
        "Every model beats dummy, which does not look at the features and gets 0.3000; "
        "the weakest of them, logistic, gets 0.6000."
    ) in _sentences(_record(make_record, "knn", 0.7), _record(make_record, "logistic", 0.6), dummy)
    assert "knn and logistic do no better than dummy, which does not look at the features." in _sentences(
        _record(make_record, "knn", 0.3), _record(make_record, "logistic", 0.2), dummy
    )


def test_one_model_that_beats_the_baseline_is_not_the_weakest_of_all(make_record):
    sentences = _sentences(_record(make_record, "knn", 0.7), _record(make_record, "dummy", 0.3))
    assert sentences[0].startswith("knn has the best accuracy, 0.7000; dummy follows with 0.3000")
    assert not any("beats" in text or "weakest" in text for text in sentences)


def test_a_faster_model_that_is_nearly_as_good_is_named_as_timed(make_record):
    records = [
        _record(make_record, "knn", 0.7, fit_s=60.0),
        _record(make_record, "logistic", 0.695, fit_s=2.0),
    ]
    (timed,) = [o for o in boards(records)[0].observations if o.timed]
    assert timed.text == "logistic comes within 0.5 points of knn and fits 30 times faster."


def test_a_faster_model_that_is_much_worse_is_not_named(make_record):
    records = [_record(make_record, "knn", 0.7, fit_s=60.0), _record(make_record, "logistic", 0.6, fit_s=2.0)]
    assert not [o for o in boards(records)[0].observations if o.timed]


def test_a_clock_changes_only_what_is_marked_as_timed(make_record):
    def untimed(factor: float) -> list[str]:
        records = [
            _record(make_record, "knn", 0.7, matrix=CONFUSED, fit_s=9 * factor),
            _record(make_record, "logistic", 0.699, fit_s=1.0),
        ]
        return [o.text for o in boards(records)[0].observations if not o.timed]

    assert untimed(1.0) == untimed(0.01)


def test_one_model_alone_is_not_called_the_best(make_record):
    assert not any("best" in text for text in _sentences(_record(make_record, "knn", 0.7)))
