"""What every cell of a run may take: threads, cores, memory, time; and how many cells run at once."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from suite.config import RunConfig
from suite.errors import UsageError
from suite.provenance import usable_cores, usable_memory_mb
from suite.records import board_of
from suite.schema import Budget, Work
from suite.store import Store

MEMORY_SHARE = 0.8
_ATTEMPTED = attrgetter("dataset", "protocol", "split", "model", "variant", "seed")
"""What identifies a cell of one target, whatever the versions of packages and models."""


def decide(config: RunConfig, n_cells: int, recorded: int | None) -> Budget:
    """Return the budget of a run of `n_cells`, done or not.

    One thread budget holds for the whole output folder, so that its times and scores stay comparable: a folder
    whose records say otherwise keeps its own. In a fresh folder it is ``--threads``; without that 1 where the plan
    has more cells than there are cores, else the cores divided among the cells. (Cells that run in the parent's own
    process, one after the other, have all cores.) What the folder's records say is `recorded`, see
    `recorded_threads`.

    Raises
    ------
    UsageError
        If ``--threads`` differs from what is recorded.
    """
    cores, notes = usable_cores(), []
    asked = config.threads
    if asked is not None and asked > cores:
        notes.append(f"--threads {asked}: this machine has {cores} cores, so fits got {cores}")
        asked = cores
    if recorded is not None and asked is not None and recorded != asked:
        raise UsageError(
            f"the fits in {config.out} were run with {recorded} {'thread' if recorded == 1 else 'threads'} each and "
            f"--threads asks for {asked}: their times would not compare; name another folder with --out, or run all "
            "of them again with --fresh"
        )
    inline = config.executor == "inline"
    spread = cores if inline else max(1, cores // max(1, n_cells))
    threads = asked or recorded or spread
    most = max(1, cores // threads)
    workers = min(config.workers or most, most)
    if config.workers and config.workers > most:
        notes.append(f"--workers {config.workers}: {cores} cores with {threads} threads a fit allow {most}")
    if inline or config.timing == "exclusive":
        workers = 1
    return Budget(
        threads=threads,
        workers=workers,
        time_s=config.time_limit_s,
        memory_mb=memory_limit_mb(config, workers),
        notes=tuple(notes),
    )


def memory_limit_mb(config: RunConfig, workers: int = 1) -> float | None:
    """Return the memory limit of each worker in MB (10**6 bytes); None if the system does not say what there is."""
    if config.memory_limit_gb:
        return config.memory_limit_gb * 1000
    usable = usable_memory_mb()
    return None if usable is None else round(MEMORY_SHARE * usable / workers)


def recorded_threads(store: Store, works: Iterable[Work] = (), *, fresh: bool = False) -> int | None:
    """Return the threads a cell that a folder's records were made with; None if it has none.

    Only records with their predictions beside them count: the others, such as those of a repository's clone, have
    to be run again anyway. Records that the planned cells replace do not count either: those of earlier states of
    their tables and, if all are run again (`fresh`), their own.
    """
    works = list(works)
    tables = {
        (work.cell.dataset, work.cell.protocol, work.dataset.target): work.dataset.fingerprint
        for work in works
    }
    replaced = {(work.dataset.target, _ATTEMPTED(work.cell)) for work in works} if fresh else set()
    for record in store.scan():
        threads, table = record.resources.threads, board_of(record)
        if (
            record.is_run
            and record.predictions_sha256
            and threads
            and tables.get(table, record.fingerprint) == record.fingerprint
            and (record.target, _ATTEMPTED(record)) not in replaced
            and store.path_for(record).with_suffix(".npz").is_file()
        ):
            return threads
    return None
