"""How a job ended: the guard's report and the child's answer become a status by cause.

Memory is judged by what was seen. A child that the guard stopped for it, or the kernel, ran out of memory. One that
failed close to its limit did too, whatever its exception says: libraries name that failure in many ways, or crash.
Far below the limit only the words of an allocator count, since one request that is larger than everything allowed
fails without a trace in any reading.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from suite.supervision.channel import Message
from suite.supervision.guard import PREPARE_MB
from suite.supervision.stack import DUMPED, crash_in, without_extensions

JobStatus = Literal["ok", "timeout", "out_of_memory", "crash", "error"]
NEAR_FOR_ERROR, NEAR_FOR_CRASH = 0.9, 0.75
"""Shares of the memory limit from which a failure is put down to memory. Samples are 0.1 s apart and allocations
come in steps, so the last sample lies below the peak; an exception names its cause, a crash does not."""
WORTH_SAYING = 0.4
"""The share from which the message of a crash names the memory in use: one large request may have been its cause."""
ALLOCATORS_SAY = (
    "MemoryError",
    "bad_alloc",
    "bad_array_new_length",
    "Cannot allocate memory",
    "Unable to allocate",
    "Memory allocation still failed",
    "ResourceExhaustedError",
    "OOM when allocating",
    "can't start new thread",
    "Thread creation failed",
)
_LOG_TAIL = 4096
_LAST_LINES, _LINE = 5, 300


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a job may take; None is no limit."""

    time_s: float | None = None
    """Seconds between the beginning and the end of the worker's clock."""
    memory_mb: float | None = None
    """MB (10**6 bytes) of anonymous memory, of the child and all it starts, above what the child holds when its clock
    begins. Before that, imports and reading may take as much, and up to 2 GB in any case."""
    prepare_s: float = 120.0
    """Seconds for what comes before the clock, and again for what comes after it."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How one job ended."""

    status: JobStatus
    message: str
    """For a person: one line, and below it, for a crash, the last lines of what was written; empty for ``ok``."""
    phase: str
    """Where it ended: ``start`` (the program was not ready yet), ``idle`` (the job was not begun), ``prepare``
    (before the clock), ``run`` (the clock ran), ``finish`` and ``measure`` (after it). A fault in the first two is no
    model's."""
    header: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """The child's answer, when there is one."""
    payload: bytes = b""
    log: str = ""
    """Standard output and error since the last ending, together: head, a note of what was left out, tail. Of the
    stack that the interpreter writes as it crashes, the list of extension modules is left out."""
    exit_code: int | None = None
    """Of a child that ended by itself; minus the signal's number if a signal ended it."""
    seconds: float | None = None
    """On the clock; None if it never ran."""
    peak_mb: float | None = None
    """The largest sample of anonymous memory of the child and all it started, in MB."""
    growth_mb: float | None = None
    """The largest sample of what counts towards the memory limit, in MB."""
    strays: int = 0
    """Processes that a job left running, and that were ended."""


def judge(report: Message, answer: Message | None, limits: Limits, startup_limit: float) -> Ending:
    """Return how a job ended.

    The guard's report is ``ended`` (the child answered and lives) or ``exited``; its payload is the output. The child's
    answer, ``result`` or ``error``, counts only if the child lives.
    """
    facts, log = report.header, bytes(report.payload).decode(errors="replace")
    if facts.get("cause") == "exit":
        log = without_extensions(log)
    phase = facts.get("phase", "start")
    limited = limits.memory_mb if phase in ("run", "finish", "measure") else None
    share = (facts.get("growth_mb") or 0.0) / limited if limited else 0.0
    header: dict[str, Any] = {}
    payload = b""
    if report.type == "ended" and answer is not None:
        header = {key: value for key, value in answer.header.items() if key != "type"}
        payload = bytes(answer.payload)
        status, message = _answered(answer, share)
    else:
        usual = {"start": startup_limit, "run": limits.time_s}.get(phase, limits.prepare_s)
        limit = facts.get("limit_s", usual)
        status, message = _ended(facts, log, phase, limit, share)
    if status == "out_of_memory" and limits.memory_mb:
        first, *rest = message.split("\n")
        allowed = limited or max(limits.memory_mb, PREPARE_MB)
        message = "\n".join([f"{first} ({_mb(allowed)} allowed)", *rest])
    return Ending(
        status=status,
        message=message,
        phase=phase,
        header=MappingProxyType(header),
        payload=payload,
        log=log,
        exit_code=facts.get("status") if facts.get("cause") == "exit" else None,
        seconds=facts.get("seconds"),
        peak_mb=facts.get("peak_mb"),
        growth_mb=facts.get("growth_mb"),
        strays=facts.get("strays", 0),
    )


def _mb(amount: float) -> str:
    return f"{amount:.0f} MB" if amount >= 10 else f"{amount:.2g} MB"


def _answered(answer: Message, share: float) -> tuple[JobStatus, str]:
    if answer.type == "result":
        return "ok", ""
    failure = str(answer.header.get("failure", ""))
    first_line = failure.partition("\n")[0]
    if share >= NEAR_FOR_ERROR or any(words in failure for words in ALLOCATORS_SAY):
        return "out_of_memory", first_line
    return "error", first_line


def _ended(
    facts: Mapping[str, Any], log: str, phase: str, limit: float | None, share: float
) -> tuple[JobStatus, str]:
    cause, code = facts.get("cause"), facts.get("status")
    if cause == "time":
        doing = {"start": "was not ready", "prepare": "was not prepared", "run": "was not done"}
        return "timeout", f"{doing.get(phase, 'did not answer')} within {limit:g} s"
    if cause == "memory":
        return "out_of_memory", f"stopped with {_mb(facts.get('growth_mb', 0.0))} of memory in use"
    if cause != "exit" or code is None:
        return "crash", str(facts.get("fault", "closed its connection to the parent"))
    said, where = crash_in(log) if -code in DUMPED else (log, "")
    first = how_it_exited(code) + where
    lines = [line[:_LINE] for line in said.splitlines() if line][-_LAST_LINES:]
    message = "\n".join([first, *lines])
    if code == -signal.SIGKILL and facts.get("kernel_oom"):
        return "out_of_memory", "the system ran out of memory and ended it"
    if share >= NEAR_FOR_CRASH or (code != 0 and any(words in log[-_LOG_TAIL:] for words in ALLOCATORS_SAY)):
        return "out_of_memory", message
    if share >= WORTH_SAYING:
        message = "\n".join([f"{first} with {share:.0%} of the allowed memory in use", *lines])
    return "crash", message


def how_it_exited(code: int) -> str:
    """Put an exit code in words; minus a signal's number where a signal ended the process."""
    if code >= 0:
        return f"exited with code {code} before it answered"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"
