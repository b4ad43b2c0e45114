"""One table whose deciding column is written in many ways: each is read as the plain one is, or it is said first."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.column_store import plain_columns
from suite.models.catalogue import resolve
from suite.schema import Context, Task

ROWS = 600
RNG = np.random.default_rng(0)
SPEND = np.round(RNG.uniform(0, 9999, ROWS), 2)
NOISE = RNG.normal(size=(ROWS, 2)).round(4)
LABELS = np.where((SPEND > 5000) ^ (RNG.random(ROWS) < 0.04), "yes", "no")
SMALL = SPEND / 100
DAYS = [datetime.datetime(2020, 1, 1) + datetime.timedelta(days=int(x / 4), minutes=int(x)) for x in SPEND]
PLAIN = [f"{x:.2f}" for x in SPEND]


def written(values, form: str, thousands: str = ",", decimal: str = ".") -> list[str]:
    return [f"{x:{form}}".translate({ord(","): thousands, ord("."): decimal}) for x in values]


def some(word: str, count: int, cells=PLAIN) -> list[str]:
    where = set(np.random.default_rng(1).choice(ROWS, count, replace=False).tolist())
    return [word if i in where else cell for i, cell in enumerate(cells)]


def days(form: str) -> list[str]:
    return [f"{day:{form}}" for day in DAYS]


ISO = days("%Y-%m-%d")
CASES: dict[str, tuple[list[str], str]] = {
    "1,234.50": (written(SPEND, ",.2f"), ","),
    "1.234,50": (written(SPEND, ",.2f", ".", ","), ","),
    "1 234,50": (written(SPEND, ",.2f", " ", ","), ","),
    "1 234.50 nbsp": (written(SPEND, ",.2f", "\u00a0"), ","),
    "1'234.50": (written(SPEND, ",.2f", "'"), ","),
    "1_234": (written(SPEND, ",.0f", "_"), ","),
    "1,234": (written(SPEND, ",.0f"), ","),
    "1,234 in ;": (written(SPEND, ",.0f"), ";"),
    "12,5": (written(SMALL, ".1f", decimal=","), ","),
    "12,5 in tab": (written(SMALL, ".1f", decimal=","), "\t"),
    "12,5 in |": (written(SMALL, ".1f", decimal=","), "|"),
    "1,2E3 in ;": (written(SPEND, ".3E", decimal=","), ";"),
    "1.2e3": (written(SPEND, ".3e"), ","),
    "$1,234.50": ([f"${x}" for x in written(SPEND, ",.2f")], ","),
    "$ 1234": ([f"$ {x:.0f}" for x in SPEND], ","),
    "1234 USD": ([f"{x:.2f} USD" for x in SPEND], ","),
    "12,50 €": ([f"{x} €" for x in written(SMALL, ".2f", decimal=",")], ","),
    "£1.2k": ([f"£{x / 1000:.2f}k" for x in SPEND], ","),
    "k and plain": ([f"{x / 1000:.2f}k" if x >= 1000 else f"{x:.0f}" for x in SPEND], ","),
    "12.5%": ([f"{x:.1f}%" for x in SMALL], ","),
    "12.5 %": ([f"{x:.1f} %" for x in SMALL], ","),
    "% in half": ([f"{x:.1f}{'%' if i % 2 else ''}" for i, x in enumerate(SMALL)], ","),
    "12.5 kg": ([f"{x:.1f} kg" for x in SMALL], ","),
    "12.5kg": ([f"{x:.1f}kg" for x in SMALL], ","),
    "g and kg": ([f"{x:.0f} g" if x < 1000 else f"{x / 1000:.3f} kg" for x in SPEND], ","),
    "km/h": ([f"{x:.1f} km/h" for x in SMALL], ","),
    "°C": ([f"{x:.1f}°C" for x in SMALL], ","),
    "m²": ([f"{x:.1f} m²" for x in SMALL], ","),
    "years": ([f"{x:.0f} years" if x >= 1.5 else "1 year" for x in SMALL], ","),
    "<50": ([f"{x:.1f}" if x >= 5 else "<5" for x in SMALL], ","),
    ">90": ([f"{x:.1f}" if x < 95 else ">95" for x in SMALL], ","),
    "≥": ([f"≥{x:.1f}" for x in SMALL], ","),
    "50+": ([f"{x:.0f}" if x < 95 else "95+" for x in SMALL], ","),
    "~": ([f"~{x:.0f}" for x in SPEND], ","),
    "(negative)": ([f"({5000 - x:.2f})" if x < 5000 else f"{x - 5000:.2f}" for x in SPEND], ","),
    "minus sign": ([f"{x - 5000:.2f}".replace("-", "−") for x in SPEND], ","),
    "minus behind": ([f"{abs(x - 5000):.2f}{'-' if x < 5000 else ''}" for x in SPEND], ","),
    "plus": ([f"+{x:.2f}" for x in SPEND], ","),
    "excel text": ([f'="{x:.2f}"' for x in SPEND], ","),
    "apostrophes": ([f"'{x:.2f}'" for x in SPEND], ","),
    "blanks around": ([f"  {x:.2f} " for x in SPEND], ","),
    "zeros before": ([f"{x:08.2f}" for x in SPEND], ","),
    "two marks": ([f"{x:.1f}".replace(".", ",."[i % 2]) for i, x in enumerate(SMALL)], ","),
    "full width": ([f"{x:.0f}".translate({ord("0") + i: 0xFF10 + i for i in range(10)}) for x in SPEND], ","),
    "Unnamed unit": ([f"{x:.1f} mg/dL" for x in SMALL], ","),
    "MB and GB": ([f"{x:.0f}MB" if x < 1000 else f"{x / 1000:.3f}GB" for x in SPEND], ","),
    **{
        f"{word!r} in 2 %": (some(word, 12), ",")
        for word in [
            "",
            " ",
            "?",
            "N/A",
            "NA",
            "-",
            "--",
            "n/a",
            "null",
            "NULL",
            "None",
            "nan",
            "#DIV/0!",
            "#N/A",
            "unknown",
            "missing",
            "not available",
            "\\N",
            ".",
            "–",
            "(blank)",
            "x",
            "tba",
            "error",
            "k.A.",
        ]
    },
    "? in 5 %": (some("?", 30), ","),
    "a typo": (some("12.3.4", 1), ","),
    "a word": (some("see note", 1), ","),
    "three typos": ([{5: "1o2", 77: "l5", 300: "12..5"}.get(i, x) for i, x in enumerate(PLAIN)], ","),
    "NA in ;": (some("NA", 10, written(SPEND, ".2f", decimal=",")), ";"),
    "$ and N/A": (some("N/A", 12, [f"${x}" for x in written(SPEND, ",.2f")]), ","),
    "31/12/2024": (days("%d/%m/%Y"), ","),
    "12/31/2024": (days("%m/%d/%Y"), ","),
    "31.12.2024": (days("%d.%m.%Y"), ","),
    "31-12-2024": (days("%d-%m-%Y"), ","),
    "2024/12/31": (days("%Y/%m/%d"), ","),
    "12/31/24": (days("%m/%d/%y"), ","),
    "31 Dec 2024": (days("%d %b %Y"), ","),
    "Dec 31, 2024": (days("%b %d, %Y"), ","),
    "December 31, 2024": (days("%B %d, %Y"), ","),
    "31-Dec-24": (days("%d-%b-%y"), ","),
    "weekday": (days("%A, %d %B %Y"), ","),
    "with time": (days("%m/%d/%Y %H:%M"), ","),
    "am pm": (days("%m/%d/%Y %I:%M %p"), ","),
    "zone": (days("%Y-%m-%dT%H:%M:%SZ"), ","),
    "month": (days("%Y-%m"), ","),
    "month/year": (days("%m/%Y"), ","),
    "Dec 2024": (days("%b %Y"), ","),
    "20241231": (days("%Y%m%d"), ","),
    "202412": (days("%Y%m"), ","),
    "20241231 and NA": (some("NA", 12, days("%Y%m%d")), ","),
    "blank before ISO": ([f" {day}" for day in ISO], ","),
    "ISO and 0000-00-00": (some("0000-00-00", 12, ISO), ","),
    "ISO and N/A": (some("N/A", 12, ISO), ","),
    "ISO and a word": (some("soon", 1, ISO), ","),
    "h:m:s": ([f"{int(x) // 3600}:{int(x) // 60 % 60:02}:{int(x) % 60:02}" for x in SPEND], ","),
    "2h 50m": ([f"{int(x) // 60}h {int(x) % 60}m" for x in SPEND], ","),
}


@pytest.fixture(scope="module")
def score(tmp_path_factory) -> Callable[[list[str], str], tuple[dict[str, float], str]]:
    path = tmp_path_factory.mktemp("ways") / "t.csv"

    def score(cells: list[str], separator: str) -> tuple[dict[str, float], str]:
        mark = "," if separator == ";" else "."
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, delimiter=separator)
            writer.writerow(["spend", "a", "b", "y"])
            noise = [[f"{x:.4f}".replace(".", mark) for x in row] for row in NOISE]
            writer.writerows(
                [[cell, *row, label] for cell, row, label in zip(cells, noise, LABELS, strict=True)]
            )
        dataset = load(DataConfig(source=str(path), target="y"))
        X = plain_columns(dataset.X)
        train, test = np.arange(ROWS) % 3 > 0, np.arange(ROWS) % 3 == 0
        task = Task(
            kinds=dataset.kinds,
            levels=tuple(len(getattr(dtype, "categories", ())) for dtype in X.dtypes),
            n_train=int(train.sum()),
            n_features=X.shape[1],
            n_classes=2,
            validation=np.arange(10),
        )
        scores = {}
        for name in ("hist_gb", "logistic"):
            spec = resolve(name).spec
            params = {**spec.params, **({"max_iter": 25} if name == "hist_gb" else {})}
            model = spec.build(task, Context(seed=0, threads=1), **params)
            with threadpool_limits(1):
                model.fit(X[train], dataset.y[train])
                right = model.predict_proba(X[test]).argmax(axis=1) == dataset.y[test]
            scores[name] = float(right.mean())
        return scores, " ".join(found.text for found in dataset.findings)

    return score


@pytest.fixture(scope="module")
def plain(score) -> dict[str, float]:
    scores, findings = score(PLAIN, ",")
    assert findings == ""
    assert min(scores.values()) > 0.8
    return scores


@pytest.mark.parametrize("way", CASES)
def test_a_column_means_the_same_however_it_is_written(score, plain, way):
    scores, findings = score(*CASES[way])
    # A column whose cells are missing in some rows, or rounded to months, knows a little less.
    lost = {name: plain[name] - scores[name] for name in plain if plain[name] - scores[name] > 0.05}
    assert not lost, (lost, findings)
