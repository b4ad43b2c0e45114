from __future__ import annotations

import subprocess
import sys

import pytest

from suite.config import DataConfig
from suite.datasets import catalogue
from suite.datasets.catalogue import DATASETS, is_file, load
from suite.errors import SuiteError, UnknownName, UsageError
from suite.schema import DatasetSpec


def test_importing_the_catalogue_imports_no_heavy_library():
    code = (
        "import sys, suite.datasets.catalogue\n"
        "heavy = [m for m in ('numpy', 'pandas', 'sklearn', 'scipy', 'kagglehub') if m in sys.modules]\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr) == (0, "")


@pytest.mark.parametrize("name", DATASETS)
def test_every_entry_has_a_summary_a_protocol_and_options_with_defaults(name):
    spec = DATASETS[name]
    assert isinstance(spec, DatasetSpec)
    assert spec.summary
    assert "\n" not in spec.summary
    assert spec.protocol in ("cv5", "holdout", "original")
    assert all(value is not None for value in spec.options.values())


def test_an_unknown_data_set_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="no data set named 'digts'; did you mean digits"):
        load(DataConfig(source="digts"))


def test_an_unknown_option_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="no option of synthetic named 'row'; did you mean rows"):
        load(DataConfig(source="synthetic:row=100"))


@pytest.mark.parametrize("source", ["digits:8", "digits:x=1", "synthetic:rows=10,"])
def test_a_name_with_options_that_do_not_fit_is_refused(source):
    with pytest.raises(UsageError):
        load(DataConfig(source=source))


def test_the_name_carries_the_options_that_are_not_defaults():
    assert (
        load(DataConfig(source="synthetic:rows=100,seed=0,features=3")).name
        == "synthetic:features=3,rows=100"
    )
    assert load(DataConfig(source="synthetic:rows=2000")).name == "synthetic"


def test_a_target_is_for_files_unless_it_is_the_data_sets_own():
    with pytest.raises(UsageError, match="the target of iris is 'species'; --target is for files"):
        load(DataConfig(source="iris", target="petal"))
    assert load(DataConfig(source="iris", target="species")).target == "species"


def test_choices_of_columns_reach_a_catalogue_table():
    data = load(DataConfig(source="iris", drop=("petal width (cm)",)))
    assert data.X.shape == (150, 3)


def test_a_catalogue_name_wins_over_a_file_and_a_path_is_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("iris", "plain"):
        (tmp_path / name).write_text("x,y\n1,a\n2,b\n")
    assert [is_file(source) for source in ("iris", "./iris", "plain", "other", "other.csv")] == [
        False,
        True,
        True,
        False,
        True,
    ]
    assert load(DataConfig(source="./iris", target="y")).X.shape == (2, 1)


@pytest.mark.parametrize("source", ["t.xlsx#Sheet 1", "t.db#rows", "t.jsonl.zst", "t.arff", "t.ods"])
def test_files_of_every_format_and_their_parts_are_files(source):
    assert is_file(source)


def test_reading_options_reach_a_file(tmp_path):
    (tmp_path / "t.csv").write_text("5.1;3,5;a\n4.9;3,0;b\n6.1;2,0;a\n")
    data = load(DataConfig(source=str(tmp_path / "t.csv"), target="3", no_header=True, decimal=","))
    assert (data.target, list(data.X.columns)) == ("column_3", ["column_1", "column_2"])


def test_a_file_is_named_by_its_stem_and_described_by_its_name(tmp_path):
    path = tmp_path / "My Table.CSV"
    path.write_text("x,y\n1,a\n2,b\n")
    data = load(DataConfig(source=str(path), target="y"))
    assert (data.name, data.title, data.protocol) == ("My Table", "the file My Table.CSV", "holdout")


@pytest.mark.parametrize(
    "source", ["https://example.org/t.csv", "s3://bucket/t.parquet", "https://example.org"]
)
def test_an_address_is_no_source(source):
    with pytest.raises(UsageError, match="suite downloads nothing: fetch the file yourself and name it"):
        load(DataConfig(source=source, target="y"))


@pytest.mark.parametrize("source", ["", " "])
def test_an_empty_source_is_refused(source):
    with pytest.raises(UsageError, match="is empty; name a file or a data set"):
        load(DataConfig(source=source, target="y"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("~$book.csv", "no file '~$book.csv'"),
        ("~nobody-of-this-name/t.csv", "no file '~nobody-of-this-name/t.csv': there is no folder"),
        ("a" * 300 + ".csv", "File name too long"),
        ("a/" * 3000 + "t.csv", "File name too long"),
        ("a\0b.csv", "no file 'a\\x00b.csv': "),
        ("a\nb.csv", "no file 'a\\nb.csv'"),
        ("\udcff.csv", "no file '\\udcff.csv'"),
        ("\U0001f600.csv", "no file '\U0001f600.csv'"),
        ("#.csv", "no file '#.csv'"),
        ("t.csv#", "t.csv has no part ''"),
        ("t.csv/x.csv", "Not a directory"),
        ("~", "is a folder; name the file in it"),
        (".", "is a folder; name the file in it"),
        ("/dev/zero", "is not a regular file"),
    ],
)
def test_a_path_that_is_no_table_is_one_clear_line(source, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("x,y\n1,a\n2,b\n")
    monkeypatch.setattr(catalogue, "is_file", lambda _: True)
    with pytest.raises(SuiteError) as caught:
        load(DataConfig(source=source, target="y"))
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_whose_name_begins_with_a_tilde_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~$t.csv").write_text("x,y\n1,a\n2,b\n")
    assert load(DataConfig(source="~$t.csv", target="y")).name == "~$t"


@pytest.mark.parametrize(
    "source", ["file:///etc/passwd", "https://example.org/t.csv", "ftp://example.org/t.csv"]
)
def test_an_address_is_never_opened(source):
    with pytest.raises(
        UsageError, match="is an address, and suite downloads nothing: fetch the file yourself"
    ):
        load(DataConfig(source=source, target="y"))
