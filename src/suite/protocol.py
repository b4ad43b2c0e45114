"""What a protocol is: the rule that says which rows train, which test, and which may serve a choice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from suite.errors import UnknownName, UsageError
from suite.names import slug
from suite.schema import Dataset, Split

if TYPE_CHECKING:
    import numpy as np

    from suite.dealing import Dealt

PROTOCOL_SEED = 42
"""The seed of every protocol; `--seeds` moves the models only."""
HOLDOUT_FRACTION = 0.2
VALIDATION_FRACTION = 0.2
INNER_FOLDS, INNER_ROWS = 3, 5_000
"""Train rows are split into so many folds for a search; from so many rows on, once."""
VALIDATION_VERSION = 1
"""Raised when other rows serve a choice: part of every cell's key."""
MOST_OFF = 0.1
"""The share of the rows by which a test set may differ from what was asked for without a note."""

PROTOCOLS = {
    "original": "the data set's own split (only for data sets that have one)",
    "holdout[:FRACTION]": f"one stratified split; FRACTION of the rows tested, by default {HOLDOUT_FRACTION}",
    "cvK": "stratified K-fold cross-validation, such as cv5",
    "cvKxR": "the same, repeated R times with other shuffles, such as cv5x3",
    "grouped:COLUMN": "a holdout by group: no value of COLUMN in train and test; also :holdout:0.3, :cv5, :cv5x3",
    "time:COLUMN": "the last rows by COLUMN tested, all before them trained on; also :holdout:0.3, :cv4 (forward)",
    "predefined:COLUMN": "as COLUMN says: train, test and validation, or folds, each value tested once",
}
"""What a protocol can be, each in one line."""

_RULE = r"holdout(?::[0-9.eE+-]+)?|[0-9]*\.[0-9]+|cv[0-9]{1,9}(?:x[0-9]{1,9})?"
_TAILED = re.compile(rf"(?P<column>.+?):(?P<rule>{_RULE})", re.DOTALL)
"""A column and the rule after it: the last words are the rule wherever they can be one."""
ByColumn = Literal["grouped", "time", "predefined"]
_BY_COLUMN: dict[str, ByColumn] = {"grouped": "grouped", "time": "time", "predefined": "predefined"}


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A rule by which a table is split, once or several times, and train rows are split again by the same rule."""

    kind: Literal["original", "holdout", "cv"] | ByColumn
    fraction: float = HOLDOUT_FRACTION
    """Share of the rows that is tested, where there are no folds."""
    folds: int = 1
    repeats: int = 1
    column: str = ""
    """The column of groups, times or predefined folds; empty for the other kinds."""

    @classmethod
    def parse(cls, text: str) -> Protocol:
        """Read a protocol's name.

        A column's name may hold colons: if the last words can be a rule (`cv5`, `holdout:0.3`), they are the rule. For
        a column named `a:cv5`, write `grouped:a:cv5:holdout`.

        Raises
        ------
        UsageError
            If there is no such protocol (`UnknownName`), or a number in it is out of its range.
        """
        head, _, rest = text.partition(":")
        if kind := _BY_COLUMN.get(head):
            return cls._with_column(kind, rest)
        if text == "original":
            return cls(kind="original")
        if head == "holdout":
            return cls(kind="holdout", fraction=_fraction(text))
        if not text.startswith("cv"):
            raise UnknownName("protocol", head, PROTOCOLS)
        match = re.fullmatch(r"cv([0-9]{1,9})(?:x([0-9]{1,9}))?", text)
        if not match:
            raise UsageError(
                f"no protocol named {text!r}; cross-validation is cvK or cvKxR, such as cv5 or cv5x3"
            )
        folds, repeats = int(match[1]), int(match[2] or 1)
        if folds < 2 or repeats < 1:
            raise UsageError(f"{text!r}: cross-validation takes at least 2 folds and 1 repeat")
        return cls(kind="cv", folds=folds, repeats=repeats)

    @classmethod
    def _with_column(cls, kind: ByColumn, rest: str) -> Protocol:
        if not rest:
            raise UsageError(f"{kind} takes a column, such as {kind}:NAME")
        tailed = _TAILED.fullmatch(rest) if kind != "predefined" else None
        if not tailed:
            return cls(kind=kind, column=rest)
        rule = tailed["rule"]
        plain = cls.parse(rule if rule[0] in "hc" else f"holdout:{rule}")
        if kind == "time" and plain.repeats > 1:
            raise UsageError(
                f"time has one order, so it cannot be repeated: take time:{rest.rpartition('x')[0]}"
            )
        return replace(plain, kind=kind, column=tailed["column"])

    @property
    def rule(self) -> str:
        """How rows are shared out, whatever the column: `holdout`, `holdout:0.3`, `cv5`, `cv5x3`."""
        if self.folds > 1:
            return f"cv{self.folds}" + (f"x{self.repeats}" if self.repeats > 1 else "")
        return "holdout" + (f":{self.fraction!r}" if self.fraction != HOLDOUT_FRACTION else "")

    @property
    def name(self) -> str:
        """The one canonical spelling: `holdout:0.20` is `holdout`, `cv5x1` is `cv5`."""
        if self.kind in ("original", "predefined"):
            return f"{self.kind}:{self.column}" if self.column else self.kind
        if not self.column:
            return self.rule
        is_short = self.rule == "holdout" and not _TAILED.fullmatch(self.column)
        return f"{self.kind}:{self.column}" + ("" if is_short else f":{self.rule}")

    @property
    def aside(self) -> dict[str, str]:
        """The column to put aside and how it is to be read, as `--read` says it; a time as features are."""
        return {self.column: "" if self.kind == "time" else "category"} if self.column else {}

    def splits(self, dataset: Dataset) -> list[Split]:
        """Return the splits of a data set, in order.

        Row positions are int32 where that holds them, in a seeded order, never sorted: a model that holds out the last
        rows it is given gets a fair sample. `original`, `holdout` and `cv` leave each class a train row; where a column
        decides, a class may have test rows only.

        Raises
        ------
        UsageError
            If the data set cannot be split so, as with fewer groups than folds.
        DataError
            If the column does not say of each row where it belongs.
        """
        if self.kind == "original" and dataset.protocol != "original":
            raise UsageError("this data set has no original split; take holdout, cvK or cvKxR")
        return [self._split(dataset, *dealt) for dealt in self._dealt(dataset)]

    def remarks(self, dataset: Dataset, splits: Sequence[Split]) -> list[str]:
        """Return, in sentences, how far splits by groups or times are from what was asked for."""
        if self.kind not in ("grouped", "time"):
            return []
        n, n_groups = len(dataset.y), dataset.aside[self.column].nunique()
        if self.kind == "grouped" and n_groups == n:
            return [
                f"every row is a group of its own in {self.column!r}: single rows are dealt, as with {self.rule}"
            ]
        asked = 1 / (self.folds + (self.kind == "time")) if self.folds > 1 else self.fraction
        furthest = max(splits, key=lambda split: abs(len(split.test) - asked * n))
        tested = len(furthest.test)
        if abs(tested - asked * n) <= max(1, min(asked / 2, MOST_OFF) * n):
            return []
        unit = "group" if self.kind == "grouped" else "time"
        return [
            f"{self.name} tests {tested:,} of {n:,} rows ({100 * tested / n:.3g} %) in {furthest.id}, where "
            f"{100 * asked:.3g} % were asked for: the rows of one {unit} stay together, and {self.column!r} has "
            f"{n_groups:,} of them"
        ]

    def validation(self, split: Split, dataset: Dataset) -> np.ndarray:
        """Return positions within a split's train rows that may serve a choice, the same for every model.

        About a fifth by the same rule: whole groups; the latest times; of predefined splits the rows of `validation`,
        or the fold after the tested one. Where there are none of these, and for the other kinds, a stratified fifth.
        They are int64, in a seeded order; there are none where the rule leaves none (a single group), or takes too much
        of train.
        """
        import numpy as np

        from suite import by_column, dealing

        y, seed = dataset.y[split.train], split.seed
        if not self.column:
            return dealing.fraction_of(y, VALIDATION_FRACTION, seed)
        column = dataset.aside[self.column]
        if self.kind == "predefined":
            rows = by_column.next_fold(column, split.train, split.test)
            if not len(rows):
                return dealing.fraction_of(y, VALIDATION_FRACTION, seed)
        elif self.kind == "time":
            rows = by_column.latest(column.iloc[split.train], VALIDATION_FRACTION)
        else:
            rows = by_column.whole_groups(y, column.iloc[split.train], VALIDATION_FRACTION, seed)
        return np.random.RandomState(seed).permutation(rows).astype(np.int64)

    def inner(self, split: Split, dataset: Dataset) -> Split:
        """Return the split of a split's train rows whose test rows are those of `validation`.

        It raises `UsageError` if there are none.
        """
        from suite.dealing import Dealt, others

        rows = self.validation(split, dataset)
        dealt = Dealt(split.train[others(rows, len(split.train))], split.train[rows])
        return replace(self._split(dataset, f"{split.id}-inner", split.seed, dealt), parent=split.id)

    def inner_splits(self, split: Split, dataset: Dataset) -> list[Split]:
        """Return the splits of a split's train rows by which parameters are chosen: by the protocol's own rule.

        Of fewer than 5,000 train rows three folds, stratified, of whole groups or forward in time; where that cannot
        be done, for predefined splits, and of more rows, the one of `inner`. It raises `UsageError` if there is none.
        """
        if len(split.train) >= INNER_ROWS or self.kind == "predefined":
            return [self.inner(split, dataset)]
        try:
            return list(self._inner_folds(split, dataset))
        except UsageError:
            return [self.inner(split, dataset)]

    def _inner_folds(self, split: Split, dataset: Dataset) -> Iterator[Split]:
        from suite import by_column, dealing

        y, seed = dataset.y[split.train], split.seed
        if self.column:
            column = dataset.aside[self.column].iloc[split.train]
            if self.kind == "time":
                dealt = list(by_column.in_time(column, INNER_FOLDS, self.fraction, seed))
            else:
                dealt = list(by_column.grouped(y, column, INNER_FOLDS, self.fraction, seed))
        else:
            dealt = list(dealing.folds(y, INNER_FOLDS, seed))
        for fold, (train, test) in enumerate(dealt):
            rows = dealing.Dealt(split.train[train], split.train[test])
            yield replace(self._split(dataset, f"{split.id}-inner{fold}", seed, rows), parent=split.id)

    def _dealt(self, dataset: Dataset) -> Iterator[tuple[str, int, Dealt]]:
        """Yield the id, the seed and the rows of each split."""
        from suite import by_column, dealing

        seed, y = PROTOCOL_SEED, dataset.y
        if self.kind == "original":
            yield f"original-{seed}", seed, dealing.original(y, self.fraction, seed)
        elif self.kind == "predefined":
            for name, dealt in by_column.predefined(dataset.aside[self.column], seed):
                yield f"predefined-{slug(name)}", seed, dealt
        else:
            prefix = self.kind if self.column else self.rule.replace(":", "")
            for repeat in range(self.repeats):
                for fold, dealt in enumerate(self._deal(dataset, seed := PROTOCOL_SEED + repeat)):
                    place = (f"r{repeat}" if self.repeats > 1 else "") + f"f{fold}"
                    yield f"{prefix}-{place if self.folds > 1 else seed}", seed, dealt

    def _deal(self, dataset: Dataset, seed: int) -> Iterable[Dealt]:
        """Return the rows of one repeat, fold by fold."""
        from suite import by_column, dealing

        if self.kind == "holdout":
            return [dealing.holdout(dataset.y, self.fraction, seed)]
        if self.kind == "cv":
            return dealing.folds(dataset.y, self.folds, seed)
        column = dataset.aside[self.column]
        if self.kind == "time":
            return by_column.in_time(column, self.folds, self.fraction, seed)
        return by_column.grouped(dataset.y, column, self.folds, self.fraction, seed)

    def _split(self, dataset: Dataset, name: str, seed: int, dealt: Dealt) -> Split:
        train, test = dealt
        if not len(test) or not len(train):
            raise UsageError(f"{self.name} leaves {len(train)} train and {len(test)} test rows: too few rows")
        if self.column and (dataset.y[train] == dataset.y[train[0]]).all():
            raise UsageError(
                f"{self.name} leaves one class to train on ({dataset.classes[dataset.y[train[0]]]!r}); "
                f"{self.column!r} and {dataset.target!r} go together"
            )
        sha256 = hashlib.sha256(f"{self.name} {name} {len(train)} {len(test)}\n".encode())
        sha256.update(train.astype("<i8").tobytes())
        sha256.update(test.astype("<i8").tobytes())
        width = "int32" if len(dataset.y) <= 2**31 else "int64"
        return Split(
            id=name,
            protocol=self.name,
            seed=seed,
            train=train.astype(width),
            test=test.astype(width),
            fingerprint=sha256.hexdigest(),
        )


def _fraction(text: str) -> float:
    _, colon, right = text.partition(":")
    try:
        fraction = float(right) if colon else HOLDOUT_FRACTION
    except ValueError:
        fraction = 0.0
    if not 0 < fraction < 1:
        raise UsageError(f"{text!r}: holdout takes the fraction of test rows, between 0 and 1, such as 0.2")
    return fraction
