from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from suite import doctor


def found() -> dict[str, doctor.Check]:
    return {check.label: check for check in doctor.examine()}


def test_a_healthy_machine_has_no_problem() -> None:
    checks = found()
    assert checks["scikit-learn"].value[0].isdigit()
    assert not any(check.problem for check in checks.values())


def test_what_is_absent_is_never_without_what_that_means_and_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor.provenance, "package_version", lambda name: None)
    monkeypatch.delenv("SUITE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    checks = found()
    absent = {check.label: check for check in checks.values() if check.value == "absent"}
    assert absent.keys() == {*doctor.NEEDED, *doctor.OPTIONAL, "music_genre"} - (
        checks.keys() ^ absent.keys()
    )
    assert all(bool(check.problem) != bool(check.note) for check in absent.values())
    assert {check.label for check in absent.values() if check.problem} == set(doctor.NEEDED)
    assert checks["lightgbm"].problem == "the model lightgbm is skipped: pip install lightgbm"
    assert checks["pyarrow"].note == (
        "Parquet and Feather files are not read: pip install 'tabular-suite[parquet]'"
    )
    assert "suite fetch music_genre" in checks["music_genre"].note


def test_what_is_there_has_no_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor.provenance, "package_version", lambda name: "1.0")
    monkeypatch.setenv("SUITE_DATA", str(tmp_path))
    (tmp_path / "music_genre.csv").touch()
    assert not any(check.note for check in doctor.examine())


def test_the_slim_build_is_named_where_suite_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.provenance, "package_version", lambda name: None)
    monkeypatch.setattr(doctor.platform, "machine", lambda: "x86_64")
    assert found()["xgboost"].problem.endswith("pip install xgboost-cpu")
    monkeypatch.setattr(doctor.platform, "machine", lambda: "aarch64")
    assert found()["xgboost"].problem.endswith("pip install xgboost")


def test_every_extra_for_users_is_looked_for() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for package, (extra, _) in doctor.OPTIONAL.items():
        assert any(named.startswith(package) for named in extras[extra])
    users = {name for name in extras if not {name, *extras[name]} & {"test", "dev", "docs"}}
    assert users == {extra for extra, _ in doctor.OPTIONAL.values()}


def test_two_distributions_of_one_library_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.provenance, "_version", lambda name: "1.0")
    problems = [finding.problem for finding in doctor.examine() if finding.problem]
    assert len(problems) == 2
    assert "xgboost-cpu" in problems[0]
