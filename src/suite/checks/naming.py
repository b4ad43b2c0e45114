"""What a column's name says: that it names rows, or that it measures something."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_THING = (
    "account|admission|article|athlete|book|booking|card|case|citizen|claim|click|client|comment|company|contract|customer|cust|deal"
    "|device|doc|document|donor|driver|employee|emp|encounter|entry|event|file|game|guest|hospital|host|household"
    "|image|img|individual|instance|invoice|item|lead|listing|loan|log|machine|match|member|movie|object|obj|observation|obs"
    "|order|parcel|participant|passenger|patient|payment|person|player|policy|post|product|prod|property|record|rec"
    "|reservation|resp|respondent|response|row|sample|school|seller|sensor|session|shipment|song|specimen|station|store"
    "|student|subj|subject|survey|team|ticket|track|transaction|trans|trip|tweet|unit|user|vehicle|vendor|visit|worker"
)
_ID = re.compile(
    "id|ids|uid|uuid|guid|oid|rowid|identifier|rownum|rownames|ssn|mrn|npi|sku|isbn|issn|upc|ean|asin|iban|imei|barcode"
    f"|uhid|({_THING})(id|no|nr|num|number|key|uuid|index|ref)|id({_THING}|cliente)"
)
"""Words that tell an identifier wherever they stand in a name, but beside those that tell a property of one."""
_PROPERTY = re.compile(
    "type|kind|status|verified|verification|valid|check|checked|issue|issued|expiry|expires|flag|present|missing|quality"
    "|provided|confirmed|required|length|similarity"
)
_ASKS = re.compile("has|have|is|are|num|number|n|nb|no|count")
"""First words of a question or a count: has_id, n_ids."""
_NUMBER = re.compile(r"no|nr|nbr|num|number|numero|serial|key|phone|telephone|\w*nummer")
"""Words that tell an identifier as the last of a name, but after what is counted or a constant of science."""
_COUNTED = re.compile(
    r"of|de|(?!goods|series|nhs|mls|trans|pers)[a-z]*[^sui\W]s"
    "|child|children|kid|people|bedroom|bathroom|comment|view|like|share|song|music|musical|audio"
    "|atomic|mass|wave|octane|cetane|iodine|acid|hydroxyl|peroxide|saponification|reynolds|mach|prandtl"
    "|nusselt|froude|weber|rayleigh|peclet|grashof|strouhal|knudsen|quantum|oxidation|coordination|neutron|proton"
    "|shoe|shirt|jersey|squad|lucky|copy|curve|abbe|prime|real|parking|phase|peak|pitch|over|likert|answer|opinion"
    "|smoker|married|yes|f|e"
)
_PLACE = re.compile("index|idx|code|ref|reference")
"""Words that do so alone or after the rows' own names: row_index, not heat_index."""
_ROWS = re.compile(
    f"({_THING}|original|orig|old|new|global|df|data|dataset|frame|line|sequence|seq|unique|primary)"
)
_WHOLE = re.compile(
    "rows?|records?|rec|seq|seqn|sequence|rn|pk|sno|srno|row names?|level 0|instant|index|idx|[pcsegr]id|hhid"
    "|patient|subject|participant|respondent|customer|client|user|employee|student|passenger|member|sample|specimen"
    "|observation|obs|instance|example|line"
)
"""What does so as the whole name."""
_NAMELESS = re.compile(
    r"(?i)column \d+(\.\d+)?|unnamed: \d+(\.\d+)*|__index_level_\d+__|\.\.\.\d+|#|№|n[°º]\.?"
)
"""What a column without a name is called; `column_1`, of a file without a header, is another."""
_TIME = re.compile(
    "(year|yr|month|week|day|date|time|datetime|timestamp|hour|minute|min|second|sec|quarter|season|period|epoch|age"
    "|tenure|duration|decade|vintage|trial|lap|round|iteration|step|cycle|episode|chapter|page|floor|frame|turn"
    "|generation)s?"
)
_WHEN = re.compile("(year|yr|date|time|datetime|timestamp|epoch)s?")
_MEASURE = re.compile(
    "(rank|ranking|place|position|standing|percentile|amount|price|income|score|count|total|size|quantity|salary|wage"
    "|value|cost|revenue|sale|profit|rate|ratio|rating|percent|percentage|weight|height|length|width|depth|area|distance"
    "|volume|balance|point|budget|earning|debt|credit|limit|fee|dose|vote|view|like|click|download|follower|level|grade"
    "|mark|sum|mean|median|average|change|temperature|speed|power|pressure|altitude|elevation|latitude|longitude"
    "|capacity|intensity|frequency|mileage|mile|calorie|usage|reading|expense|loan|payment|premium|population|attendance"
    "|concentration|measure|measurement|number|share|delay|interval|gap)s?"
    "|qty|spend|spent|paid|pct|spending|tax|max|min|avg|std|diff|freq|temp|lat|lon|lng|km|kg|lbs?|mg|cm|mm|ml|m2|sqft|sqm"
    "|kwh|kw|usd|eur|gbp|bpm|mph|kmh|ms|msrp|cnt|num|n|nb|rainfall|energy|consumption|rent|duty|turnover|gdp|dist|len"
    "|index|idx|fare|strength"
)
"""Words of amounts: whole numbers that may all be different, and follow each other in a table that is sorted."""
_PLURAL = re.compile(r"[a-z]{2,}[^sui\W]s")


def says_identifier(name: str) -> bool:
    """Return whether a column's name says that it names rows.

    Examples
    --------
    >>> says_identifier("customerId"), says_identifier("humidity"), says_identifier("no_of_visits")
    (True, False, False)
    """
    words = _words(name)
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in ("x", "y")) and words != ["level", "0"]:
        # customer_id_x of a join, id2
        words.pop()
    if _NAMELESS.fullmatch(name.strip()) or _WHOLE.fullmatch(" ".join(words)):
        return True
    if not words:
        return False
    *before, last = words
    if any(_ID.fullmatch(word) for word in words):
        return not _tells_of_one(before, last)
    if _NUMBER.fullmatch(last):
        return not _counts(before)
    return bool(before and _PLACE.fullmatch(last)) and all(_ROWS.fullmatch(word) for word in before)


def _tells_of_one(before: list[str], last: str) -> bool:
    """Return whether a name with a word for an identifier names a property or a number of them: id_type, n_ids."""
    if "of" in before or (before and _ASKS.fullmatch(before[0])):
        return True
    if _ID.fullmatch(last) or _NUMBER.fullmatch(last):
        return False
    return any(_PROPERTY.fullmatch(word) or _amount(word) for word in [*before, last])


def _counts(before: list[str]) -> bool:
    """Return whether a number after these words counts or measures: total_number, reynolds_number, smoker_no."""
    return bool(before) and (
        "of" in before
        or bool(_COUNTED.fullmatch(before[-1]))
        or any(_amount(word) and not _ROWS.fullmatch(word) and word != "index" for word in before)
    )


def says_measure(name: str) -> bool:
    """Return whether a column's name says that its numbers are times, amounts, counts or ranks.

    Examples
    --------
    >>> says_measure("total_price"), says_measure("salesRank"), says_measure("visits"), says_measure("account")
    (True, True, True, False)
    """
    words = _words(name)
    return (
        any(_amount(word) for word in words) or bool(words and _PLURAL.fullmatch(words[-1])) or "of" in words
    )


def says_time(name: str) -> bool:
    """Return whether a column's name says that it tells when: a year, a date, a timestamp.

    Examples
    --------
    >>> says_time("year_sold"), says_time("createdDate"), says_time("age"), says_time("lap_time_ms")
    (True, True, False, False)
    """
    words = _words(name)
    return any(_WHEN.fullmatch(word) for word in words) and not any(
        _MEASURE.fullmatch(word) for word in words
    )


def _amount(word: str) -> bool:
    return bool(_MEASURE.fullmatch(word) or _TIME.fullmatch(word))


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case, written with blanks, marks or capitals between them."""
    return [word.lower() for word in _WORD.findall(name)]
