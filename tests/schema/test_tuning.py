"""What a record says of its search: a reader takes what can be of one search, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suite.errors import RecordError
from suite.names import digest
from suite.records import SEAL, from_dict, to_dict
from suite.schema import Record, Trial, Tuning

KEPT = Path(__file__).parents[1] / "records_of_version_4"
HISTORY = (
    Trial(number=0, origin="default", score=0.5, fits=3, seconds=1.5),
    Trial(number=1, origin="portfolio", params={"n_neighbors": 9}, status="pruned", fits=1, seconds=0.5),
    Trial(number=2, origin="sampled", params={"n_neighbors": 3}, score=0.25, fits=3, seconds=2.0),
)
SEARCH = Tuning(
    method="search",
    trials=3,
    seconds=4.0,
    inner_score=0.25,
    budget="3trials",
    metric="log_loss",
    inner_splits=3,
    chosen=2,
    history=HISTORY,
)
GREEDY = Tuning(method="greedy", inner_score=0.2, metric="log_loss", weights={"a": 0.75, "b": 0.25})


def record_with(tuning: Tuning) -> Record:
    (path,) = KEPT.rglob("knn/seed-*.json")
    return replace(from_dict(json.loads(path.read_text())), tuning=tuning)


def edited(tuning: Tuning, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A record whose search says something else, and whose digest fits that."""
    data = json.loads(json.dumps(to_dict(record_with(tuning))))
    change(data["tuning"])
    data[SEAL] = digest({name: value for name, value in data.items() if name != SEAL})
    return data


@pytest.mark.parametrize("tuning", [SEARCH, GREEDY], ids=["search", "greedy"])
def test_a_search_is_read_as_it_was_written(tuning: Tuning) -> None:
    assert from_dict(edited(tuning, lambda said: None)).tuning == tuning


WRONG: dict[str, tuple[Tuning, Callable[[dict[str, Any]], object], str]] = {
    "a trial left out": (SEARCH, lambda t: t["history"].pop(1), "are not numbered from 0"),
    "the last trial left out": (SEARCH, lambda t: t["history"].pop(), "has 2 trials, not 3"),
    "a trial twice": (SEARCH, lambda t: t["history"].append(t["history"][2]), "are not numbered from 0"),
    "another count": (SEARCH, lambda t: t.update(trials=9), "has 3 trials, not 9"),
    "a choice that there is not": (SEARCH, lambda t: t.update(chosen=3), "or none with the number 3"),
    "another choice": (SEARCH, lambda t: t.update(chosen=0), "inner score is not that of trial 0"),
    "a better score": (SEARCH, lambda t: t.update(inner_score=0.01), "inner score is not that of trial 2"),
    "a score of a trial that was given up": (
        SEARCH,
        lambda t: t["history"][1].update(score=0.1),
        "has a score without having ended well",
    ),
    "a trial without a score": (
        SEARCH,
        lambda t: t["history"][0].update(score=None),
        "or the other way round",
    ),
    "an unknown end": (SEARCH, lambda t: t["history"][0].update(status="won"), "status"),
    "an unknown origin": (SEARCH, lambda t: t["history"][0].update(origin="luck"), "origin"),
    "seconds below 0": (SEARCH, lambda t: t["history"][0].update(seconds=-1.0), "seconds"),
    "a score without end": (SEARCH, lambda t: t["history"][0].update(score=1e99), "score"),
    "no history": (SEARCH, lambda t: t.update(history=5), "history"),
    "weights of more than 1": (GREEDY, lambda t: t["weights"].update(a=0.9), "do not sum to 1"),
    "a weight of 0": (GREEDY, lambda t: t.update(weights={"a": 1.0, "b": 0.0}), "are not above 0"),
    "a weight below 0": (GREEDY, lambda t: t.update(weights={"a": 1.5, "b": -0.5}), "are not above 0"),
    "a weight in words": (GREEDY, lambda t: t["weights"].update(a="much"), "weights"),
}


@pytest.mark.parametrize(("tuning", "change", "said"), WRONG.values(), ids=WRONG)
def test_a_search_that_cannot_be_is_refused_with_a_sentence_whatever_its_digest(
    tuning: Tuning, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(RecordError) as caught:
        from_dict(edited(tuning, change))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
