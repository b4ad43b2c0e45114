"""Which searches a run has: one a model and split, on inner splits of that split's train rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from suite.config import RunConfig
from suite.errors import UsageError, listed
from suite.metrics import METRICS, OF_ONE_CLASS
from suite.models.catalogue import MODELS, ModelChoice, configured
from suite.names import derive_seed
from suite.planning.cells import is_seeded, versions_of, work_of
from suite.protocol import Protocol
from suite.schema import Dataset, ModelSpec, Split, Tuning, Variant, Work
from suite.schema.tuning import Origin
from suite.tuning import sampler
from suite.tuning.budget import SearchBudget, parse
from suite.tuning.study import Study

ORIGINS: dict[Variant, tuple[Origin, ...]] = {
    "portfolio": ("default", "portfolio"),
    "tuned": ("default", "portfolio", "sampled"),
}
"""Which trials a row is the best of."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of all searches of a run."""

    budget: SearchBudget
    metric: str
    """What trials are judged by."""
    variants: tuple[Variant, ...]
    """The rows that come of it: `portfolio`, `tuned`, both or, for an ensemble alone, none."""
    ensemble: bool
    positive: str | None = None
    """The class that the board's metrics are about, if the user has named one."""

    @classmethod
    def of(cls, config: RunConfig) -> Asked | None:
        """Return what a configuration asks for; None if nothing is searched.

        Raises
        ------
        UsageError
            If the budget cannot be read, or there is no such metric.
        """
        METRICS[config.tune_for]  # Raises UnknownName.
        if not config.searches:
            return None
        if config.tune is not None:
            budget = replace(parse(config.tune), portfolio=config.portfolio)
        else:
            text = "default" if config.portfolio is None else f"portfolio {config.portfolio}"
            budget = SearchBudget(text=text, portfolio=config.portfolio or 0)
        variants: list[Variant] = ["portfolio"] if config.portfolio is not None else []
        variants += ["tuned"] if config.tune is not None else []
        return cls(
            budget=budget,
            metric=config.tune_for,
            variants=tuple(variants),
            ensemble=config.ensemble,
            positive=config.positive,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Search:
    """A search for the parameters of one model on one split."""

    choice: ModelChoice
    dataset: Dataset
    split: Split
    inner: tuple[Split, ...]
    n_seeds: int
    """Of the cells that come of it, where the seed moves them; trials have seed 0."""
    asked: Asked
    packages: Mapping[str, str | None]

    @property
    def fixed(self) -> dict[str, Any]:
        """The parameters that the user has set: no search changes them."""
        choice = self.choice
        return {k: v for k, v in choice.params.items() if choice.spec.settable.get(k) != v}

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The rows that come of it; none for a model without anything to search, which is in for the ensemble."""
        return tuple(v for v in self.asked.variants if can_search(self.choice.spec, v))

    @property
    def is_sampled(self) -> bool:
        """Whether it goes on beyond the portfolio, for as long as its budget allows."""
        return self.asked.budget.samples and "tuned" in self.variants and self.choice.spec.space is not None

    @property
    def most_trials(self) -> int:
        """How many trials it may have, where its budget counts trials or there is nothing to sample."""
        if self.is_sampled and self.asked.budget.trials:
            return self.asked.budget.trials
        return 1 + (len(self.choice.spec.portfolio[: self.asked.budget.portfolio]) if self.variants else 0)

    def study(self) -> Study:
        """Return the search as it begins."""
        spec, asked = self.choice.spec, self.asked
        has_rows = bool(self.variants)
        return Study(
            space=spec.space if has_rows else None,
            portfolio=spec.portfolio if has_rows else (),
            fixed=self.fixed,
            defaults={**spec.settable, **self.choice.params},
            budget=asked.budget,
            sign=1 if METRICS[asked.metric].higher_is_better else -1,
            n_inner=len(self.inner),
            seed=derive_seed("search", self.dataset.name, self.split.id, self.choice.name),
        )

    def trial(self, params: Mapping[str, Any], fold: int) -> Work:
        """Return the cell of a trial, which sets parameters, on an inner split."""
        return work_of(
            self._with({**params, **self.fixed}),
            self.packages,
            self.dataset,
            self.inner[fold],
            seed=0,
            seeded=True,
            role="inner",
        )

    def chosen(self, variant: Variant, study: Study, found: Mapping[str, Any]) -> Iterator[Work]:
        """Yield the cells with what a search chose; `found` is what its fits say that a refit should have instead."""
        best = study.best(ORIGINS[variant])
        trials = tuple(trial for trial in study.trials if trial.origin in ORIGINS[variant])
        budget, sampled = self.asked.budget, any(trial.origin == "sampled" for trial in trials)
        n_entries = sum(trial.origin == "portfolio" for trial in trials)
        tuning = Tuning(
            method="portfolio" if variant == "portfolio" else "search",
            trials=len(trials),
            seconds=round(sum(trial.seconds for trial in trials), 6),
            inner_score=best.trial().score,
            budget=f"portfolio {n_entries}" if variant == "portfolio" else budget.text,
            metric=self.asked.metric,
            sampler=sampler.described() if sampled else "",
            inner_splits=len(self.inner),
            chosen=best.number,
            history=trials,
        )
        # The default stays as its entry has it, whatever it found.
        # What a fit has found stands for what it was given, by the user too: rounds with early stopping are a bound.
        choice = self._with({**best.params, **self.fixed, **found}) if best.number else self.choice
        moves = is_seeded(choice, self.dataset, self.split)
        for seed in range(self.n_seeds if moves else 1):
            work = work_of(
                choice,
                self.packages,
                self.dataset,
                self.split,
                seed=seed,
                seeded=moves,
                variant=variant,
                search=" ".join([tuning.budget, "by", tuning.metric, *map(repr, sorted(self.fixed.items()))]),
            )
            yield replace(work, tuning=tuning)

    def default(self, seed: int) -> Work:
        """Return the cell of the model as it is."""
        moves = is_seeded(self.choice, self.dataset, self.split)
        return work_of(
            self.choice, self.packages, self.dataset, self.split, seed=seed if moves else 0, seeded=moves
        )

    def _with(self, params: Mapping[str, Any]) -> ModelChoice:
        """Return the model with parameters set, under the name that the run has for it."""
        if not params:
            return self.choice
        choice = configured(self.choice.spec, params)
        return choice._replace(name=self.choice.name)


def check_models(asked: Asked, models: Sequence[ModelChoice]) -> None:
    """Refuse searches among models of which none has anything to search, with a `UsageError`."""
    for variant in asked.variants:
        if not any(can_search(choice.spec, variant) for choice in models):
            flag = "--portfolio" if variant == "portfolio" else "--tune"
            others = listed([name for name, spec in MODELS.items() if can_search(spec, variant)])
            named = listed([choice.name for choice in models])
            raise UsageError(
                f"{flag} has nothing to try with {named}; add a model that it has something for: {others or 'none'}"
            )


def check_tables(asked: Asked, tables: Mapping[str, Sequence[str]]) -> None:
    """Refuse searches by a metric that some of these tables, with their classes, cannot have, with a `UsageError`."""
    if asked.positive is not None and asked.metric in (*OF_ONE_CLASS, "average_precision"):
        raise UsageError(
            f"a search by {asked.metric} is of the rarer class, whatever --positive says: search by another metric, "
            "such as --tune-for log_loss"
        )
    for table, classes in tables.items():
        if asked.metric in OF_ONE_CLASS and len(classes) != 2:
            raise UsageError(
                f"{asked.metric} is of one class, and {table} has {len(classes)}: search by another metric, such as "
                f"--tune-for macro_f1"
            )


def can_search(spec: ModelSpec, variant: Variant) -> bool:
    """Tell whether a search among what an entry has can give such a row."""
    return bool(spec.portfolio) or (spec.space is not None and variant == "tuned")


def searches_of(
    models: Sequence[ModelChoice], dataset: Dataset, splits: Sequence[Split], seeds: int, asked: Asked
) -> list[Search]:
    """Return the searches of one data set, split by split.

    Raises
    ------
    UsageError
        If no rows of a split can serve the choice.
    """
    found = []
    for split in splits:
        try:
            inner = tuple(Protocol.parse(split.protocol).inner_splits(split, dataset))
        except UsageError as error:
            raise UsageError(
                f"no search on {dataset.name}: its train rows cannot be split ({error})"
            ) from error
        for choice in models:
            search = Search(
                choice=choice,
                dataset=dataset,
                split=split,
                inner=inner,
                n_seeds=seeds,
                asked=asked,
                packages=versions_of(choice.spec),
            )
            if search.variants or (asked.ensemble and choice.spec.family != "baseline"):
                found.append(search)
    return found
