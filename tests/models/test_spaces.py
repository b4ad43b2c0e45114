"""What a search may vary: every space is made of values that its entry takes, and holds its portfolio."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import optuna
import pytest

from suite.models import parameters
from suite.models.catalogue import MODELS, configured
from suite.schema import Context, Task

SEARCHED = [name for name, spec in MODELS.items() if spec.space]
TRIED = [(name, at) for name, spec in MODELS.items() for at in range(len(spec.portfolio))]
TASK = Task(
    kinds=("numeric", "categorical"),
    levels=(0, 3),
    n_train=100,
    n_features=2,
    n_classes=3,
    validation=np.arange(80, 100),
)


def drawn(name: str, n: int) -> list[dict[str, Any]]:
    space = MODELS[name].space
    assert space is not None
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [space(study.ask()) for _ in range(n)]


def test_every_model_but_the_floor_has_a_space_and_a_portfolio() -> None:
    assert MODELS.keys() - set(SEARCHED) == {"dummy"}
    assert {name for name, _ in TRIED} == set(SEARCHED)


@pytest.mark.parametrize(("name", "at"), TRIED)
def test_what_a_portfolio_tries_is_a_point_of_the_space(name: str, at: int) -> None:
    spec = MODELS[name]
    tried = dict(spec.portfolio[at])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Optuna only warns of a value that lies outside
        assert spec.space is not None
        assert spec.space(optuna.trial.FixedTrial(tried)) == tried


@pytest.mark.parametrize("name", SEARCHED)
def test_a_portfolio_tries_no_configuration_twice_and_never_the_default(name: str) -> None:
    spec = MODELS[name]
    names = [configured(spec, tried).name for tried in spec.portfolio]
    assert len({*names, spec.name}) == len(names) + 1


@pytest.mark.parametrize("name", SEARCHED)
def test_every_value_of_a_space_is_taken_and_changes_nothing_on_its_way(name: str) -> None:
    spec = MODELS[name]
    for options in drawn(name, 30):
        assert parameters.checked(spec, options) == options
        assert json.loads(json.dumps(options)) == options
        assert configured(spec, options).params.keys() <= spec.settable.keys()


@pytest.mark.parametrize("name", SEARCHED)
def test_a_model_is_built_from_every_configuration(name: str) -> None:
    spec = MODELS[name]
    for options in [*drawn(name, 3), *spec.portfolio]:
        assert spec.build(TASK, Context(seed=0, threads=1), **configured(spec, options).params) is not None


@pytest.mark.parametrize("name", SEARCHED)
def test_what_one_may_set_beyond_the_parameters_has_the_value_it_has_anyway(name: str) -> None:
    spec = MODELS[name]
    assert not spec.further.keys() & spec.params.keys()
    assert set(spec.draws) <= spec.further.keys()
    assert configured(spec, spec.further) == configured(spec, {})


def test_the_original_search_has_its_winner_as_the_default() -> None:
    space = MODELS["keras_tuned"].space
    assert space is not None
    winner = {"optimizer": "rmsprop", "epochs": 100, "batch_size": 64, "neurons": 128, "dropout": 0.3}
    assert space(optuna.trial.FixedTrial(winner)) == winner == MODELS["keras_tuned"].params
