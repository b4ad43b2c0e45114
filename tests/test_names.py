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


@pytest.mark.parametrize("text", ["", ":a=1", "x:", "x:a=1,b", "x:=3"])
def test_a_malformed_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_name(text)


@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.integers() | st.booleans(), min_size=1)
)
def test_formatting_a_name_and_parsing_it_gives_it_back(options: dict[str, int]) -> None:
    assert parse_name(format_name("model", options)).options == options


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


@pytest.mark.parametrize("name", ["../../etc/passwd", "CON", "a/b", "A", "", "..", "nul.txt", "x" * 300])
def test_a_hostile_name_is_changed_and_keeps_its_digest(name: str) -> None:
    assert slug(name) != name
    assert "/" not in slug(name)


def test_a_seed_depends_on_every_part_and_nothing_else() -> None:
    assert derive_seed("a", 1) == derive_seed("a", 1)
    assert len({derive_seed("a", 1), derive_seed("a", 2), derive_seed("b", 1), derive_seed("a", "1")}) == 4
