from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.errors import UsageError
from suite.names import derive_seed, format_name, parse_name, slug


def test_a_name_may_carry_options() -> None:
    parsed = parse_name("xgboost:n_estimators=500,learning_rate=0.1,tree_method=hist")
    assert parsed.name == "xgboost"
    assert parsed.options == {"n_estimators": 500, "learning_rate": 0.1, "tree_method": "hist"}


def test_a_right_side_without_an_equals_sign_is_an_operand() -> None:
    assert parse_name("module.sub:factory").operand == "factory"


@pytest.mark.parametrize("text", ["", ":a=1", "x:", "x:a=1,b", "x:=3", "x:a=b,c", "x:a=1,a=2"])
def test_a_malformed_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_name(text)


WORDS = st.from_regex(r"[a-zA-Z0-9_.:/ -]*", fullmatch=True).map(str.strip)
PLAIN = st.none() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | WORDS


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True), PLAIN | st.lists(PLAIN, max_size=3), min_size=1
    )
)
def test_formatting_a_name_and_parsing_it_gives_it_back(options: dict[str, object]) -> None:
    found = parse_name(format_name("model", options)).options
    assert found == options
    assert {key: type(value) for key, value in found.items()} == {
        key: type(value) for key, value in options.items()
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[64,32]", [64, 32]),
        ("(64, 32)", [64, 32]),
        ("1,2", [1, 2]),
        ("','", ","),
        ("'5'", "5"),
        ("None", None),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        ("{1: 2}", "{1: 2}"),
        ("...", "..."),
        ("a.py:b", "a.py:b"),
        ("(" * 500, "(" * 500),
        ("[" * 300 + "]" * 300, "[" * 300 + "]" * 300),
        *((text, text) for text in ("1j", "[2j]", "nan", "b'x'", "{1}", "f'{b}'", "1if b else 2")),
        ("9" * 300, int("9" * 300)),
        *((text, text) for text in ("9" * 400, "-" + "9" * 400, "9" * 5000, f"[{'9' * 400}]")),
    ],
)
def test_a_value_is_plain_data_or_a_string(text: str, value: object) -> None:
    assert parse_name(f"model:a={text},b=3").options == {"a": value, "b": 3}


@given(st.text(max_size=300))
def test_a_slug_is_a_harmless_file_name(text: str) -> None:
    name = slug(text)
    assert 0 < len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    assert name not in {".", ".."}
    assert not name.startswith(".")


@given(st.text(max_size=30), st.text(max_size=30))
def test_different_names_have_different_slugs(one: str, other: str) -> None:
    assert one == other or slug(one) != slug(other)


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "CON", "a/b", "A", "", "..", "nul.txt", "x" * 300),
        *("records", "statistics", "audit"),
        *("😀", "a\u202eb", "a\0b", "\udcff", "a\n", "\x1b[31m", "~", "-rf", "<script>"),
    ],
)
def test_a_hostile_name_is_changed_and_keeps_its_digest(name: str) -> None:
    assert slug(name) != name
    assert "/" not in slug(name)


def test_a_seed_depends_on_every_part_and_nothing_else() -> None:
    assert derive_seed("a", 1) == derive_seed("a", 1)
    assert len({derive_seed("a", 1), derive_seed("a", 2), derive_seed("b", 1), derive_seed("a", "1")}) == 4
