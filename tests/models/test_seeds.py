"""Which models the seed moves: what an entry says is what two fits show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from suite.models.catalogue import MODELS, resolve
from suite.schema import Context, Kind, Task

pytestmark = [
    pytest.mark.usefixtures("few_steps"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]
# What the seed moves differs from the first step or tree on.
QUICK = {"epochs": 1, "n_estimators": 10, "max_iter": 20, "members": 2, "max_rounds": 20, "outer_bags": 2}
N, N_TEST = 400, 60


def numbers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(N + N_TEST, 4)).astype(np.float32), columns=list("abcd"))


def levels(n: int) -> pd.Categorical:
    codes = np.random.default_rng(n).integers(0, n, N + N_TEST)
    return pd.Categorical.from_codes(codes, pd.Index([f"level {i:03}" for i in range(n)]))


TABLES: dict[str, tuple[pd.DataFrame, tuple[Kind, ...]]] = {
    "numbers": (numbers(), ("numeric",) * 4),
    "few levels": (numbers().assign(a=levels(3)), ("categorical", "numeric", "numeric", "numeric")),
    "many levels": (numbers().assign(a=levels(40)), ("categorical", "numeric", "numeric", "numeric")),
    "text": (numbers().assign(a=levels(20), b=levels(90)), ("text", "categorical", "numeric", "numeric")),
}


def task_of(X: pd.DataFrame, kinds: tuple[Kind, ...], n_train: int) -> Task:
    return Task(
        kinds=kinds,
        levels=tuple(len(getattr(dtype, "categories", ())) for dtype in X.dtypes),
        n_train=n_train,
        n_features=X.shape[1],
        n_classes=2,
        validation=np.arange(0, n_train, 5),
    )


def says_and_does(
    model: str, X: pd.DataFrame, kinds: tuple[Kind, ...], quick: dict[str, int] = QUICK
) -> tuple[bool, bool]:
    """Return whether the entry says that the seed moves it, and whether two seeds differ."""
    spec, n_train = MODELS[model], len(X) - N_TEST
    task = task_of(X, kinds, n_train)
    signal = X.iloc[:, -1] + X.iloc[:, -2] ** 2
    y = (signal + np.random.default_rng(1).normal(size=len(X)) > 1).to_numpy().astype(int)
    params = {name: quick.get(name, value) for name, value in spec.params.items()}
    found = []
    for seed in (1, 2):
        fitted = spec.build(task, Context(seed=seed, threads=1), **params)
        with threadpool_limits(1):
            fitted.fit(X.iloc[:n_train], y[:n_train])
            found.append(np.asarray(fitted.predict_proba(X.iloc[n_train:])))
    return spec.moves_with_seed(task), not np.array_equal(*found)


# Networks take seconds each, and are moved whatever the table.
EVERY = [(model, table) for model in MODELS for table in TABLES]
FEW = [(model, table) for model, table in EVERY if MODELS[model].family != "neural" or table == "numbers"]


@pytest.mark.parametrize(("model", "table"), FEW)
def test_two_seeds_differ_where_the_entry_says_so(model: str, table: str) -> None:
    says, does = says_and_does(model, *TABLES[table])
    assert says == does


def test_some_entries_are_moved_by_every_seed_some_by_none_some_by_their_columns() -> None:
    moved = {
        table: {name for name, spec in MODELS.items() if spec.moves_with_seed(task_of(X, kinds, N))}
        for table, (X, kinds) in TABLES.items()
    }
    always = {name for name, spec in MODELS.items() if spec.family in ("neural", "tree ensemble")}
    always |= {"catboost", "ebm", "logistic_splines"}
    assert moved["numbers"] == moved["few levels"] == always
    assert moved["text"] == MODELS.keys() - {"dummy"}


@pytest.mark.parametrize("model", ["hist_gb", "lightgbm", "xgboost"])
def test_boosters_that_find_their_bins_in_a_sample_are_moved_beyond_its_size(model: str) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(260_000, 2)).astype(np.float32), columns=["a", "b"])
    quick = {"n_estimators": 3, "max_iter": 3}
    says, does = says_and_does(model, X, ("numeric", "numeric"), quick)
    assert says == does == (model != "xgboost")


@pytest.mark.parametrize(
    "option", ["subsample=0.5", "colsample_bytree=0.5", "extra_trees=True", "max_features=0.5"]
)
def test_a_parameter_that_brings_chance_in_lets_the_seed_move_its_model(option: str) -> None:
    X, kinds = TABLES["numbers"]
    task, named = task_of(X, kinds, N), option.partition("=")[0]
    moved = [model for model, spec in MODELS.items() if named in spec.draws]
    assert moved
    for model in moved:
        assert resolve(f"{model}:{option}").spec.moves_with_seed(task)
        assert not MODELS[model].moves_with_seed(task)
        changed = resolve(f"{model}:{option}").params
        params = {name: QUICK.get(name, value) for name, value in changed.items()}
        probas = []
        with threadpool_limits(1):
            for seed in (1, 2):
                fitted = MODELS[model].build(task, Context(seed=seed, threads=1), **params)
                probas.append(fitted.fit(X[:N], np.arange(N) % 2).predict_proba(X))
        assert not np.array_equal(*probas)
