from __future__ import annotations

import pytest

from suite import doctor


def test_a_healthy_machine_has_no_problem() -> None:
    findings = {finding.label: finding for finding in doctor.examine()}
    assert findings["scikit-learn"].value[0].isdigit()
    assert not any(finding.problem for finding in findings.values())


def test_two_distributions_of_one_library_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.provenance, "_version", lambda name: "1.0")
    problems = [finding.problem for finding in doctor.examine() if finding.problem]
    assert len(problems) == 2
    assert "xgboost-cpu" in problems[0]


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.provenance, "package_version", lambda name: None)
    problems = {finding.label: finding.problem for finding in doctor.examine()}
    assert problems["lightgbm"] == "pip install lightgbm"
    assert problems["pyarrow"] == ""
