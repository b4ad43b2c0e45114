"""Every exception that suite raises on purpose; the command line prints one as a single line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from suite.harmless import one_line

_SHOWN = 30
_LINE = 300
_LONG_NAME = 100
_LONGEST = 4000
"""Characters of a message; a name in it may be as long as somebody likes."""
_PRONOUNS = frozenset(
    ["all", "another", "any", "both", "it", "none", "one", "other", "some", "that", "these", "this"]
)
"""Names that would be read as words of the sentence: `did you mean one?`."""


def in_one_line(kind: str, said: object) -> str:
    """Return an exception's kind and what it said in one line of at most 300 characters."""
    try:
        words = str(said)
    except Exception:
        words = "cannot tell its message"
    line = " ".join(f"{kind}: {words}".split()).removesuffix(":")
    return line if len(line) <= _LINE else line[: _LINE - 1] + "…"


def cut(name: str) -> str:
    """Return a name as a message shows it: its beginning, if it is long."""
    return name if len(name) <= _LONG_NAME else name[: _LONG_NAME - 1] + "…"


def listed(names: Sequence[str], most: int = _SHOWN) -> str:
    """Return names in a row, the first of them if they are many: `a, b and 70 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(_printable, names[:most])) + more


class SuiteError(Exception):
    """Anything that went wrong in a way a user can act on; as text it is one line that steers no terminal."""

    exit_code = 2

    def __str__(self) -> str:
        said = one_line(super().__str__())
        # Both ends: what was wrong stands first, the way out last.
        return said if len(said) <= _LONGEST else f"{said[: _LONGEST // 2]} … {said[-_LONGEST // 2 :]}"


class UsageError(SuiteError):
    """What was asked for cannot be done as asked."""


class NotChecked(UsageError):
    """What a strict run stops at: tables that have something to check before their scores are believed."""

    def __init__(self, findings: Mapping[str, Sequence[Any]]) -> None:
        first = next(iter(findings.values()))[0].text
        tables = ", ".join(f"{len(found)} in {_printable(name)}" for name, found in findings.items())
        super().__init__(f"--strict: there is something to check first ({tables}): {first}")
        self.findings = findings
        """The findings of each data set that has any, by its name."""


class UnknownName(UsageError):
    """A name that stands for nothing; the message offers the nearest names, and ends in what else may help."""

    def __init__(self, kind: str, name: str, known: Iterable[str], more: str = "") -> None:
        known = list(known)
        by_plain: dict[str, list[str]] = {}
        for one in known:
            by_plain.setdefault(_plain(one), []).append(one)
        close = (
            difflib.get_close_matches(_plain(name), by_plain, n=3, cutoff=cutoff) for cutoff in (0.8, 0.5)
        )
        nearest = [one for plain in next(filter(None, close), []) for one in by_plain[plain]][:3]
        if nearest:
            hint = f"did you mean {' or '.join(map(_offered, nearest))}?"
        else:
            hint = f"known: {listed(known)}" if known else "there is none"
        super().__init__(f"no {kind} named {cut(name)!r}; {hint}{more}")


def _plain(name: str) -> str:
    """Return what counts of a name when others are compared with it: neither case nor dashes before it."""
    return name.casefold().lstrip("-")


def _printable(name: str) -> str:
    name = cut(name)
    return name if name.isprintable() else repr(name)


def _offered(name: str) -> str:
    return repr(name) if name.lower() in _PRONOUNS else _printable(name)


class DataError(SuiteError):
    """A table that cannot be read, or cannot be classified as asked."""


class ModelFailedWarning(UserWarning):
    """Models that have no score in a run, or not in all of its cells; `suite.run` warns of them once."""


class ExportError(SuiteError):
    """A model that could not be exported, or not so that it gives what its record says."""

    exit_code = 1


class NothingRan(SuiteError):
    """A run in which no cell was left to do and none was found done."""

    exit_code = 3


class InvalidOutput(SuiteError):
    """Probabilities that are not probabilities: shape, sign, sum or finiteness is wrong."""


class RecordError(SuiteError):
    """A record on disk that cannot be read as one."""
