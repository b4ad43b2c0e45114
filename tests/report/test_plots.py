"""Figures in a notebook and as files, and two models beside each other."""

from __future__ import annotations

import sys

import pytest

import suite
from suite.commands import main
from suite.errors import UnknownName, UsageError
from suite.results import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    out = tmp_path_factory.mktemp("out")
    return suite.run(["logistic", "knn", "dummy"], "iris", protocol="cv2", out=out, executor="inline")


def test_a_figure_is_shown_and_saved(results: Results, tmp_path):
    plot = results.plot.ranking()
    assert plot._repr_svg_().startswith("<?xml")
    assert results.boards[0].best.model in repr(plot)
    assert plot.save(tmp_path / "x.svg").read_text() == plot._repr_svg_()
    with pytest.raises(UsageError, match=r"saved as svg, png or pdf, not 'x\.jpg'"):
        plot.save("x.jpg")


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_png_and_pdf_are_the_same_bytes_each_time(results: Results, tmp_path, kind: str):
    pytest.importorskip("matplotlib")
    plot = results.plot.confusion("knn")
    one, other = (plot.save(tmp_path / f"{i}.{kind}").read_bytes() for i in range(2))
    assert one == other
    assert one.startswith(b"\x89PNG" if kind == "png" else b"%PDF")


def test_what_cannot_be_drawn_is_said(results: Results, monkeypatch, tmp_path):
    with pytest.raises(UnknownName, match="no model on this board named 'kn'; did you mean knn"):
        results.plot.confusion("kn")
    with pytest.raises(UsageError, match="no figure curves of iris, cv2: no model has a learning curve"):
        results.plot.curves()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"pip install 'tabular-suite\[plots\]'"):
        results.plot.ranking().save(tmp_path / "x.png")


def test_two_models_are_told_with_their_figures(results: Results):
    found = results.compare("logistic", "dummy")
    row = results.comparisons().query("first == 'logistic' and second == 'dummy'").iloc[0]
    assert (found.difference, found.low, found.high, found.p) == (row.difference, row.low, row.high, row.p)
    assert found.is_real
    assert repr(found).startswith("logistic is better than dummy: its accuracy is ")
    assert "only logistic has" in repr(found)
    assert results.compare("dummy", "logistic").difference == -found.difference
    with pytest.raises(UnknownName, match="did you mean knn"):
        results.compare("knm", "dummy")
    with pytest.raises(UsageError, match="not compared with itself"):
        results.compare("knn", "knn")


def test_report_writes_the_figures_beside_the_board(results: Results, capsys):
    root = results.store.root
    assert main(["report", "--out", str(root), "--plots", "svg"]) == 0
    folder = root / "iris" / "cv2" / "plots"
    names = {path.name for path in folder.iterdir()}
    assert names >= {"ranking.svg", "differences.svg", "confusion-knn.svg", "confusion-dummy.svg"}
    assert f"{folder}: ranking.svg" in capsys.readouterr().err
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["report", "--out", str(root), "--plots", "svg"]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert main(["report", "--out", str(root), "--plots", "sgv"]) == 2
    assert "did you mean svg?" in capsys.readouterr().err
