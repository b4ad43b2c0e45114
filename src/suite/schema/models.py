"""What a model is, and what it may know of its job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from suite.schema.tables import Kind, empty

if TYPE_CHECKING:
    import numpy as np

Family = Literal[
    "baseline",
    "linear",
    "bayes",
    "neighbours",
    "kernel",
    "tree ensemble",
    "boosting",
    "neural",
    "ensemble",
    "custom",
]
"""Kinds of models, the simplest first."""
Preprocessing = Literal["scaled", "native", "raw"]
Report = Callable[[int, Mapping[str, float]], bool]


def keep_going(step: int, values: Mapping[str, float]) -> bool:
    """Take a progress report and never ask to stop."""
    return True


class Classifier(Protocol):
    """What every model builds: the part of scikit-learn's classifier that the harness calls."""

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from X of shape (n_samples, n_features) and integer labels y of shape (n_samples,)."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes), columns in the order of `classes_`."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a model may know of its job: plain data, no labels, no names."""

    kinds: tuple[Kind, ...]
    levels: tuple[int, ...]
    """Number of levels of each categorical or text column of the table; 0 for the others."""
    n_train: int
    n_features: int
    n_classes: int
    """Classes present among the train rows."""
    validation: np.ndarray
    """Positions within the train rows; the same for every model. A model need not use them."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a model is given to work with, and how it says how far it is."""

    seed: int
    threads: int
    deadline: float | None = None
    """A reading of `time.monotonic` at which the fit should have ended, or None."""
    report: Report = keep_going
    inner: bool = False
    """Whether the fit is a trial, whose time is not compared: programs compiled before may serve it."""


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A registry entry: how to build a fresh estimator."""

    name: str
    family: Family
    summary: str
    build: Callable[..., Classifier]
    """Called as `build(task, context, **params)`; imports its library itself."""
    params: Mapping[str, Any] = field(default_factory=empty)
    further: Mapping[str, Any] = field(default_factory=empty)
    """Parameters that one may set too, and what they are if nobody does; a cell has them only where they are set."""
    space: Callable[[Any], dict[str, Any]] | None = None
    """What a search varies: called with an Optuna trial, returns parameters to be set; None if there is nothing."""
    portfolio: tuple[Mapping[str, Any], ...] = ()
    """Parameters that did well on other tables, the best first; the model's file says where they come from."""
    requires: tuple[str, ...] = ()
    """Distributions whose versions are part of a cell's key; the last one names the library to warm up."""
    version: int = 1
    cost: float = 1.0
    """Times what its family takes, roughly: the long cells of a first run are begun first."""
    notes: tuple[str, ...] = ()
    """What a reader of a record should know of the recipe."""
    limits: Mapping[str, str | tuple[str | bool, ...]] = field(default_factory=empty)
    """What parameters take where scikit-learn cannot tell: an interval such as `[0, 1)`, or words and switches."""
    seeded: bool | Callable[[Task], bool] = True
    """Whether the seed changes what it predicts; a function of the task if the table decides."""
    draws: tuple[str, ...] = ()
    """Parameters of `further` that let the seed change it wherever they are set."""

    @property
    def settable(self) -> dict[str, Any]:
        """All parameters that one may set, with what they are otherwise."""
        return {**self.params, **self.further}

    @property
    def is_custom(self) -> bool:
        """Whether it is a user's own model rather than a registry entry."""
        return self.family == "custom"

    def moves_with_seed(self, task: Task) -> bool:
        """Tell whether two seeds can give different predictions; it looks at `kinds`, `levels` and `n_train` alone."""
        return self.seeded(task) if callable(self.seeded) else self.seeded


@dataclass(frozen=True, kw_only=True)
class LiveModel:
    """A model given in Python: pickled once, and unpickled only where it is fitted or looked at first."""

    name: str
    version: str
    """A digest of what was pickled."""
    pickled: bytes = field(repr=False)

    def __str__(self) -> str:
        return self.name


ModelRef = str | LiveModel
"""How a run names a model: registry name, `package.module:factory`, `file.py:factory`, or the object itself."""
