from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.config import DataConfig, RunConfig, check_names, to_arguments
from suite.errors import UnknownName, UsageError
from suite.schema import LiveModel

DATA = (DataConfig(source="digits"),)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"models": ()}, "no model named"),
        ({"data": ()}, "no data set"),
        ({"seeds": 0}, "^seeds"),
        ({"threads": -1}, "^threads"),
        ({"time_limit_s": 0.0}, "^time_limit_s"),
        ({"time_limit_s": float("nan")}, "^time_limit_s"),
        ({"time_limit_s": float("inf")}, "^time_limit_s"),
        ({"memory_limit_gb": float("inf")}, "^memory_limit_gb"),
        ({"memory_limit_gb": 1e11}, "^memory_limit_gb"),
        ({"seeds": 10**9}, "^seeds"),
        ({"executor": "inline:"}, "^the executor is local"),
        ({"executor": "local:2"}, "^the executor is local"),
        ({"seeds": "x"}, "^seeds takes a whole number from 1 to 100,000, not 'x'"),
        ({"workers": 1.5}, "^workers"),
        ({"seeds": True}, "^seeds"),
        ({"seeds": None}, "^seeds"),
        ({"time_limit_s": True}, "^time_limit_s"),
        ({"time_limit_s": "10"}, "^time_limit_s takes seconds"),
        ({"memory_limit_gb": [1]}, "^memory_limit_gb takes GB .* not an object of type list"),
        ({"protocol": 5}, "^protocol"),
        ({"metric": None}, "^metric"),
        ({"timing": "exclusiv"}, "^timing takes 'shared' or 'exclusive', not 'exclusiv'"),
        ({"fresh": "no"}, "^fresh takes True or False"),
        ({"out": ""}, "^out takes a folder"),
        ({"out": 3}, "^out takes a folder"),
        ({"out": None}, "^out takes a folder"),
        ({"out": "a\0b"}, r"^out takes a folder .* not 'a\\x00b': it holds a NUL character$"),
        ({"out": "a" * 300}, "^out takes a folder .*…: file name too long$"),
        ({"out": Path("here") / ("a" * 5000)}, "file name too long$"),
        ({"out": __file__}, "it is a file$"),
        ({"out": Path(__file__) / "x"}, "not a directory$"),
        ({"seeds": 2**40}, "^seeds takes a whole number from 1 to 100,000, not 1099511627776$"),
        ({"time_limit_s": -1.0}, "not -1$"),
        ({"seeds": "none"}, "not 'none'"),
        ({"positive": 1}, "^positive takes the name of a class, not 1$"),
        ({"threshold": 0}, "^threshold takes prior, or a number above 0 and below 1, not 0$"),
        ({"threshold": 1.0}, "^threshold"),
        ({"threshold": "nan"}, "^threshold"),
        ({"threshold": "half"}, "^threshold .* not 'half'$"),
        ({"threshold": True}, "^threshold"),
        ({"threshold": [0.5]}, "^threshold .* not an object of type list$"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        RunConfig(**{"models": ("dummy",), "data": DATA, **fields})


def test_numbers_of_numpy_become_pythons() -> None:
    counts = {"seeds": np.int64(2), "threads": np.int32(1), "workers": np.uint8(1)}
    config = RunConfig(
        models=("dummy",), data=DATA, time_limit_s=np.float32(5), memory_limit_gb=Fraction(1, 2), **counts
    )
    found = [config.seeds, config.threads, config.workers, config.time_limit_s, config.memory_limit_gb]
    assert json.dumps(found) == "[2, 1, 1, 5.0, 0.5]"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, None),
        ("prior", "prior"),
        (0.3, 0.3),
        ("0.3", 0.3),
        (np.float32(0.5), 0.5),
        (Fraction(1, 4), 0.25),
    ],
)
def test_a_threshold_is_a_number_between_0_and_1_or_the_share_of_the_train_rows(
    given: Any, found: Any
) -> None:
    assert RunConfig(models=("dummy",), data=DATA, threshold=given).threshold == found


@pytest.mark.parametrize("none", [None, "none"])
def test_a_run_without_a_time_limit_is_allowed(none: Any) -> None:
    assert RunConfig(models=("dummy",), data=DATA, time_limit_s=none).time_limit_s is None


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"target": 3}, "^target takes the name of a column, not 3"),
        ({"drop": 3}, "^drop takes the name of a column, not 3"),
        ({"keep": ["a", 3]}, "^keep takes the name of a column, not 3"),
        ({"read": [None]}, "^read takes COLUMN=HOW, not None"),
        ({"decimal": ";"}, "^decimal takes '.' or ',', not ';'"),
        ({"no_header": 1}, "^no_header takes True or False"),
        ({"data_dir": ""}, "^data_dir takes a folder"),
    ],
)
def test_what_names_no_column_is_refused_in_one_line(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named) as refused:
        DataConfig(source="wine", **given)
    assert "\n" not in str(refused.value)


def test_columns_may_be_one_or_several_or_a_mapping() -> None:
    found = DataConfig(
        source="a.csv",
        drop="id",
        keep=["a", "b"],
        read={"d": "date"},
        missing={"x": [-1, "?"]},
        data_dir="there",
    )
    assert (found.drop, found.keep, found.data_dir) == (("id",), ("a", "b"), Path("there"))
    assert (found.read, found.missing) == (("d=date",), ("x=-1", "x=?"))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"models": (LiveModel(name="mine", version="1", pickled=b""),)}, "mine, which was given in Python"),
        (
            {"data": (DataConfig(source="a.csv", target="a"), DataConfig(source="b.csv", target="b"))},
            "one --target",
        ),
        ({"data": (DataConfig(source="a.csv", drop="a"), DataConfig(source="b.csv"))}, "one --drop"),
    ],
)
def test_what_no_command_line_can_ask_for_is_refused(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        to_arguments(RunConfig(**{"models": ("dummy",), "data": DATA, **fields}))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("seed", "seeds"), ("time_limit", "time_limit_s"), ("dropp", "drop"), ("wach", "watch")],
)
def test_an_unknown_option_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownName, match=f"did you mean {nearest}"):
        check_names([name])
