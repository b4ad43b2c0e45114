"""Models with preprocessing of their own: the table they get, and what their parts are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    BaggingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from suite.datasets.column_store import plain_columns
from suite.features import raw
from suite.models import own, plugin
from suite.models.catalogue import MODELS, resolve
from suite.models.live import gather
from suite.schema import Context, Kind, Task

KINDS: tuple[Kind, ...] = ("numeric", "categorical", "boolean", "boolean", "datetime", "numeric")
NAMES = ["age [years]", "city", "member", "asked", "since", "income"]


def stored(n: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a table as data sets store it, with gaps in every column but `member`."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    gaps = rng.random((n, 6)) < 0.1
    gaps[0] = False
    numbers = {name: rng.normal(size=n) for name in ("age [years]", "income")}
    X = pd.DataFrame(
        {
            **numbers,
            "city": pd.Categorical(np.where(y, "Rome", rng.choice(["Oslo", "Bern"], n))),
            "member": rng.integers(0, 2, n).astype(np.float32),
            "asked": rng.integers(0, 2, n).astype(np.float32),
            "since": 1e9 + 86400.0 * rng.integers(0, 3000, n) + 0.25,
        }
    )[NAMES]
    for position in (0, 1, 3, 4, 5):
        X.isetitem(position, X.iloc[:, position].where(~gaps[:, position]))
    return X, y


def task_of(X: pd.DataFrame) -> Task:
    return Task(
        kinds=KINDS,
        levels=(0, 3, 0, 0, 0, 0),
        n_train=len(X),
        n_features=6,
        n_classes=2,
        validation=np.arange(10),
    )


def test_the_table_is_as_its_owner_knows_it() -> None:
    X, _ = stored()
    prepare = raw(task_of(X), as_text=True)
    assert prepare is not None
    table = prepare.fit_transform(plain_columns(X))
    assert list(table.columns) == NAMES
    assert table["member"].dtype == bool
    assert set(table["asked"].dropna()) == {True, False}
    assert isinstance(table["city"].dtype, pd.StringDtype)
    assert table["since"].dtype == "datetime64[us]"
    assert table["since"].iloc[0] == pd.Timestamp(X["since"].iloc[0], unit="s")
    pd.testing.assert_frame_equal(table.isna(), X.isna())


def test_a_boolean_with_gaps_in_train_stays_one_and_dates_may_be_far_off() -> None:
    X, _ = stored()
    X.loc[1, "since"] = pd.Timestamp("9999-12-31").as_unit("s").timestamp()
    X.loc[2, "since"] = 1e300
    prepare = raw(task_of(X))
    assert prepare is not None
    table = prepare.fit(X).transform(X[:1])
    assert (table["asked"].dtype, table["city"].dtype) == (object, X["city"].dtype)
    far = prepare.transform(X)["since"]
    assert far[1] == pd.Timestamp("9999-12-31")
    assert far.isna()[2]


def test_nothing_is_done_where_nothing_is_to_be_restored() -> None:
    assert raw(plugin.probe_task()) is None


def year(X: pd.DataFrame) -> pd.DataFrame:
    return X.apply(lambda column: column.dt.year.astype(float))


def own_pipelines() -> dict[str, Any]:
    numbers = ["age [years]", "income"]
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    constant = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(handle_unknown="ignore")
    )
    binned = make_pipeline(SimpleImputer(), KBinsDiscretizer(3, strategy="uniform"))
    dates = make_pipeline(FunctionTransformer(year), SimpleImputer())
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    by_kind = [
        ("numbers", SimpleImputer(), make_column_selector(dtype_include="number")),
        ("booleans", OneHotEncoder(), make_column_selector(dtype_include=["bool"])),
    ]
    return {
        "by name": [("n", StandardScaler(), numbers[:1]), ("b", binned, numbers[1:]), ("t", text, ["city"])],
        "booleans and dates": [
            ("b", text, ["member", "asked"]),
            ("d", dates, ["since"]),
            ("c", text, ["city"]),
        ],
        "encoders": [("t", TargetEncoder(), ["city"]), ("o", ordinal, ["city", "asked", "member"])],
        "by kind": [*by_kind, ("c", text, make_column_selector(dtype_include="category"))],
        "by text": [*by_kind, ("c", constant, make_column_selector(dtype_include=["str"]))],
        "by exclusion": [("c", text, make_column_selector(dtype_exclude=["number", "datetime"]))],
    }


@pytest.mark.parametrize("case", own_pipelines())
def test_a_pipeline_by_column_names_works_as_it_is(case: str) -> None:
    X, y = stored()
    columns = ColumnTransformer(own_pipelines()[case])
    given = make_pipeline(
        columns, FunctionTransformer(_dense), SimpleImputer(), DecisionTreeClassifier(max_depth=3)
    )
    (model,) = gather({"mine": given}, MODELS)
    built: Any = resolve(model).spec.build(task_of(X), Context(seed=0, threads=1))
    plain = plain_columns(X)
    built.fit(plain[:90], y[:90])
    proba = built.predict_proba(plain[90:])
    assert (proba.argmax(axis=1) == y[90:]).mean() > 0.8


def _dense(X: Any) -> Any:
    return X.toarray() if hasattr(X, "toarray") else X


@pytest.mark.parametrize(
    ("model", "picks"),
    [
        (LogisticRegression(), False),
        (make_pipeline(StandardScaler(), LogisticRegression()), False),
        (GridSearchCV(make_pipeline(ColumnTransformer([]), LogisticRegression()), {}), True),
        (VotingClassifier([("a", make_pipeline(ColumnTransformer([]), LogisticRegression()))]), True),
        (type("TableVectorizer", (), {})(), True),
    ],
)
def test_columns_picked_by_name_are_found_wherever_they_are(model: Any, picks: bool) -> None:
    assert own.picks_columns(model) == picks


def test_what_a_model_says_of_its_features_comes_first(tmp_path: Path) -> None:
    source = """
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

def make():
    return make_pipeline(ColumnTransformer([("all", "passthrough", [0])]), DecisionTreeClassifier())

make.features = "scaled"
"""
    (tmp_path / "mine.py").write_text(source)
    model: Any = plugin.factory_spec(f"{tmp_path}/mine.py:make").build(
        plugin.probe_task(), Context(seed=0, threads=1)
    )
    assert len(model) == 2


THREADS = Context(seed=3, threads=2)


def jobs(model: Any) -> dict[str, int | None]:
    own.set_seed_and_threads(model, THREADS)
    return {
        name.rpartition("n_jobs")[0].strip("_"): value
        for name, value in model.get_params(deep=True).items()
        if name.split("__")[-1] == "n_jobs"
    }


def test_threads_go_to_the_parts_that_compute_and_to_one_level_alone() -> None:
    knn, forest = KNeighborsClassifier(n_jobs=4), RandomForestClassifier(n_jobs=4)
    assert jobs(forest) == {"": 2}
    assert jobs(GridSearchCV(knn, {}, n_jobs=-1)) == {"": 1, "estimator": 2}
    assert jobs(OneVsRestClassifier(DecisionTreeClassifier(), n_jobs=4)) == {"": 1}
    assert jobs(BaggingClassifier(n_jobs=4)) == {"": 1}
    assert jobs(VotingClassifier([("a", knn), ("b", forest)])) == {"": None, "a": 2, "b": 2}
    assert jobs(StackingClassifier([("a", forest)], final_estimator=knn, n_jobs=2)) == {
        "": 1,
        "a": 2,
        "final_estimator": 2,
    }
    union = FeatureUnion([("a", SelectKBest())], n_jobs=4)
    columns = ColumnTransformer([("all", "passthrough", [0])], n_jobs=4)
    found = jobs(make_pipeline(columns, union, forest))
    assert found == {"columntransformer": 1, "featureunion": 1, "randomforestclassifier": 2}


def test_seeds_reach_all_parts_that_have_none() -> None:
    model = VotingClassifier([("a", RandomForestClassifier()), ("b", RandomForestClassifier(random_state=9))])
    assert own.set_seed_and_threads(model, THREADS)
    assert not own.set_seed_and_threads(model, THREADS)
    assert (model.estimators[0][1].random_state, model.estimators[1][1].random_state) == (3, 9)


def test_a_column_transformer_starts_no_processes() -> None:
    from joblib.externals.loky import reusable_executor

    X = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0)})
    columns = ColumnTransformer([("a", StandardScaler(), ["a"]), ("b", StandardScaler(), ["b"])], n_jobs=2)
    model = make_pipeline(columns, LogisticRegression())
    own.set_seed_and_threads(model, THREADS)
    before = reusable_executor._executor
    model.fit(X, np.arange(40) % 2)
    assert reusable_executor._executor is before
