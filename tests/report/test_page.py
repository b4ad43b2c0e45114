from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from statistics import fmean
from typing import Any

import pytest

from suite.analysis.ranking import boards
from suite.records import to_dict
from suite.report.page import board_page, index_page
from suite.schema import Record

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    '" onload="alert(1)',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</svg><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp;",
    "\u202eevil\x1b[2J",
    "<!--",
    "]]>",
)


FIGURES = (
    ("Quality", "Accuracy", "metrics", "accuracy"),
    ("Quality", "Macro F1", "metrics", "macro_f1"),
    ("Quality", "Log loss", "metrics", "log_loss"),
    ("Quality", "Fit", "timing", "fit_s"),
    ("Quality", "Predict", "timing", "predict_s"),
    ("More scores", "ROC AUC", "metrics", "roc_auc"),
    ("More scores", "Brier score", "metrics", "brier"),
    ("Time", "1 row, median", "timing", "latency_ms_p50"),
)
"""Tables, their columns, and where a record has the figure."""


class Page(HTMLParser):
    """What stands on a page: elements with their attributes, tables by their labels, and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[tuple[str, str | None]]]] = {}
        self.blocks: dict[str, str] = {}
        self._within: list[str] = []
        self._label = ""
        self._texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("role") == "group":
            self._label = given.get("aria-label") or ""
        if tag == "table":
            while self._label in self.tables:
                self._label += "+"
            self.tables[self._label] = []
        if tag == "tr" and self.tables:
            self.tables[self._label].append([])
        if tag in ("td", "th"):
            self.tables[self._label][-1].append(("", given.get("data-v")))
        if tag in ("script", "style", "title"):
            self.blocks[given.get("id") or tag] = ""
            self._within = [given.get("id") or tag]
        if tag in ("td", "th"):
            self._within = ["cell"]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "script", "style", "title"):
            self._within = []

    def handle_data(self, data: str) -> None:
        if self._within == ["cell"]:
            text, value = self.tables[self._label][-1][-1]
            self.tables[self._label][-1][-1] = (text + data, value)
        elif self._within:
            self.blocks[self._within[0]] += data
        else:
            self._texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self._texts)

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(self.blocks["payload"])))
        for record in found["records"]:
            if record["confusion"]:
                size, counts = record["confusion"]["size"], record["confusion"]["counts"]
                known = {(i, j): n for i, j, n in counts}
                assert 0 not in known.values()
                record["confusion"] = [[known.get((i, j), 0) for j in range(size)] for i in range(size)]
        return found


def page_of(records: list[Record], store: Any = None) -> tuple[str, Page]:
    (board,) = boards(records, store=store)
    by_key = {record.key: record for record in records}
    html = board_page(board, [by_key[key] for key in board.keys])
    return html, Page(html)


def test_every_figure_of_the_board_is_the_mean_of_its_records(genre_records, made_up) -> None:
    _, page = page_of(genre_records, made_up)
    records: dict[str, list[dict[str, Any]]] = {}
    for record in page.payload["records"]:
        records.setdefault(record["id"]["model"], []).append(record)
    checked = 0
    for table, title, part, name in FIGURES:
        head, *rows = page.tables[table]
        titles = [" ".join(text.split()) for text, _ in head]
        assert (len(rows), len(records)) == (12 if table == "Time" else 14, 14)
        for row in rows:
            told = dict(zip(titles, row, strict=True))
            own = [record for record in records[told["Model"][0]] if record["status"] == "ok"]
            known = [value for record in own if (value := record[part].get(name)) is not None]
            text, value = told[title]
            # Where words say as much, nothing stands behind them.
            value = text if value is None and re.fullmatch(r"-?[\d.]+", text) else value
            assert (value is None) == (not known), (row, title)
            if value is not None:
                assert float(value) == pytest.approx(fmean(known), rel=1e-5)
                assert part == "timing" or text == f"{fmean(known):.4f}"
                checked += 1
    assert checked > 70


def test_every_count_of_a_matrix_is_that_of_the_record(genre_records, made_up) -> None:
    _, page = page_of(genre_records, made_up)
    payload = page.payload
    by_model = {record["id"]["model"]: record["confusion"] for record in payload["records"]}
    assert len(payload["board"]["confusion"]) > 10
    for model, entries in payload["board"]["confusion"].items():
        assert {(i, j): n for i, j, n in entries} == {
            (i, j): n for i, row in enumerate(by_model[model]) for j, n in enumerate(row) if n
        }
        shown = [[text for text, _ in row[1:]] for row in page.tables[f"Confusion of {model}"][1:]]
        counts = [[0 if text == "·" else int(text.split()[0]) for text in row] for row in shown]
        assert counts == by_model[model]


def test_the_records_in_the_page_are_those_of_the_board_as_their_files_have_them(genre_records) -> None:
    (board,) = boards(genre_records)
    _, page = page_of(genre_records)
    assert tuple(sorted(said["key"] for said in page.payload["records"])) == board.keys
    by_key = {record.key: record for record in genre_records}
    assert page.payload["records"] == [to_dict(by_key[said["key"]]) for said in page.payload["records"]]


def test_the_policy_names_the_one_style_and_the_one_script_and_allows_nothing_else(small_records) -> None:
    html, page = page_of(small_records)
    policy = next(given["content"] for tag, given in page.tags if given.get("http-equiv"))
    assert policy is not None

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    script = re.findall("<script>(.*?)</script>", html, re.DOTALL)
    style = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    assert len(script) == len(style) == 1
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest(style[0])}'; script-src 'sha256-{digest(script[0])}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert len(script[0].encode()) <= 15 * 1024
    attributes = {name for _, given in page.tags for name in given}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src")}
    links = [given["href"] for _, given in page.tags if "href" in given]
    assert all(link is not None and link.startswith("#") for link in links)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_changes_nothing_but_the_words_of_a_page(make_record, made_up, name: str) -> None:
    def html(word: str) -> str:
        classes = (f"{word} 0", f"{word} 1", "c")
        records = [
            make_record(
                model,
                accuracy,
                dataset=word,
                target=word,
                classes=classes,
                n_test=300,
                notes=[word],
                features={"used": [word], "dropped": {word: word}, "notes": [word]},
            )
            for model, accuracy in (("logistic", 0.6), ("xgboost", 0.9), ("dummy", 0.3))
        ]
        # A made-up matrix depends on the model's name.
        records[0] = replace(records[0], id=replace(records[0].id, model=word))
        failed = make_record(
            "knn",
            dataset=word,
            target=word,
            classes=classes,
            n_test=300,
            status="error",
            failure={"kind": word, "message": word},
            features={"used": [word], "dropped": {word: word}, "notes": [word]},
        )
        return page_of([*records, failed], made_up)[0]

    tame, hostile = Page(html("harmless")), Page(html(name))
    # What is drawn depends on how wide words are.
    drawn = {"text", "rect", "polyline", "circle", "title"}

    def elements(page: Page) -> list[str]:
        return [tag for tag, _ in page.tags if tag not in drawn]

    assert elements(hostile) == elements(tame)
    assert {tag for tag, _ in hostile.tags} == {tag for tag, _ in tame.tags}
    assert {a for _, given in hostile.tags for a in given} <= {a for _, given in tame.tags for a in given}
    assert not any(ord(c) in (0x1B, 0x202E) for c in html(name))


def test_the_same_board_gives_the_same_page(small_records, made_up) -> None:
    assert page_of(small_records, made_up)[0] == page_of(small_records[::-1], made_up)[0]


def test_fifteen_models_of_ten_classes_take_less_than_300_kb(genre_records, made_up) -> None:
    html, _ = page_of(genre_records, made_up)
    assert len(html.encode()) < 300_000


def test_a_board_without_scores_is_still_a_page(make_record) -> None:
    records = [make_record("knn", status="timeout", failure={"kind": "timeout", "message": "at 5 s"})]
    _, page = page_of(records)
    assert "at 5 s" in " ".join(text for text, _ in page.tables["Failures"][1])


def test_what_a_reader_must_know_first_stands_before_the_answer(small_records) -> None:
    (board,) = boards(small_records)
    html = board_page(board, small_records, "Partial: 2 fits are not done yet.")
    assert html.index("Partial: 2 fits") < html.index("<main>")
    assert "Partial" not in board_page(board, small_records)


def test_the_index_links_each_page_by_a_relative_path(small_records, make_record) -> None:
    other = make_record("knn", dataset="wine/..", classes=("a", "b"), n_test=100)
    found = boards([*small_records, other])
    page = Page(index_page(found))
    links = [given["href"] for tag, given in page.tags if tag == "a" and "#" not in (given["href"] or "")]
    assert links == [f"{board.folder}/report.html" for board in found]
