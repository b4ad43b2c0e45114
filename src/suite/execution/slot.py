"""A worker's place: its cores, the warm child on them, and the cell that it has."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from suite import threads
from suite.datasets.column_store import Held
from suite.disk import remove_tree
from suite.errors import RecordError, in_one_line
from suite.execution.choice import library_of
from suite.execution.parcel import Parcel, unpack_output
from suite.locks import is_own, locked
from suite.models import plugin
from suite.neural import programs as compiled
from suite.schema import Budget, Failure, FitOutput
from suite.supervision.channel import Message
from suite.supervision.supervise import Child
from suite.supervision.verdict import Ending, Limits

COMMAND = (sys.executable, "-P", "-m", "suite.execution.worker")
PREPARE_S = 120.0
LOG_TAIL = 4000
YOUNG_S = 60.0
_SCRATCH, _LOCK = "suite-scratch-", ".lock"
_KINDS = {"timeout": "Timeout", "out_of_memory": "OutOfMemory", "crash": "Crash", "error": "Error"}


class Slot:
    """Some cores, a warm child on them, and perhaps a second one for a model of the user's own.

    Its cores follow from its position among the workers. In its folder `scratch`, made if it is not there, are files of
    probabilities. Trials may use the compiled programs in the folder `programs`.
    """

    def __init__(self, budget: Budget, position: int, scratch: Path, programs: Path | None = None) -> None:
        self._budget = budget
        self._programs = programs
        self._cores = budget.cores(position)
        self.scratch = scratch
        scratch.mkdir(exist_ok=True)
        self._warm: Child | None = None
        self._single: Child | None = None
        self._ending: list[Child] = []
        self._homes: dict[Child, str] = {}
        self._warming: str | None = None
        self._job: Mapping[str, Any] | None = None
        self._time_s: float | None = None
        self._handed: Mapping[str, Any] | None = None
        self.has_changed = False
        self.libraries: frozenset[str] = frozenset()

    @property
    def child(self) -> Child | None:
        """The child that has a job, or else the warm one."""
        return self._single or self._warm

    @property
    def busy(self) -> bool:
        """Whether a cell or a warm-up is at work."""
        return self._job is not None or self._warming is not None

    @property
    def starting(self) -> frozenset[str]:
        """The library that the warm child is importing."""
        return frozenset() if self._warming is None else frozenset({self._warming})

    def warm_up(self, model: str, library: str) -> None:
        """Start the warm child, which imports a library."""
        self._warm = self._start()
        self._warming = library
        header = {"job": "warm", "model": model, "threads": self._budget.threads}
        self._warm.submit(header, limits=Limits(prepare_s=PREPARE_S))

    def give(self, parcel: Parcel, table: Held) -> None:
        """Fit a cell: a model of the user's own in a fresh child, any other in the warm one."""
        self._job = parcel.header
        alone = parcel.header["alone"]
        # The child is in another folder.
        where = {"table": str(table.folder.absolute()), "scratch": str(self.scratch.absolute())}
        header = {**parcel.header, **where, "digest": table.digest}
        time_s = self._time_s = self._budget.seconds(parcel.time_s)
        prepare_s = plugin.start_limit(time_s) if alone else PREPARE_S
        limits = Limits(time_s=time_s, memory_mb=self._budget.memory_mb, prepare_s=prepare_s)
        if alone:
            child = self._single = self._start(plugin.environment())
        else:
            if self._warm is None or not self._warm.alive:
                self._replace()
            child = self._warm or self._start()
            self.libraries |= {library_of(parcel.header["model"])}
        child.submit(header, parcel.payload, limits=limits)

    def stop(self) -> None:
        """Ask the cell to stop fitting: the next report of its model returns False."""
        if self.child is not None:
            self.child.ask_to_stop()

    def hear(self, event: Message) -> None:
        """Keep what a cell hands over before its end."""
        if event.type == "output":
            self._handed = event.header

    def take(self, ending: Ending) -> FitOutput | None:
        """Take the ending of a job and be free again; return what became of the cell.

        That is None after a warm-up, and if the cell was not begun and has to be placed again: then `has_changed` says
        whether its columns were changed on disk.
        """
        self.has_changed = "changed" in ending.header
        warmed, self._warming = self._warming, None
        job, self._job = self._job, None
        handed, self._handed = self._handed, None
        if warmed and ending.status == "ok":
            self.libraries |= {warmed}
        output = None
        if job is not None and ending.phase not in ("start", "idle") and not self.has_changed:
            output = self._output(ending, job, handed)
        if self._single is not None:
            self._end(self._single)
            self._single = None
        elif ending.status not in ("ok", "error") or (output and output.status in ("out_of_memory", "crash")):
            self._replace()
        return output

    def interrupt(self) -> None:
        """Begin to end the children, without waiting."""
        for child in (self._single, self._warm):
            if child is not None:
                self._end(child)
        self._single = self._warm = None

    def close(self) -> None:
        """End the children and wait until they are gone."""
        self.interrupt()
        for child in self._ending:
            self._close(child)
        self._ending.clear()

    def _end(self, child: Child) -> None:
        """End a child without waiting for it; those that were ended earlier are gone by now."""
        child.interrupt()
        for earlier in self._ending:
            self._close(earlier)
        self._ending = [child]

    def _close(self, child: Child) -> None:
        child.close()
        remove_tree(Path(self._homes.pop(child)))

    def _start(self, variables: Mapping[str, str] | None = None) -> Child:
        """Start a child in an empty folder of its own."""
        # Where a data set lies is nothing that a child has to know.
        environment = {**threads.environment(self._budget.threads), "SUITE_DATA": "", **(variables or {})}
        home = tempfile.mkdtemp(prefix="home-", dir=self.scratch)
        if self._programs is not None:
            # TensorFlow reads it once: outer cells of this child have it too, and compile anew all the same.
            environment |= compiled.environment(self._programs, Path(home, "xla").absolute())
        child = Child(COMMAND, cwd=home, env=environment, cores=self._cores)
        self._homes[child] = home
        return child

    def _replace(self) -> None:
        if self._warm is not None:
            self._end(self._warm)
        self._warm, self.libraries = self._start(), frozenset()

    def _output(
        self, ending: Ending, job: Mapping[str, Any], handed: Mapping[str, Any] | None = None
    ) -> FitOutput:
        """Return what became of a cell: by the child's answer, or else by what it handed over before it ended."""
        packed, is_answer = ending.header.get("output"), True
        if packed is None and handed is not None:
            packed, is_answer = handed.get("output"), False
        n_rows = next(length for name, _, length in job["arrays"] if name == "test_rows")
        try:
            output = unpack_output(packed, self.scratch, n_rows, job["n_classes"]) if packed else FitOutput()
        except (OSError, ValueError, RecordError) as error:
            packed, output = None, FitOutput()
            ending = replace(ending, status="error", message=f"its probabilities were lost: {error}")
        if packed and not is_answer and handed is not None:
            why = ending.message.partition("\n")[0]
            output = output.unmeasured(str(handed.get("next"))[:60], why)
        notes = [*output.notes, *self._budget.notes]
        if ending.strays:
            notes.append(f"it left {ending.strays} processes running, which were ended")
        changes: dict[str, Any] = {
            "resources": replace(output.resources, threads=self._budget.threads),
            "notes": tuple(notes),
        }
        kept = ("ok", "skipped", "crash", "invalid_output")
        if not packed or (is_answer and output.status not in kept):
            changes |= {"status": ending.status, "failure": self._failure(ending, output)}
        return replace(output, **changes)

    def _failure(self, ending: Ending, output: FitOutput) -> Failure:
        reported = output.failure or _raised(ending.header)
        failure = Failure(
            kind=reported.kind or _KINDS[ending.status],
            message=reported.message or ending.message,
            log="\n".join(part for part in (reported.log, ending.log) if part)[-LOG_TAIL:],
        )
        if ending.status == "timeout" and ending.phase == "run":
            return replace(failure, limit=self._time_s)
        if ending.status == "out_of_memory":
            # Samples from outside may miss a peak that a living child measures itself.
            peaks = [peak for peak in (ending.peak_mb, output.resources.peak_rss_mb) if peak is not None]
            limit, peak_mb = self._budget.memory_mb, max(peaks, default=None)
            return replace(failure, message=ending.message, limit=limit, peak_mb=peak_mb)
        return failure


def _raised(header: Mapping[str, Any]) -> Failure:
    """Return the exception outside the model that a child's answer reports, if there was one."""
    if not (kind := header.get("kind")):
        return Failure(kind="")
    message = in_one_line(kind, header.get("message"))
    return Failure(kind=kind, message=message, log=header.get("traceback") or "")


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for files of children, and remove it in the end; those of runs that were killed are removed too.

    It is held by a kernel lock, which ends with its process however that ends. A process number would say nothing to
    another container that shares the folder for temporary files, but not the processes.
    """
    root = Path(tempfile.gettempdir())
    for left in root.glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError):
            # One that was just made may not be locked yet.
            if is_own(left) and time.time() - left.lstat().st_mtime > YOUNG_S:
                with locked(left / _LOCK, wait=False):
                    remove_tree(left)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=root))
    with contextlib.ExitStack() as held:
        held.callback(remove_tree, folder)
        # Where a file system has no locks, nobody removes what is left there.
        with contextlib.suppress(OSError):
            held.enter_context(locked(folder / _LOCK, wait=False))
        yield folder
