"""Words that people write for a value they do not have, and the cleaning of a cell's blanks and quotes."""

from __future__ import annotations

import re
import unicodedata

_MARKS_TEXT = """
? ?? ??? - -- --- – — . .. ... * ** *** # na n/a n.a. n.a n/d n.d. nd nan -nan +nan nat null \\n <na> <nan> <nat> <null>
<none> (null) (na) (none) [null] k.a. s/o -nan(ind) 1.#qnan 1.#ind
"""
_WORDS_TEXT = """
none|nil|nul|missing|unknown|unk|undefined|undef|void|blank|empty|tbd|tba|not available|not applicable|not known
not reported|not recorded|not provided|not given|not specified|not stated|no data|no value|no answer|no response
unbekannt|keine angabe
"""
_MARKS = frozenset(["", *_MARKS_TEXT.split()])
"""Missing wherever they stand, in lower case."""
_WORDS = frozenset(_WORDS_TEXT.strip().replace("\n", "|").split("|"))
"""Missing among numbers and dates; among categories a level like others."""
_SPREADSHEET_ERROR = re.compile(
    r"#(?:(?:DIV/0|REF|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|GETTING_DATA|BEZUG|WERT|ZAHL|VALEUR|NOMBRE)!|"
    r"(?:NAME|NOM)\?|N/A|NV|N/D|ÜBERLAUF!|#+)"
)
"""Of Excel and LibreOffice, in English, German and French; `####` where a column was too narrow."""


def is_mark(cell: str) -> bool:
    """Return whether a clean cell stands for a missing value whatever its column holds: `?`, `N/A`, `#DIV/0!`."""
    return cell.lower() in _MARKS or (cell[0] == "#" and bool(_SPREADSHEET_ERROR.fullmatch(cell)))


def is_missing_number(cell: str) -> bool:
    """Return whether a clean cell stands for a missing value among numbers or dates: also `none`, `unknown`."""
    return is_mark(cell) or cell.lower() in _WORDS


def clean(cell: str) -> str:
    """Return a cell without blanks at its ends, runs of blanks as one, in Unicode's normal form C, unquoted."""
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
        # Marks of direction and of width that nobody sees.
        cell = "".join(c for c in cell if unicodedata.category(c) != "Cf") if not cell.isprintable() else cell
    cell = " ".join(cell.split())
    if len(cell) >= 2 and cell[0] == cell[-1] and cell[0] in "'\"":
        return cell[1:-1].strip()
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].strip()
    return cell


def is_float(word: str) -> bool:
    """Return whether a word is a number as Python writes it."""
    try:
        float(word)
    except ValueError:
        return False
    return True
