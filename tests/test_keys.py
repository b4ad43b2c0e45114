from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from suite import api
from suite.keys import key_again, letters
from suite.schema import Basis, Kind
from suite.store import Store


def test_each_kind_has_a_letter_of_its_own() -> None:
    kinds = get_args(Kind)
    assert len({*letters(kinds)}) == len(kinds)


def test_the_key_of_every_record_of_a_run_can_be_made_again_from_its_file(tmp_path: Path) -> None:
    """Also of those of the user's, of odd parameters and columns, and of failures."""
    from sklearn.naive_bayes import GaussianNB

    (tmp_path / "mine.py").write_text(
        "from sklearn.naive_bayes import GaussianNB\n"
        "class Broken(GaussianNB):\n    def fit(self, X, y):\n        raise ValueError('no')\n"
        "def make(scale=1.0, word='ü'):\n    return Broken(var_smoothing=scale)\n"
    )
    mine = f"{tmp_path / 'mine.py'}:make"
    (tmp_path / "t.csv").write_text(
        "a,über,when,c\n"
        + "".join(f"{i % 7},{'xyz'[i % 3]},2026-01-{1 + i % 28:02},{i % 2}\n" for i in range(60))
    )
    models = ["logistic:C=0.1", f"{mine}:scale=0.5,word=ß", {"my bayes": GaussianNB()}]
    out = tmp_path / "out"
    api.run(models, str(tmp_path / "t.csv"), target="c", executor="inline", out=out, protocol="holdout")
    records = Store(out).records()
    assert len(records) == 4
    assert {record.status for record in records} == {"ok", "error"}
    for record in records:
        assert key_again(record) == record.key
        assert record.basis is not None
        assert len(record.basis.kinds) == len(record.features.used)
        other = replace(record, basis=replace(record.basis, packages={"numpy": "0"}))
        assert key_again(other) != record.key


@pytest.mark.parametrize("source", ["run", "reported"])
def test_a_key_whose_parts_were_not_recorded_cannot_be_made_again_but_that_of_a_published_figure(
    source: str, tmp_path: Path
) -> None:
    folder = Path(__file__).parent / "records_of_version_3"
    found = [record for record in Store(folder).records() if record.source == source]
    assert found
    for record in found:
        assert key_again(record) == (record.key if source == "reported" else None)


def test_a_basis_is_small() -> None:
    assert letters(["numeric"] * 3 + ["datetime"]) == "nnnd"
    assert Basis(entry="knn", kinds="n").packages == {}
