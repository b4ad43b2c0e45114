from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.errors import SuiteError
from suite.harmless import harmless, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]8;;http://x\x07here", r"\x1b]8;;http://x\x07here"),
        ("\x9b2J\x85", r"\x9b2J\x85"),
        ("a\rb\x08\x00\x7f", r"a\rb\x08\x00\x7f"),
        ("txt.\u202egpj.exe\u2066", r"txt.\u202egpj.exe\u2066"),
        ("\udcff\ufeff\u2028", r"\udcff\ufeff\u2028"),
        ("grün 10\u00a0% 名前 e\u0301 😀", "grün 10\u00a0% 名前 e\u0301 😀"),
    ],
)
def test_what_steers_a_terminal_is_shown_as_an_escape_and_letters_stay(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_characters_to_keep_are_kept() -> None:
    assert harmless("a\n\tb\r", keep="\n\t") == "a\n\tb\\r"


@given(st.text(st.characters(codec=None)))
def test_no_text_steers_a_terminal_or_has_a_second_line(text: str) -> None:
    for shown in (one_line(text), str(SuiteError(text))):
        assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
        assert len(shown.splitlines()) <= 1
