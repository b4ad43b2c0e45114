"""What a table comes to before anything is fitted: rows, classes, columns, what to check."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from suite.report.blocks import Section, Sentences, kept
from suite.report.terminal import rendered
from suite.report.text import counted, inert, shortened
from suite.report.wording import CHECK_FIRST, LONG_NAME, NOTE, NOTES, about_left_out, first_to_check

if TYPE_CHECKING:
    from rich.console import RenderableType

    from suite.schema import Dataset

CLASSES = 10
"""So many classes are shown with their rows, the largest."""
COLUMNS = 20
"""So many columns of a kind are named."""


def data_parts(dataset: Dataset, *, width: int = 80) -> list[RenderableType]:
    """Return what a data set is, and then what to check about it, each with an empty line below."""
    heading = f"{dataset.name} ({dataset.file})" if dataset.file else dataset.name
    lines = [_rows(dataset), _classes(dataset), *_columns(dataset), *about_left_out(dataset.dropped)]
    lines += [shortened(inert(note), NOTE) for note in dataset.notes[:NOTES]]
    sections = [
        Section(shortened(inert(heading), width), [Sentences(lines)]),
        Section(CHECK_FIRST, [Sentences(first_to_check(dataset.findings, len(dataset.findings), NOTE))]),
    ]
    return rendered(kept(sections), width)


def _rows(dataset: Dataset) -> str:
    used = counted(len(dataset.kinds), "column")
    return f"{counted(len(dataset.y), 'row')}, {used} used, target {_name(dataset.target)}"


def _classes(dataset: Dataset) -> str:
    import numpy as np

    sizes = np.bincount(dataset.y, minlength=len(dataset.classes))
    largest = np.argsort(-sizes, kind="stable")[:CLASSES]
    rest = len(sizes) - len(largest)
    named = [f"{_name(dataset.classes[i])} {sizes[i]:,}" for i in sorted(largest)]
    more = f" and {rest:,} smaller ones" if rest else ""
    return f"{counted(len(sizes), 'class', 'classes')}: {', '.join(named)}{more}"


def _columns(dataset: Dataset) -> list[str]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, kind in zip(dataset.X.columns, dataset.kinds, strict=True):
        names[kind].append(_name(str(name)))
    return [
        f"{len(group):,} {kind}: {', '.join(group[:COLUMNS])}"
        + (f" and {len(group) - COLUMNS:,} more" if len(group) > COLUMNS else "")
        for kind, group in names.items()
    ]


def _name(text: str) -> str:
    return shortened(inert(text) or repr(text), LONG_NAME)
