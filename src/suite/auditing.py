"""Audit a table: load it, split it as a run would, look for faults, and keep what was found."""

from __future__ import annotations

import contextlib
import shlex
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from suite.config import DataConfig, RunConfig, to_arguments
from suite.errors import SuiteError, UnknownName, UsageError
from suite.protocol import Protocol
from suite.records import state_of, table_state
from suite.schema import CODES, AuditReport, Dataset, Finding, Record, Split
from suite.schema.audits import Extent, by_harm

if TYPE_CHECKING:
    from suite.checks.repeats import Repeats
    from suite.checks.survey import Surveyed
    from suite.planning.plan import Plan
    from suite.store import Store

MODEL = "hist_gb"
"""What `--deep` fits."""
MOST_DEEP = 2
"""Findings of a kind that `--deep` looks into: the gravest."""
MOST_CELLS = 900_000
"""Rows x columns of a table, those left out included, up to which a run makes all checks."""
MOST_IN_TREES = 200_000
"""The same for what trees learn from, see `suite.checks.survey.in_trees`."""
Score = Callable[[RunConfig], float]
"""Runs one model and returns its accuracy."""


def audited(
    config: DataConfig,
    protocol: str | None,
    store: Store,
    score: Score | None,
    *,
    near_duplicates: bool = False,
) -> AuditReport:
    """Return what is found in a table under a protocol, the data set's own if none is named; it is kept in the store.

    With `score`, groups and times that were found are looked into by fits of a model. Stored predictions on the same
    table and protocol serve to find labels that may be wrong.

    Raises
    ------
    UsageError, DataError
        If the table, a column or the protocol is not what it should be.
    """
    from suite.checks.survey import survey
    from suite.datasets.catalogue import load

    rule = Protocol.parse(protocol) if protocol is not None else None
    dataset = load(config, rule, unused=True)
    rule = rule or Protocol.parse(dataset.protocol)
    splits = rule.splits(dataset)
    dataset = replace(dataset, notes=(*dataset.notes, *rule.remarks(dataset, splits)))
    table = _surveyed(dataset, splits)
    found, repeats = survey(table, near_duplicates=near_duplicates)
    findings = [*found, *_suspects(dataset, splits, store)]
    findings = [_with_command(finding, config) for finding in findings]
    if score:
        findings = list(_deepened(findings, config, rule, score))
    report = _report(dataset, splits, by_harm(findings), repeats, "deep" if score else "full")
    store.save_audit(report)
    return report


def audit_plan(plan: Plan) -> None:
    """Keep what is found in each table of a plan: in small ones by all checks, else by hashing and counting alone.

    Nothing is done where a report is kept already, but for a quick one of a small table. No run fails by it: what
    cannot be looked at or written is left aside.
    """
    boards: dict[tuple[str, str], tuple[Dataset, dict[str, Split]]] = {}
    for item in plan.cells:
        dataset, split = item.work.dataset, item.work.split
        boards.setdefault((dataset.name, split.protocol), (dataset, {}))[1][split.id] = split
    for dataset, splits in boards.values():
        first = next(iter(splits.values()))
        extents: tuple[Extent, ...] = ("full", "quick") if _is_small(dataset, splits) else ("quick",)
        known = plan.store.audit_of(dataset.fingerprint, _state(dataset), first.protocol)
        if known and (known.extent != "quick" or extents[0] == "quick"):
            continue
        for extent in extents:
            # The audit is an extra: the cells are done, and their boards are to be written.
            with contextlib.suppress(Exception):
                source = plan.sources[dataset.name]
                plan.store.save_audit(_by_itself(dataset, source, list(splits.values()), extent))
                break


def _is_small(dataset: Dataset, splits: Mapping[str, Split]) -> bool:
    """Return whether all checks of a table take about 0.7 s of processor time, reading it once more included."""
    from suite.checks.survey import in_trees

    n_cells = len(dataset.y) * (len(dataset.kinds) + len(dataset.dropped))
    return n_cells <= MOST_CELLS and in_trees(_surveyed(dataset, list(splits.values()))) <= MOST_IN_TREES


def _by_itself(dataset: Dataset, source: DataConfig, splits: Sequence[Split], extent: Extent) -> AuditReport:
    """Return what a run finds in a table without being asked."""
    from suite.checks.survey import quick, survey

    if extent == "quick":
        return _report(dataset, splits, *quick(_surveyed(dataset, splits)), extent)
    if set(dataset.dropped) - set(source.drop):
        from suite.datasets.catalogue import load

        # Plans are without the columns that are left out, which may name groups.
        again = load(source, Protocol.parse(splits[0].protocol), unused=True)
        if _state(again) == _state(dataset):
            dataset = replace(dataset, unused=again.unused)
    findings, repeats = survey(_surveyed(dataset, splits))
    return _report(dataset, splits, [_with_command(f, source) for f in findings], repeats, extent)


def codes_named(names: Iterable[str]) -> set[str]:
    """Return codes by their name or number, in any case.

    Raises `UnknownName` if there is no such code.
    """
    by_name = {word.casefold(): code.name for code in CODES.values() for word in (code.id, code.name)}
    found = set()
    for name in names:
        if name.casefold() not in by_name:
            raise UnknownName("code", name, [*CODES, *(code.id for code in CODES.values())])
        found.add(by_name[name.casefold()])
    return found


def without(report: AuditReport, codes: Collection[str]) -> AuditReport:
    """Return a report without the findings of some codes."""
    return replace(report, findings=tuple(f for f in report.findings if f.code not in codes))


def _surveyed(dataset: Dataset, splits: Sequence[Split]) -> Surveyed:
    from suite.checks.repeats import Positions
    from suite.checks.survey import Surveyed

    names = [str(name) for name in dataset.X.columns]
    series = (dataset.X.iloc[:, place] for place in range(len(names)))
    return Surveyed(
        columns=dict(zip(names, zip(dataset.kinds, series, strict=True), strict=True)),
        y=dataset.y,
        classes=dataset.classes,
        splits={split.id: Positions(split.train, split.test) for split in splits},
        protocol=splits[0].protocol,
        unused=dataset.unused,
        known=dataset.findings,
        notes=dataset.notes,
        dropped=dataset.dropped,
    )


def _report(
    dataset: Dataset, splits: Sequence[Split], findings: Sequence[Finding], repeats: Repeats, extent: Extent
) -> AuditReport:
    return AuditReport(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        state=_state(dataset),
        target=dataset.target,
        protocol=splits[0].protocol,
        findings=tuple(findings),
        extent=extent,
        n_rows=len(dataset.y),
        n_features=len(dataset.kinds),
        n_classes=len(dataset.classes),
        n_repeated=repeats.n_repeated,
        ceiling=repeats.ceiling,
        twins=repeats.twins,
    )


def _state(dataset: Dataset) -> str:
    return state_of(dataset.fingerprint, dataset.target, [str(name) for name in dataset.X.columns])


def _suspects(dataset: Dataset, splits: Sequence[Split], store: Store) -> list[Finding]:
    """Return what stored test predictions of the most accurate model say of the labels."""
    import numpy as np

    from suite.checks.suspects import find_suspects

    known = {split.id: split for split in splits}
    by_model: dict[str, dict[str, Record]] = defaultdict(dict)
    for record in store.records() if store.root.is_dir() else []:
        fits = record.is_run and record.status == "ok" and record.protocol == splits[0].protocol
        fits = fits and record.family != "baseline"
        fits = fits and record.classes == dataset.classes
        if fits and table_state(record) == _state(dataset) and record.split in known:
            by_model[record.model].setdefault(record.split, record)
    complete = {model: found for model, found in by_model.items() if len(found) == len(known)}

    def accuracy(model: str) -> float:
        return sum(record.metrics.get("accuracy") or 0.0 for record in complete[model].values())

    for model in sorted(complete, key=accuracy, reverse=True)[:1]:
        try:
            found = [store.predictions(record) for record in complete[model].values()]
        except SuiteError:
            break
        y, proba, rows = (
            np.concatenate([getattr(p, part) for p in found]) for part in ("y_true", "proba", "rows")
        )
        return find_suspects(y, proba, rows, model)
    return []


def _with_command(finding: Finding, config: DataConfig) -> Finding:
    """Return a finding about groups or times with the command that shows what they do."""
    kind = {"group-column": "grouped", "time-drift": "time"}.get(finding.code)
    if not kind:
        return finding
    run = _run(config, f"{kind}:{finding.columns[0]}")
    try:
        command = shlex.join(["suite", "run", *to_arguments(run)])
    except UsageError:
        command = f"suite.run({MODEL!r}, ..., protocol={run.protocol!r})"
    option = f"--protocol {shlex.quote(str(run.protocol))}"
    return replace(finding, advice=finding.advice.replace(option, command, 1))


def _run(config: DataConfig, protocol: str, encode: Sequence[str] = ()) -> RunConfig:
    data = replace(config, encode=(*config.encode, *encode))
    return RunConfig(
        models=(MODEL,), data=(data,), protocol=protocol, executor="inline" if encode else "local"
    )


def _deepened(
    findings: Sequence[Finding], config: DataConfig, rule: Protocol, score: Score
) -> Iterator[Finding]:
    """Yield findings, those about groups and times with what a model gets at random and by group or time."""
    random = rule.name if rule.kind in ("original", "holdout", "cv") else "holdout"
    looked_into: dict[str, int] = defaultdict(int)
    for finding in findings:
        looked_into[finding.code] += 1
        if finding.code not in ("group-column", "time-drift") or looked_into[finding.code] > MOST_DEEP:
            yield finding
            continue
        name = finding.columns[0]
        if finding.code == "group-column":
            chosen = {*config.keep, *config.encode, *(word.rpartition("=")[0] for word in config.read)}
            encode = () if name in chosen else (name,)
            plain = score(replace(_run(config, random), data=(replace(config, drop=_dropped(config, name)),)))
            there = score(_run(config, random, encode))
            grouped = score(_run(config, f"grouped:{name}", encode))
            effect = (
                f"{MODEL} gets {plain:.3f} without it and {there:.3f} with it where rows are split at random, "
                f"{grouped:.3f} with it where no group is in both train and test"
            )
        else:
            at_random, later = score(_run(config, random)), score(_run(config, f"time:{name}"))
            effect = (
                f"{MODEL} gets {at_random:.3f} where rows are split at random, {later:.3f} on the latest rows"
            )
        yield replace(finding, effect=effect)


def _dropped(config: DataConfig, name: str) -> tuple[str, ...]:
    taken = {*config.keep, *config.encode, *config.drop}
    return config.drop if name in taken else (*config.drop, name)
