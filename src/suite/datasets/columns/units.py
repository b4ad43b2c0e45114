"""What stands beside a number: currencies, units, and what they multiply it by."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping

_CURRENCIES = """
usd eur gbp jpy cny rmb inr chf sek nok dkk czk pln huf ron rub try brl mxn ars clp cop cad aud nzd sgd hkd twd krw thb
idr myr php vnd zar ngn egp kes ils aed sar qar pkr bdt lkr us$ r$ rs rs. kr kr. fr. zł ft lei din hk$ a$ c$ nt$ s/ mx$
rp rm # no. nr. nr no
"""
_CODES = frozenset(_CURRENCIES.split())
_SIGNS = {"$": "usd", "us$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr", "rs": "inr", "rs.": "inr"}
_NO_MONEY = frozenset(["#", "no", "no.", "nr", "nr."])
_SCALES = {
    word: factor
    for factor, words in {
        1e3: "k thousand tsd",
        1e5: "lakh lac",
        1e6: "m mm mn mio million",
        1e7: "cr crore",
        1e9: "b g bn billion mrd",
        1e12: "t tn trillion",
    }.items()
    for word in words.split()
}
_SURE_SCALES = _SCALES.keys() - {"m", "b", "t", "g", "mm", "tn", "lac", "cr"}
"""These multiply a number even where others stand without: `3k`, not `3 m`."""
_FAMILIES: tuple[Mapping[str, float], ...] = (
    {"mg": 1e-3, "g": 1.0, "kg": 1e3, "t": 1e6, "gram": 1.0, "grams": 1.0},
    {"oz": 1.0, "lb": 16.0, "lbs": 16.0},
    {"nm": 1e-9, "µm": 1e-6, "um": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3},
    {"in": 1.0, "inch": 1.0, "ft": 12.0, "yd": 36.0, "mi": 63360.0},
    {"ml": 1e-3, "cl": 1e-2, "dl": 0.1, "l": 1.0, "hl": 100.0},
    {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "bytes": 1.0},
    {"w": 1.0, "kw": 1e3, "mw": 1e6, "hp": 745.7, "ps": 735.5},
    {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0}
    | {"min": 60.0, "mins": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0}
    | {"d": 86400.0, "day": 86400.0, "week": 604800.0, "month": 2629746.0, "mo": 2629746.0}
    | dict.fromkeys(("year", "yr", "y"), 31556952.0),
)
_HEMISPHERES: tuple[Mapping[str, float], ...] = ({"n": 1.0, "s": -1.0}, {"e": 1.0, "w": -1.0})


def is_currency(text: str) -> bool:
    """Return whether a text is the sign or the code of a currency, or another mark before numbers."""
    return text.lower() in _CODES or all(unicodedata.category(character) == "Sc" for character in text)


def one_currency(text: str) -> str:
    """Return the code of a currency however it is written; nothing for marks that are no money."""
    code = text.lower()
    return "" if code in _NO_MONEY else _SIGNS.get(code, code)


def factors(units: Counter[str], is_money: bool, has_fraction: bool) -> dict[str, float] | None:
    """Return the units of a column with their factors; None if there are several that cannot be one scale.

    `units` counts what stands behind the numbers, in lower case; `is_money`: a currency stands beside some;
    `has_fraction`: numbers with a unit have decimals, as coordinates do.
    """
    named = {unit for unit in units if unit}
    if not named:
        return {}
    total = sum(units.values())
    # What follows one number in a hundred is a slip of the pen, `12O`.
    frequent = {unit for unit in named if units[unit] * 50 >= total}
    if not frequent:
        return {}
    bare = {unit: unit.strip("° ") for unit in frequent}
    for family in _HEMISPHERES:
        has_degrees = any("°" in unit for unit in frequent)
        if {*bare.values()} <= family.keys() and (has_degrees or len({*bare.values()}) == 2):
            # `12.5N` beside `3.1S` is a place, `14S` a seat, `1.5 W` a power.
            is_place = has_fraction or has_degrees
            return {unit: family[name] for unit, name in sorted(bare.items())} if is_place else None
    if len({unit.removesuffix("s") if len(unit) > 2 else unit for unit in frequent}) == 1:
        name = next(iter(frequent)).removesuffix("s")
        scales = name in _SURE_SCALES or (units[""] > 0 and is_money and name in _SCALES)
        return dict.fromkeys(sorted(frequent), _SCALES[name] if scales else 1.0)
    for family in ({**_SCALES, "": 1.0}, *_FAMILIES):
        known = {unit: family.get(unit, family.get(unit.removesuffix("s"))) for unit in frequent}
        if all(factor is not None for factor in known.values()):
            return {unit: factor for unit, factor in sorted(known.items()) if factor is not None}
    return None
