from __future__ import annotations

import gc
import gzip
import http.server
import threading

import pandas as pd
import pytest
from sklearn import datasets
from sklearn.datasets import _openml
from sklearn.utils import Bunch

from suite.config import DataConfig
from suite.datasets.catalogue import is_file, load
from suite.datasets.files.openml import fetch_openml_table, read_openml_table
from suite.errors import DataError, UnknownName, UsageError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def fetched(monkeypatch, **changes):
    frame = pd.DataFrame(
        {
            "x": [0.1, None, 1 / 3],
            "code": pd.Categorical(["01", "02", None]),
            "class": pd.Categorical(["a", "b", "a"]),
        }
    )
    asked = []

    def fetch_openml(**options):
        asked.append(options)
        found = {"frame": frame, "target_names": ["class"], "details": {"name": "t", "version": "2"}}
        return Bunch(**(found | changes))

    monkeypatch.setattr(datasets, "fetch_openml", fetch_openml)
    return asked


def test_a_table_is_fetched_once_and_read_without_the_network(monkeypatch):
    asked = fetched(monkeypatch)
    path = fetch_openml_table(61)
    assert fetch_openml_table(61) == path
    assert [(options["data_id"], options["as_frame"]) for options in asked] == [(61, True)]
    monkeypatch.delattr(datasets, "fetch_openml")
    data = load(DataConfig(source="openml:61"))
    assert (data.name, data.title, data.target) == ("openml:61", "t, version 2, of OpenML", "class")
    assert data.X["x"].dropna().tolist() == [0.1, 1 / 3]
    assert data.X["code"].dropna().tolist() == ["01", "02"]
    assert data.classes == ("a", "b")
    other = load(DataConfig(source="openml:61", target="code"))
    assert (other.target, other.classes) == ("code", ("01", "02"))
    assert other.fingerprint != data.fingerprint


def test_a_table_that_was_not_fetched_says_how():
    with pytest.raises(DataError, match=r"openml:61 is not here: run `suite fetch openml:61`"):
        load(DataConfig(source="openml:61"))


def test_a_table_without_a_target_asks_for_one(monkeypatch):
    fetched(monkeypatch, target_names=[])
    fetch_openml_table(7)
    assert read_openml_table(7).target is None
    with pytest.raises(
        UsageError, match="openml:7 names no target: it needs --target COLUMN; its columns are x, code"
    ):
        load(DataConfig(source="openml:7"))
    with pytest.raises(UnknownName, match="no column named 'clas'; did you mean class"):
        load(DataConfig(source="openml:7", target="clas"))


def test_a_failed_fetch_is_one_clear_line_and_leaves_nothing(monkeypatch, tmp_path):
    def fetch_openml(**options):
        raise OSError("no\nnetwork")

    monkeypatch.setattr(datasets, "fetch_openml", fetch_openml)
    with pytest.raises(DataError, match=r"openml:61 could not be fetched: .*no network"):
        fetch_openml_table(61)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_copy_says_what_to_do(monkeypatch):
    fetched(monkeypatch)
    path = fetch_openml_table(61)
    path.with_name("61.json").write_text("{}")
    with pytest.raises(DataError, match="is damaged: remove it and run `suite fetch openml:61`"):
        read_openml_table(61)


def test_a_name_that_is_no_number_is_refused():
    assert not is_file("openml:61")
    with pytest.raises(UsageError, match="is not of the form openml:ID, such as openml:61"):
        load(DataConfig(source="openml:iris"))


class _Server(http.server.BaseHTTPRequestHandler):
    """What may be at the other end: it answers every request as its server was told to."""

    def do_GET(self):
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


RETRIES = pytest.mark.filterwarnings(
    "ignore:A network error occurred",
    "ignore:Invalid cache",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


@RETRIES
@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, {"Location": "file:///etc/passwd"}, b""),
        (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>Sorry</html>"),
        (200, {"Content-Length": "9999"}, b'{"data_set_description": {"id": "61"'),
        (
            200,
            {"Content-Encoding": "gzip"},
            gzip.compress(mtime=0, data=b'{"data_set_description": {}}')[:-9],
        ),
        (500, {}, b"Sorry"),
        (404, {}, b""),
    ],
)
def test_whatever_a_server_answers_instead_of_a_table_is_one_line_and_leaves_nothing(
    tmp_path, monkeypatch, status, headers, body
):
    monkeypatch.setattr(_openml.time, "sleep", lambda _: None)
    with http.server.HTTPServer(("127.0.0.1", 0), _Server) as server:
        server.answer = (status, headers, body)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setattr(_openml, "_DATA_INFO", f"http://127.0.0.1:{server.server_port}/data/{{}}")
        with pytest.raises(DataError, match="openml:61 could not be fetched") as caught:
            fetch_openml_table(61)
        server.shutdown()
        thread.join()
    said = str(caught.value)
    # The connections that urllib leaves open end with the exception, while their warning is ignored.
    del caught
    gc.collect()
    assert "\n" not in said
    assert "root:" not in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@RETRIES
def test_without_a_network_a_fetch_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setattr(_openml, "_DATA_INFO", "http://127.0.0.1:9/data/{}")
    monkeypatch.setattr(_openml.time, "sleep", lambda _: None)
    with pytest.raises(DataError, match="openml:61 could not be fetched: URLError"):
        fetch_openml_table(61)


def test_a_copy_that_is_cut_off_says_what_to_do(monkeypatch):
    fetched(monkeypatch)
    path = fetch_openml_table(61)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_openml_table(61)
