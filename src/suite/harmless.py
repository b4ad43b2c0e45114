"""Text that only stands there: what would steer a terminal or turn the writing direction is shown as an escape."""

from __future__ import annotations

_STEERING = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
"""Unicode's categories of control and format characters, surrogates, what is not assigned, and line ends."""
_JOINERS = "\u200c\u200d"
"""They join or part the letters of a word, in Persian as in emoji, and steer nothing."""


def harmless(text: str, keep: str = "") -> str:
    r"""Return text in which an escape such as ``\x1b`` stands for each character that does more than be seen.

    Those in `keep` stay as they are.
    """
    if text.isprintable():
        return text
    from unicodedata import category

    keep += _JOINERS
    shown = {c: c if c in keep or category(c) not in _STEERING else _escape(c) for c in set(text)}
    return "".join(map(shown.__getitem__, text))


def one_line(text: str) -> str:
    """Return harmless text on one line: white space and line ends of any kind become single spaces."""
    return harmless(" ".join(text.split()))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
