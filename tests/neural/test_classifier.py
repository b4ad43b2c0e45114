from __future__ import annotations

import pickle
import random
import time
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.utils.estimator_checks import parametrize_with_checks

from suite.neural.classifier import KerasClassifier
from suite.neural.networks import Mlp

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight 2 takes one place in a batch, two equal rows take two: mini-batches differ"
    )
}


@parametrize_with_checks(
    [KerasClassifier(epochs=10, learning_rate=0.01, random_state=0)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_the_classifier_keeps_scikit_learns_contract(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks feed it data that scikit-learn warns about
        check(estimator)


def classifier(**options):
    defaults = {"network": Mlp((8,)), "epochs": 5, "learning_rate": 0.01, "random_state": 0}
    return KerasClassifier(**{**defaults, "compile": "graph", **options})


def sane(model, X):
    proba = model.predict_proba(X)
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert all(np.isfinite(w).all() for w in model.models_[0].get_weights())


def softmax_network(X, n_classes):
    return keras.Sequential(
        [keras.layers.Input((X.shape[1],)), keras.layers.Dense(n_classes, activation="softmax")]
    )


def logit_network(X, n_classes):
    return keras.Sequential([keras.layers.Input((X.shape[1],)), keras.layers.Dense(n_classes)])


def test_networks_may_end_in_logits_or_in_a_softmax(blobs):
    models = [classifier(network=n, epochs=20).fit(*blobs) for n in (softmax_network, logit_network)]
    first, second = (m.predict_proba(blobs[0]) for m in models)
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_a_network_with_the_wrong_number_of_outputs_is_refused(blobs):
    with pytest.raises(ValueError, match="3 columns"):
        classifier(network=lambda X, n: logit_network(X, 2)).fit(*blobs)


def test_the_network_builder_sees_the_training_rows_only(blobs):
    seen = []

    def builder(X, n_classes):
        seen.append(X)
        return logit_network(X, n_classes)

    held_out = np.arange(0, 90, 3)
    classifier(network=builder, validation=held_out).fit(*blobs)
    np.testing.assert_array_equal(seen[0], np.delete(blobs[0], held_out, axis=0))


def test_validation_rows_are_not_trained_on(blobs):
    X, y = blobs
    held_out = np.arange(0, 90, 3)
    poisoned = y.copy()
    poisoned[held_out] = (y[held_out] + 1) % 3
    proba = [classifier(validation=held_out).fit(X, labels).predict_proba(X) for labels in (y, poisoned)]
    np.testing.assert_array_equal(*proba)


def test_a_validation_fraction_takes_the_last_rows_as_keras_does(blobs):
    models = [classifier(validation=v).fit(*blobs) for v in (0.2, np.arange(72, 90))]
    assert [model.n_validation_ for model in models] == [18, 18]
    assert classifier().fit(*blobs).n_validation_ == 0
    assert models[0].histories_[0].curve == models[1].histories_[0].curve


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (0.0, "fraction"),
        (1.5, "fraction"),
        (0.999, "both sides"),
        ([0, 90], r"\[0, 90\)"),
        ([-1], r"\[0, 90\)"),
        ([0.5, 1.5], "integer positions"),
        ([], "integer positions"),
        (np.arange(90), "both sides"),
    ],
)
def test_validation_that_cannot_work_is_refused(blobs, wrong, message):
    X, y = blobs
    with pytest.raises(ValueError, match=message):
        classifier(validation=wrong).fit(X, y)


def test_temperature_scaling_lowers_the_log_loss_of_the_validation_rows(blobs):
    X, y = blobs
    held_out = np.arange(0, 90, 3)
    options = {"validation": held_out, "epochs": 30, "label_smoothing": 0.4}
    plain, scaled = (classifier(temperature=t, **options).fit(X, y) for t in (False, True))
    losses = [log_loss(y[held_out], m.predict_proba(X[held_out])) for m in (plain, scaled)]
    assert losses[1] < losses[0]
    assert plain.temperature_ == 1.0 > scaled.temperature_
    np.testing.assert_array_equal(plain.predict(X), scaled.predict(X))


def test_temperature_scaling_without_validation_rows_is_refused(blobs):
    with pytest.raises(ValueError, match="validation"):
        classifier(temperature=True).fit(*blobs)


def test_class_weights_act_as_sample_weights(blobs):
    X, y = blobs
    weights = {0: 1.0, 1: 5.0, 2: 0.5}
    by_class = classifier(class_weight=weights).fit(X, y)
    by_sample = classifier().fit(X, y, sample_weight=[weights[label] for label in y])
    np.testing.assert_array_equal(by_class.predict_proba(X), by_sample.predict_proba(X))


def test_balanced_class_weights_are_ones_for_balanced_classes(blobs):
    X, y = blobs
    proba = [classifier(class_weight=w).fit(X, y).predict_proba(X) for w in ("balanced", None)]
    np.testing.assert_allclose(*proba, atol=1e-6)


def test_a_class_that_class_weights_leave_out_has_weight_one(blobs):
    X, y = blobs
    first, second = ({1: 2.0}, {0: 1.0, 1: 2.0, 2: 1.0})
    proba = [classifier(class_weight=w).fit(X, y).predict_proba(X) for w in (first, second)]
    np.testing.assert_array_equal(*proba)


def test_class_weights_of_labels_that_do_not_occur_are_refused(blobs):
    with pytest.raises(ValueError, match="class_weight"):
        classifier(class_weight={0: 1.0, 7: 2.0}).fit(*blobs)


@pytest.mark.parametrize("weight", [np.zeros(90), -np.ones(90)])
def test_weights_that_cannot_train_are_refused(blobs, weight):
    with pytest.raises(ValueError, match="weight"):
        classifier().fit(*blobs, sample_weight=weight)


def test_string_labels_and_data_frames_keep_their_names(blobs):
    X = pd.DataFrame(blobs[0], columns=list("abcd"))
    y = np.array(["x", "y", "z"])[blobs[1]]
    model = classifier(epochs=40).fit(X, y)
    assert list(model.feature_names_in_) == list("abcd")
    assert list(model.classes_) == ["x", "y", "z"]
    assert model.score(X, y) > 0.6


def test_fitting_disturbs_no_global_generator(blobs):
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()
    classifier().fit(*blobs)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def test_seeds_decide_the_fit_and_clones_keep_them(blobs):
    model = classifier(network=Mlp((8,), dropout=0.3))
    first, again, other = (
        m.fit(*blobs).predict_proba(blobs[0])
        for m in (model, clone(model), clone(model).set_params(random_state=1))
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_every_option_reaches_the_training(blobs):
    seen = []
    model = classifier(
        network=Mlp(hidden=(8,), batch_norm=True),
        optimizer="adamw",
        weight_decay=0.01,
        schedule="one_cycle",
        epochs=50,
        batch_size=32,
        clip_norm=1.0,
        ema=0.5,
        patience=2,
        monitor="val_accuracy",
        validation=0.3,
        report=lambda epoch, values: seen.append(epoch),
    ).fit(*blobs)
    assert seen == list(range(1, len(model.histories_[0].epoch_s) + 1))
    assert model.histories_[0].best_epoch + 2 == len(seen) < 50
    assert model.notes_ == model.histories_[0].notes != ()


def test_an_optimizer_may_be_a_factory(blobs):
    made = []

    def factory(learning_rate, weight_decay):
        made.append((learning_rate, weight_decay))
        return keras.optimizers.SGD(learning_rate, momentum=0.9)

    sane(classifier(optimizer=factory, learning_rate=0.1).fit(*blobs), blobs[0])
    assert made == [(0.1, None)]


def test_training_on_constant_columns_stays_sane(blobs):
    X = np.column_stack([blobs[0], np.full(90, 7.0), np.zeros(90)])
    sane(classifier(network=Mlp((8,), batch_norm=True)).fit(X, blobs[1]), X)


def test_training_on_one_column_stays_sane(blobs):
    sane(classifier().fit(blobs[0][:, :1], blobs[1]), blobs[0][:, :1])


def test_training_on_two_rows_a_class_stays_sane(blobs):
    X, y = blobs[0][[0, 1, 30, 31]], [0, 0, 1, 1]
    sane(classifier(network=Mlp((8,), batch_norm=True)).fit(X, y), X)


def test_training_with_a_batch_of_one_row_stays_sane(blobs):
    X, y = blobs[0][::2], blobs[1][::2]
    sane(classifier(network=Mlp((8,), batch_norm=True), batch_size=44).fit(X, y), X)


def test_training_with_a_batch_larger_than_the_data_stays_sane(blobs):
    sane(classifier(batch_size=4096).fit(*blobs), blobs[0])


def test_a_class_without_training_rows_gets_a_probability_all_the_same(blobs):
    held_out = np.flatnonzero(blobs[1] == 2)
    model = classifier(validation=held_out).fit(*blobs)
    assert model.predict_proba(blobs[0]).shape == (90, 3)
    sane(model, blobs[0])


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_values_that_float32_cannot_hold_are_refused(blobs, value):
    X = blobs[0].astype(float)
    X[3, 2] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        classifier().fit(X, blobs[1])


@pytest.mark.parametrize("batch_norm", [False, True])
def test_enormous_values_end_in_a_sane_model_or_a_clear_error(blobs, batch_norm):
    X = blobs[0].astype(float)
    X[::7, 1] = 1e30
    model = classifier(network=Mlp((8, 8), batch_norm=batch_norm))
    try:
        model.fit(X, blobs[1])
    except FloatingPointError as error:
        assert "diverged" in str(error) or "not finite" in str(error)  # noqa: PT017
    else:
        sane(model, blobs[0])


def test_outputs_that_are_not_finite_are_an_error(blobs):
    model = classifier().fit(*blobs)
    with pytest.raises(FloatingPointError, match="1 of 2 rows"):
        model.predict_proba([[0, 0, 0, 0], [3e38, -3e38, 3e38, 3e38]])


def test_an_ensemble_has_the_mean_of_its_networks_probabilities(blobs):
    model = classifier(members=3, network=Mlp((8,), dropout=0.3)).fit(*blobs)
    logits = [network(blobs[0], training=False).numpy() for network in model.models_]
    assert not np.allclose(logits[0], logits[1])
    mean = np.mean([softmax(part.astype(float), axis=1) for part in logits], axis=0)
    np.testing.assert_allclose(model.predict_proba(blobs[0]), mean, atol=1e-6)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(blobs[0]), model.predict_proba(blobs[0]))


def test_the_first_network_of_an_ensemble_is_the_one_that_is_fitted_alone(blobs):
    alone, ensemble = (classifier(members=members).fit(*blobs) for members in (1, 2))
    assert ensemble.histories_[0].curve == alone.histories_[0].curve
    for found, expected in zip(
        ensemble.models_[0].get_weights(), alone.models_[0].get_weights(), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_an_ensemble_counts_its_epochs_on_and_shares_the_time(blobs):
    seen = []
    classifier(members=3, report=lambda epoch, values: seen.append(epoch)).fit(*blobs)
    assert seen == [*range(1, 16)]
    late = classifier(members=3, deadline=time.monotonic() - 1.0).fit(*blobs)
    assert [len(history.epoch_s) for history in late.histories_] == [1, 1, 1]


@pytest.fixture(scope="module")
def three_networks(blobs):
    return classifier(members=3).fit(*blobs)


@pytest.mark.parametrize(
    ("last", "trained", "notes"),
    [
        (1, 1, ("stopped on request after epoch 1 of 5", "stopped on request with 1 of 3 networks")),
        (5, 1, ("stopped on request with 1 of 3 networks",)),
        (7, 2, ("stopped on request after epoch 2 of 5", "stopped on request with 2 of 3 networks")),
        (13, 3, ("stopped on request after epoch 3 of 5",)),
        (15, 3, ()),
    ],
)
def test_an_ensemble_that_is_asked_to_stop_trains_no_further_network(
    blobs, three_networks, last, trained, notes
):
    seen = []

    def report(epoch, values):
        seen.append(epoch)
        return epoch != last

    model = classifier(members=3, report=report).fit(*blobs)
    assert seen == [*range(1, last + 1)]
    assert len(model.models_) == len(model.histories_) == trained
    assert model.notes_ == notes
    for found, expected in zip(model.models_[: trained - 1], three_networks.models_, strict=False):
        for weights, same in zip(found.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_array_equal(weights, same)
    np.testing.assert_allclose(model.predict_proba(blobs[0]).sum(axis=1), 1.0, rtol=1e-6)


def test_an_ensemble_of_no_network_is_refused(blobs):
    with pytest.raises(ValueError, match="members must be at least 1, got 0"):
        classifier(members=0).fit(*blobs)
