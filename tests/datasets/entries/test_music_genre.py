from __future__ import annotations

import gzip
import hashlib
import sys
import types
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import suite
from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.entries import music_genre
from suite.datasets.entries.reported import macro_f1, reported
from suite.datasets.files import sources
from suite.errors import DataError
from suite.metrics import METRICS
from suite.protocol import Protocol
from suite.schema import Split


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No table anywhere; an empty cache."""
    monkeypatch.delenv("SUITE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "suite"


@pytest.fixture
def small(monkeypatch):
    """A table that passes for the real one, with a row of each fault."""
    names = [*music_genre.NO_FEATURES, "tempo", "duration_ms", "mode", "music_genre"]
    rows = [
        "1,empty_field,t,d,?,-1,Major,Rap",
        ",,,,,,,",
        "2,b,t,d,100.5,200,Minor,Rock",
        "3,c,u,d,90,300,Minor,Rap",
    ]
    data = "\n".join([",".join(names), *rows, ""]).encode()
    monkeypatch.setattr(music_genre, "SHA256", hashlib.sha256(data).hexdigest())
    return data


def test_an_absent_table_is_one_line_that_says_how_to_get_it(nowhere):
    with pytest.raises(DataError) as caught:
        load(DataConfig(source="music_genre"))
    assert "suite fetch music_genre" in str(caught.value)
    assert "$SUITE_DATA" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_table_is_looked_for_in_the_folder_given_the_environment_and_the_cache(
    nowhere, tmp_path, monkeypatch
):
    given, environment = tmp_path / "given", tmp_path / "environment"
    monkeypatch.setenv("SUITE_DATA", str(environment))
    found = []
    for folder, ending in (
        (nowhere, ".zip"),
        (environment, ".gz"),
        (given, ".zip"),
        (given, ".gz"),
        (given, ""),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"music_genre.csv{ending}"
        path.touch()
        found.append(music_genre.find(given) == path)
    assert found == [True] * 5


def test_cleaning_is_reported_with_counts(nowhere, small, tmp_path):
    (tmp_path / "music_genre.csv.gz").write_bytes(gzip.compress(small))
    data = load(DataConfig(source="music_genre", data_dir=tmp_path))
    assert data.notes == (
        "dropped 1 row without any value",
        "tempo: '?' in 1 row was made missing",
        "duration_ms: -1 in 1 row was made missing",
        "artist_name: 'empty_field' in 1 row was left as it is",
    )
    np.testing.assert_array_equal(data.X["tempo"], [np.nan, 100.5, 90])
    np.testing.assert_array_equal(data.X["duration_ms"], [np.nan, 200, 300])
    assert data.classes == ("Rap", "Rock")
    assert list(data.dropped) == list(music_genre.NO_FEATURES)


def test_columns_that_identify_can_be_kept_or_encoded(nowhere, small, tmp_path):
    (tmp_path / "music_genre.csv").write_bytes(small)
    source = {"source": "music_genre", "data_dir": tmp_path}
    assert load(DataConfig(**source, keep=("artist_name",))).kinds[0] == "categorical"
    assert load(DataConfig(**source, encode=("artist_name",))).kinds[0] == "text"


def test_a_table_of_other_bytes_is_refused_with_both_hashes(nowhere, tmp_path):
    (tmp_path / "music_genre.csv").write_bytes(b"x,music_genre\n1,Rap\n")
    got = hashlib.sha256(b"x,music_genre\n1,Rap\n").hexdigest()
    with pytest.raises(DataError, match=f"sha256 {got}, expected {music_genre.SHA256}"):
        load(DataConfig(source="music_genre", data_dir=tmp_path))


def kaggle(monkeypatch, data, name="music_genre.csv"):
    """Stand in for kagglehub with one that delivers `data`, or raises it."""
    calls = []

    def dataset_download(handle, *, output_dir):
        calls.append(handle)
        if isinstance(data, Exception):
            raise data
        (Path(output_dir) / name).write_bytes(data)
        return output_dir

    monkeypatch.setitem(sys.modules, "kagglehub", types.SimpleNamespace(dataset_download=dataset_download))
    return calls


def test_fetch_puts_the_table_into_the_cache_once(nowhere, small, monkeypatch):
    calls = kaggle(monkeypatch, small)
    assert music_genre.fetch() == music_genre.fetch() == nowhere / "music_genre.csv"
    assert calls == ["vicsuperman/prediction-of-music-genre"]
    assert [path.name for path in nowhere.iterdir()] == ["music_genre.csv"]
    assert load(DataConfig(source="music_genre")).X.shape == (3, 3)


def test_fetch_replaces_a_damaged_copy(nowhere, small, monkeypatch):
    nowhere.mkdir(parents=True)
    (nowhere / "music_genre.csv").write_bytes(small[:-5])
    kaggle(monkeypatch, small)
    assert music_genre.fetch().read_bytes() == small


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"<!DOCTYPE html><html>Sorry</html>", "music_genre.csv", "an HTML page"),
        (b"x,y\n", "music_genre.csv", "expected 6e1a77a4"),
        (b"x,y\n", "other.csv", "holds no music_genre.csv; nothing was kept"),
        (ConnectionError("no route\nto host"), "", "could not be fetched from Kaggle: no route"),
        (TimeoutError(), "", "could not be fetched from Kaggle: TimeoutError"),
    ],
)
def test_a_download_that_is_not_the_table_leaves_nothing_behind(nowhere, monkeypatch, data, name, message):
    kaggle(monkeypatch, data, name)
    with pytest.raises(DataError) as caught:
        music_genre.fetch()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(nowhere.iterdir()) == []


def test_fetch_without_kagglehub_says_what_to_install(nowhere, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DataError, match=r'pip install "tabular-suite\[data\]"'):
        music_genre.fetch()


def test_fetch_calls_kagglehub_as_it_is():
    kagglehub = pytest.importorskip("kagglehub")
    import inspect

    parameters = inspect.signature(kagglehub.dataset_download).parameters
    assert {"handle", "output_dir"} <= set(parameters)


def test_the_check_of_the_original_split_knows_the_supports():
    labels = np.repeat(np.arange(10), music_genre.SUPPORTS)
    music_genre.check_original(labels)
    with pytest.raises(DataError, match="not the original split"):
        music_genre.check_original(labels[1:])
    with pytest.raises(DataError, match="not the original split"):
        music_genre.check_original([*labels, 10])


@pytest.mark.data
def test_the_real_table_has_its_shape_classes_and_faults(data_dir):
    data = load(DataConfig(source="music_genre", data_dir=data_dir))
    assert data.X.shape == (50_000, 13)
    assert np.bincount(data.y).tolist() == [5000] * 10
    assert data.notes == (
        "dropped 5 rows without any value",
        "tempo: '?' in 4,980 rows was made missing",
        "duration_ms: -1 in 4,939 rows was made missing",
        "artist_name: 'empty_field' in 2,489 rows was left as it is",
        "the rows are sorted by class",
    )
    assert not data.findings
    assert int(data.X["tempo"].isna().sum()) == 4980
    assert int(data.X["duration_ms"].isna().sum()) == 4939
    assert data.kinds.count("categorical") == 2
    assert data.protocol == "original"


@pytest.mark.data
def test_the_original_split_has_the_supports_of_the_log_and_its_three_rows(data_dir):
    data = load(DataConfig(source="music_genre", data_dir=data_dir))
    (split,) = Protocol.parse("original").splits(data)
    music_genre.check_original(data.y[split.test])
    records = reported(data, "original", split)
    assert [record.model for record in records] == [
        "original_baseline",
        "original_enhanced",
        "original_tuned",
    ]
    assert [record.metrics["accuracy"] for record in records] == [0.5742, 0.574, 0.6007]
    assert [record.metrics["log_loss"] for record in records] == [1.0926, 1.0939, None]
    for record in records:
        assert (record.source, record.fingerprint) == ("reported", data.fingerprint)
        assert (record.split, record.split_fingerprint) == ("original-42", split.fingerprint)
        assert set(record.metrics) == set(METRICS)
        assert tuple(record.classes) == data.classes
        assert record.features.used == tuple(data.X.columns)
        assert record.notes
    tuned = records[2]
    confusion = np.array(tuned.confusion)
    assert tuple(confusion.sum(axis=1)) == music_genre.SUPPORTS
    assert confusion.trace() / confusion.sum() == pytest.approx(0.6007)
    f1 = 2 * confusion.diagonal() / (confusion.sum(axis=0) + confusion.sum(axis=1))
    assert [figures["f1"] for figures in tuned.per_class.values()] == [round(value, 2) for value in f1]
    assert list(tuned.per_class) == list(data.classes)
    assert tuned.metrics["macro_f1"] == pytest.approx(f1.mean())
    assert len({record.key for record in records}) == 3


@pytest.mark.data
def test_an_artist_is_never_in_train_and_test_and_its_name_is_no_feature(data_dir):
    config = DataConfig(source="music_genre", data_dir=data_dir)
    protocol = Protocol.parse("grouped:artist_name")
    data = load(config, protocol)
    assert "artist_name" not in data.X
    assert data.fingerprint == load(config).fingerprint
    (split,) = protocol.splits(data)
    artists = data.aside["artist_name"].astype(str).to_numpy()
    for part in (split, protocol.inner(split, data)):
        assert not set(artists[part.train]) & set(artists[part.test])
    assert (len(split.train), len(split.test)) == (40_000, 10_000)
    assert np.ptp(np.bincount(data.y[split.test])) <= 10


@pytest.mark.slow
@pytest.mark.data
def test_new_artists_are_harder_and_their_names_are_of_no_use(data_dir, tmp_path):
    run = partial(
        suite.run, "hist_gb", "music_genre", data_dir=data_dir, protocol="grouped:artist_name", threads=1
    )
    (plain,) = run(executor="inline", out=tmp_path).records
    (encoded,) = run(executor="inline", out=tmp_path, encode="artist_name").records
    assert 0.50 < plain.metrics["accuracy"] < 0.62
    assert encoded.metrics["accuracy"] < plain.metrics["accuracy"]


@pytest.mark.data
def test_published_rows_are_refused_on_other_test_rows(data_dir):
    data = load(DataConfig(source="music_genre", data_dir=data_dir))
    rows = np.arange(len(data.y))
    wrong = Split(
        id="x", protocol="original", seed=0, train=rows[10_000:], test=rows[:10_000], fingerprint=""
    )
    with pytest.raises(DataError, match="not the original split"):
        reported(data, "original", wrong)
    assert reported(data, "holdout", wrong) == []


def test_other_data_sets_have_no_published_rows():
    data = load(DataConfig(source="iris"))
    (split,) = Protocol.parse("holdout").splits(data)
    assert reported(data, "holdout", split) == reported(data, "original", split) == []


def test_macro_f1_leaves_out_classes_that_are_nowhere():
    assert macro_f1([[3, 1, 0], [0, 4, 0], [0, 0, 0]]) == pytest.approx((6 / 7 + 8 / 9) / 2)


def test_the_stem_of_the_cache_is_the_name_of_the_project(nowhere):
    assert sources.cache_dir() == nowhere
