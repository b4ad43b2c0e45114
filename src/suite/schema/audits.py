"""What an audit finds: its codes, a finding, and the report on a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from suite.schema.bounds import Count, Share

Severity = Literal["error", "warning", "note"]
"""`error`: no score means anything; `warning`: scores may mean something else; `note`: worth knowing."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
Extent = Literal["quick", "full", "deep"]
"""`quick`: hashing and counting alone, as a run does for large tables; `deep`: with fits of a model."""
AUDIT_VERSION = 2
"""Raised when the same table gives other findings: reports of other versions are made anew."""
ROWS = 10
"""The most rows that a finding names."""


class Code(NamedTuple):
    """What a code stands for. Neither id nor name ever changes its meaning; new ones get new numbers."""

    id: str
    name: str
    severity: Severity
    """Unless a finding says otherwise."""
    meaning: str
    advice: str
    """What to do, unless a finding says it more exactly."""


_OVERRULE = "see with suite inspect how the column was read; --read COLUMN=HOW reads it otherwise"
_FILE = "correct the file, or read it as the finding says"
_CODES = (
    Code("SUI001", "no-information", "error", "no feature varies", "choose other columns with --keep"),
    Code("SUI002", "row-names", "warning", "rows are one cell longer than the names", _FILE),
    Code("SUI003", "second-header", "warning", "a row below the names may be more names", _FILE),
    Code("SUI004", "repeated-header", "warning", "the names stand among the rows", _FILE),
    Code(
        "SUI005",
        "target-copy",
        "warning",
        "a column repeats the target, but for a few rows",
        "leave the column out, which is what happens without --keep",
    ),
    Code(
        "SUI006",
        "repeated-rows",
        "warning",
        "test rows have a twin in train: all features are the same",
        "delete the copies, or split by a column that twins share: --protocol grouped:COLUMN",
    ),
    Code(
        "SUI007",
        "conflicting-labels",
        "warning",
        "rows with the same features have different labels",
        "look for the column that tells these rows apart, or correct the labels",
    ),
    Code(
        "SUI008",
        "predicts-target",
        "warning",
        "one column alone tells the class",
        "if it is known only after the class is, leave it out with --drop",
    ),
    Code(
        "SUI009",
        "noisy-copy",
        "warning",
        "one column alone tells the class nearly always, far better than any other",
        "if it is known only after the class is, leave it out with --drop",
    ),
    Code(
        "SUI010",
        "shifted-target",
        "warning",
        "a column holds the target of the row before or after",
        "move the column by one row, or leave it out with --drop",
    ),
    Code("SUI011", "no-header", "warning", "the file has no names of columns", _FILE),
    Code(
        "SUI012",
        "group-column",
        "warning",
        "a column names groups of rows that share their class",
        "split by group: --protocol grouped:COLUMN",
    ),
    Code(
        "SUI013",
        "time-drift",
        "warning",
        "the class depends on the features in another way later on",
        "test the latest rows: --protocol time:COLUMN",
    ),
    Code(
        "SUI014",
        "row-drift",
        "warning",
        "the class depends on the features in another way further down the table",
        "find out what orders the rows, and split by it with --protocol time:COLUMN or grouped:COLUMN",
    ),
    Code(
        "SUI015",
        "split-drift",
        "warning",
        "train and test rows can be told apart",
        "find out why they differ; scores hold for rows like those of test only",
    ),
    Code(
        "SUI016", "sorted-rows", "warning", "a column follows rows that are sorted by class", "leave it out"
    ),
    Code("SUI017", "two-readings", "warning", "cells can be read in two ways", _OVERRULE),
    Code("SUI018", "check-numbers", "warning", "numbers may not be comparable", _OVERRULE),
    Code("SUI019", "mixed-column", "warning", "a column holds numbers and text", _OVERRULE),
    Code("SUI020", "not-understood", "warning", "cells were not understood", _OVERRULE),
    Code("SUI021", "left-out", "warning", "a column that may matter was left out", "use it with --keep"),
    Code("SUI022", "encoding", "warning", "bytes of the file are no UTF-8", "save the file as UTF-8"),
    Code("SUI023", "lines-left-out", "warning", "lines below the table were left out", _FILE),
    Code("SUI024", "label-word", "warning", "a label looks like a word for missing", "correct the labels"),
    Code("SUI025", "label-case", "warning", "labels differ in case only", "correct the labels"),
    Code("SUI026", "missing-words", "warning", "a word for missing stands in many rows", _OVERRULE),
    Code("SUI027", "sentinel", "warning", "a number looks like a code for missing", _OVERRULE),
    Code("SUI028", "merged-cells", "warning", "cells of a spreadsheet were merged", "fill the cells"),
    Code("SUI029", "missing-labels", "warning", "many rows have no label", "fill in the labels"),
    Code("SUI030", "summary-row", "warning", "a row sums up others", "delete the row"),
    Code("SUI031", "identifier", "note", "a column counts or names the rows", "nothing: it is left out"),
    Code(
        "SUI032",
        "rare-class",
        "note",
        "a class has too few rows for the protocol",
        "merge it with another class, collect more rows, or take --protocol cv5",
    ),
    Code(
        "SUI033",
        "label-suspects",
        "note",
        "models are sure of another label: suspects, never verdicts",
        "look at these rows; of such suspects, people confirmed about half",
    ),
    Code(
        "SUI034",
        "near-duplicates",
        "note",
        "rows differ less than rows do as a rule",
        "look at these rows; if they are one case, keep them together with --protocol grouped:COLUMN",
    ),
    Code("SUI035", "junk-level", "note", "a level is a word for nothing", "say so: --missing COLUMN=WORD"),
    Code("SUI036", "class-order", "note", "the rows are sorted by class", "nothing: splits are shuffled"),
    Code(
        "SUI037", "reading-note", "note", "what reading the table changed", "suite inspect shows it by column"
    ),
    Code("SUI038", "no-feature", "note", "a column is no feature unless asked for", "use it with --keep"),
)
CODES: Mapping[str, Code] = MappingProxyType({code.name: code for code in _CODES})
"""All codes by name, the gravest first."""
GRAVITY: Mapping[str, int] = MappingProxyType({name: place for place, name in enumerate(CODES)})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a reader of the scores should check first: something a table's reading or audit came upon."""

    code: str
    """Stable and short, such as `two-readings`; see `CODES`."""
    text: str
    """One sentence: what was found, what was done, how to overrule it."""
    columns: tuple[str, ...] = ()
    """The columns it is about; none if it is about the whole table."""
    severity: Severity | None = None
    """None: that of its code."""
    number: float | None = None
    """How much of it there is: mostly a number of rows, as the text says."""
    effect: str = ""
    """What it does to scores, with a number; empty where that is not known."""
    rows: tuple[Count, ...] = ()
    """Up to ten rows that show it: positions from 0 among the rows that have a label."""
    advice: str = ""
    """What to do; empty: what its code says."""

    @property
    def id(self) -> str:
        """The number of its code, such as `SUI017`; empty if the code is of a later version."""
        return CODES[self.code].id if self.code in CODES else ""

    @property
    def grade(self) -> Severity:
        """How grave it is."""
        return self.severity or (CODES[self.code].severity if self.code in CODES else "warning")

    @property
    def to_do(self) -> str:
        """What to do."""
        return self.advice or (CODES[self.code].advice if self.code in CODES else "")


def by_harm(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, the gravest first."""
    return tuple(
        sorted(findings, key=lambda f: (SEVERITIES.index(f.grade), GRAVITY.get(f.code, len(GRAVITY))))
    )


def without_explained(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, without `predicts-target` of columns that name groups.

    A group tells the class of its rows. To drop its column hides that, as other columns may tell the group as well.
    """
    found = tuple(findings)
    groups = {name for finding in found if finding.code == "group-column" for name in finding.columns}
    return tuple(f for f in found if f.code != "predicts-target" or not groups.issuperset(f.columns))


@dataclass(frozen=True, kw_only=True)
class Twins:
    """Test rows of one split whose features stand in train as well: positions as in `Predictions.rows`, rising."""

    same: tuple[Count, ...] = ()
    """All twins have the row's label."""
    other: tuple[Count, ...] = ()
    """A twin has another label."""


@dataclass(frozen=True, kw_only=True, repr=False)
class AuditReport:
    """What an audit found in one state of a table under one protocol."""

    dataset: str
    fingerprint: str
    """Of the data set, see `Dataset.fingerprint`."""
    state: str
    """What tells states of the table apart, see `records.state_of`."""
    target: str
    protocol: str
    findings: tuple[Finding, ...] = ()
    """The gravest first."""
    version: int = AUDIT_VERSION
    extent: Extent = "full"
    n_rows: Count = 0
    n_features: Count = 0
    n_classes: Count = 0
    n_repeated: Count = 0
    """Rows that repeat the features of an earlier row."""
    ceiling: Share = 1.0
    """The best accuracy that any function of the features can reach on this table."""
    twins: Mapping[str, Twins] = field(default_factory=dict)
    """By split; without the splits whose twins are too many to be kept."""

    @property
    def grave(self) -> tuple[Finding, ...]:
        """The findings of severity warning or more."""
        return tuple(found for found in self.findings if found.grade != "note")

    def __repr__(self) -> str:
        """Say what was found, a finding a line, the gravest first."""
        size = f"{self.n_rows:,} rows x {self.n_features:,} columns, {self.n_classes:,} classes"
        title = f"{self.extent.capitalize()} audit of {self.dataset}: {size}, protocol {self.protocol}"
        lines = [f"{found.id} {found.grade} {found.code}: {found.text}" for found in self.findings]
        # Names of columns are the user's, and may hold what moves a terminal's cursor.
        return "\n".join(
            "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)
            for line in [title, *(lines or ["Nothing found"])]
        )
