from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from suite.report.text import (
    abbreviations,
    about_fit,
    counted,
    inert,
    megabytes,
    milliseconds,
    number,
    percent,
    plain,
    seconds,
    shortened,
    span,
    wrapped,
)


@given(st.text())
def test_inert_text_is_one_line_without_any_control(text: str):
    kept = inert(text)
    assert not [c for c in kept if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert inert(kept) == kept == kept.strip()


def test_inert_text_keeps_what_people_write():
    assert inert(" Hip-Hop\n& \t名前 é \u202eevil\x1b[31m ") == "Hip-Hop & 名前 é evil[31m"


@given(st.text(max_size=60), st.integers(1, 30))
def test_shortened_text_never_exceeds_its_width(text: str, width: int):
    text = inert(text)
    short = shortened(text, width)
    assert cell_len(short) <= width
    assert short == text or cell_len(text) > width


def test_shortened_names_keep_both_ends():
    assert shortened("a_very_long_name:k=500", 12) == "a_very_l…500"


def test_markup_in_data_is_printed_as_it_is_written():
    assert plain("[/b][red]x").plain == "[/b][red]x"
    assert plain("[/b]").spans == []


def test_abbreviations_differ_wherever_the_names_do():
    assert abbreviations(["Hip-Hop", "Rock", "Electronic"], 5) == ["Hip.", "Rock", "Elec."]
    assert len(set(abbreviations([f"genre number {i}" for i in range(30)], 5))) == 30


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "<0.001 s"),
        (0.0041, "0.004 s"),
        (0.0099, "0.01 s"),
        (0.123, "0.12 s"),
        (0.999, "1.0 s"),
        (12.34, "12.3 s"),
        (59.97, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 00 min"),
        (3900, "1 h 05 min"),
    ],
)
def test_durations_read_as_people_say_them(value: float | None, text: str):
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.01, "<0.1 MB"),
        (0.3, "0.3 MB"),
        (312.4, "312 MB"),
        (9999.0, "9999 MB"),
        (12_345.0, "12.3 GB"),
    ],
)
def test_sizes_read_as_people_say_them(value: float | None, text: str):
    assert megabytes(value) == text


def test_small_figures_never_look_like_nothing():
    assert milliseconds(0.001) == "<0.01 ms"
    assert milliseconds(12.34) == "12.3 ms"
    assert [percent(x) for x in (0.0, 0.001, 0.374, 0.999, 1.0)] == ["0%", "<1%", "37%", ">99%", "100%"]


def test_no_figure_is_a_dash_and_zero_has_no_sign():
    assert number(None) == "–"
    assert number(-0.00001) == "0.0000"
    assert number(-0.5) == "-0.5000"
    assert span(0.1, 0.2) == "0.100–0.200"


def test_counts_agree_with_their_nouns():
    assert [counted(1, "class", "classes"), counted(2, "class", "classes")] == ["1 class", "2 classes"]
    assert counted(10_000, "row") == "10,000 rows"


@given(st.lists(st.text("ab c", min_size=1, max_size=12), max_size=20), st.integers(12, 40))
def test_wrapped_items_stay_whole(items: list[str], width: int):
    lines = wrapped(items, width)
    assert " · ".join(lines) == " · ".join(items)
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("split", "seed", "words"),
    [
        ("cv5-f0", 0, "fold 0, seed 0"),
        ("cv5x3-r2f10", None, "repeat 2, fold 10"),
        ("grouped-f1", 3, "fold 1, seed 3"),
        ("holdout0.3-42", 0, "holdout, seed 0"),
        ("original-42", None, "original"),
        ("predefined-north", None, "predefined-north"),
        ("cv5x3-r0f3-inner0", None, "repeat 0, fold 3, inner 0"),
        ("holdout-42-inner", None, "holdout, inner"),
        ("predefined-north-inner2", 1, "predefined-north, inner 2, seed 1"),
    ],
)
def test_a_fit_is_named_by_its_fold_and_seed(split: str, seed: int | None, words: str):
    assert about_fit(split, seed) == words
