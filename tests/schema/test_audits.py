"""Codes never change their meaning, and the documentation lists them all."""

from __future__ import annotations

from pathlib import Path

from suite.schema import CODES, Finding
from suite.schema.audits import by_harm

KNOWN = """
no-information row-names second-header repeated-header target-copy repeated-rows conflicting-labels predicts-target
noisy-copy shifted-target no-header group-column time-drift row-drift split-drift sorted-rows two-readings check-numbers
mixed-column not-understood left-out encoding lines-left-out label-word label-case missing-words sentinel merged-cells
missing-labels summary-row identifier rare-class label-suspects near-duplicates junk-level class-order reading-note
no-feature
"""
"""Numbers count from 1 in this order; new codes come last."""


def test_every_code_keeps_its_number():
    ids = {code.name: code.id for code in CODES.values()}
    assert {name: f"SUI{number:03}" for number, name in enumerate(KNOWN.split(), 1)} == ids


def test_the_documentation_lists_every_code_with_its_meaning():
    page = (Path(__file__).parents[2] / "docs" / "audit.md").read_text()
    for code in CODES.values():
        assert f"| {code.id} | `{code.name}` | {code.severity} | {code.meaning} |" in page


def test_a_finding_takes_from_its_code_what_it_does_not_say():
    finding = Finding(code="target-copy", text="x repeats the target")
    assert (finding.id, finding.grade, finding.to_do) == ("SUI005", "warning", CODES["target-copy"].advice)
    own = Finding(code="target-copy", text="", severity="note", advice="look")
    assert (own.grade, own.to_do) == ("note", "look")
    later = Finding(code="of-a-later-version", text="")
    assert (later.id, later.grade, later.to_do) == ("", "warning", "")


def test_findings_stand_by_severity_and_then_by_code():
    names = ("junk-level", "no-information", "group-column", "target-copy")
    found = by_harm(Finding(code=name, text="") for name in names)
    assert [f.code for f in found] == ["no-information", "target-copy", "group-column", "junk-level"]
