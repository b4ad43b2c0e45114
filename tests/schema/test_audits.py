"""Codes never change their meaning, and the documentation lists them all."""

from __future__ import annotations

from pathlib import Path

from suite.schema import CODES, AuditReport, Finding
from suite.schema.audits import by_harm, without_explained

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


def test_what_to_do_about_a_reading_names_an_option_that_exists():
    for name in (
        "two-readings",
        "check-numbers",
        "mixed-column",
        "not-understood",
        "missing-words",
        "sentinel",
    ):
        assert "suite inspect" in CODES[name].advice
        assert "--read COLUMN=HOW" in CODES[name].advice


def test_a_group_explains_why_its_column_predicts_the_target():
    group = Finding(code="group-column", text="", columns=("patient",))
    own = Finding(code="predicts-target", text="", columns=("patient",))
    other = Finding(code="predicts-target", text="", columns=("outcome",))
    assert without_explained([own, other, group]) == (other, group)
    assert without_explained([own, other]) == (own, other)


def test_a_report_is_shown_as_lines_of_text_without_control_characters():
    found = (
        Finding(code="group-column", text="site\x1b[2J names groups"),
        Finding(code="junk-level", text="x has one"),
    )
    report = AuditReport(
        dataset="t",
        fingerprint="f" * 64,
        state="s",
        target="y",
        protocol="cv5",
        findings=found,
        n_rows=1200,
        n_features=3,
        n_classes=2,
    )
    assert repr(report).splitlines() == str(report).splitlines()
    assert repr(report).splitlines() == [
        "Full audit of t: 1,200 rows x 3 columns, 2 classes, protocol cv5",
        "SUI012 warning group-column: site\\x1b[2J names groups",
        "SUI035 note junk-level: x has one",
    ]
