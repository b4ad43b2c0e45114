"""What a search tries next: Optuna's TPE, told of all that was tried before."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from suite.provenance import package_version

if TYPE_CHECKING:
    import optuna

Space = Callable[[Any], dict[str, Any]]
"""Called with an Optuna trial, returns the parameters to be set."""
OPTIONS: dict[str, Any] = {"n_startup_trials": 10, "multivariate": True, "constant_liar": True}
"""Of `optuna.samplers.TPESampler` (Bergstra et al. 2011; Watanabe 2023, arXiv:2304.11127): named, for Optuna 5 changed
its defaults."""
TRIES = 20
"""How often another configuration is asked for, where one was tried before: a small space has no more."""


def described() -> str:
    """Return the sampler with its version and its options, as records have it."""
    options = ", ".join(f"{name}={value}" for name, value in OPTIONS.items())
    return f"optuna {package_version('optuna')} TPESampler({options})"


def canonical(params: Mapping[str, Any]) -> str:
    """Return parameters as text, equal for equal ones."""
    return json.dumps(params, sort_keys=True, default=str)


def lies_in(space: Space, params: Mapping[str, Any], fixed: Collection[str] = ()) -> bool:
    """Tell whether a space can give exactly these parameters, whatever those are that are `fixed`."""
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values outside of a range: the answer is no then
        try:
            trial = optuna.trial.FixedTrial(dict(params))
            found = {**space(trial), **{name: params[name] for name in fixed}}
            inside = all(
                distribution._contains(distribution.to_internal_repr(trial.params[name]))
                for name, distribution in trial.distributions.items()
                if name not in fixed
            )
        except (KeyError, ValueError, TypeError):
            return False
    return inside and canonical(found) == canonical(params)


def proposals(
    space: Space,
    tried: Sequence[tuple[Mapping[str, Any], float | None]],
    n: int,
    seed: int,
    fixed: Mapping[str, Any] = MappingProxyType({}),
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Return up to `n` configurations that were not tried yet, all with what is `fixed`; fewer if there are no more.

    Each of `tried` stands with its loss, None if it has none: those that the space cannot give, such as defaults from
    outside, teach the sampler nothing. Where a configuration does not set a parameter, it is that of `defaults`. Equal
    arguments give equal proposals: they do not depend on what runs meanwhile.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, **OPTIONS)
    study = optuna.create_study(direction="minimize", sampler=sampler)
    study.add_trials(_told(space, tried, fixed))
    known = {canonical({**defaults, **params}) for params, _ in tried}
    found: list[dict[str, Any]] = []
    for _ in range(n + TRIES):
        params = {**_short(space, space(study.ask())), **fixed}
        if (text := canonical({**defaults, **params})) not in known:
            known.add(text)
            found.append(params)
        if len(found) == n:
            break
    return found


def _short(space: Space, params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with numbers that one can type: four digits are as good as all, if they lie in the space."""
    short = {
        name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in params.items()
    }
    return short if lies_in(space, short) else params


def _told(
    space: Space, tried: Iterable[tuple[Mapping[str, Any], float | None]], fixed: Mapping[str, Any]
) -> list[optuna.trial.FrozenTrial]:
    import optuna

    told = []
    for params, loss in tried:
        if not lies_in(space, params, fixed):
            continue
        trial = optuna.trial.FixedTrial(dict(params))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is fixed outside of its range
            space(trial)
        varied = trial.distributions.keys() - fixed.keys()
        state = optuna.trial.TrialState.FAIL if loss is None else optuna.trial.TrialState.COMPLETE
        told.append(
            optuna.trial.create_trial(
                state=state,
                value=loss,
                params={name: trial.params[name] for name in varied},
                distributions={name: trial.distributions[name] for name in varied},
            )
        )
    return told
