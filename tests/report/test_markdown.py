from __future__ import annotations

import dataclasses
import shlex
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from suite.analysis.ranking import boards
from suite.config import View
from suite.report.markdown import PAGE, board_markdown, escape, index_markdown, quality_markdown
from suite.report.text import inert

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "a|b",
    "`code`",
    "back\\slash|",
    "**bold** _em_ ~~gone~~",
    "[x](javascript:alert(1))",
    "![i](http://e.com/i.png)",
    "<img src=x onerror=alert(1)>",
    "</summary></details><script>alert(1)</script>",
    "two\nlines\r\n\r\n# heading",
    "https://evil.com and www.evil.com",
    "<https://evil.com>",
    "me@evil.com",
    "&lt;b&gt; &amp;",
    "- item",
    "1. item",
    "# title",
    "$x$",
    "```",
    "\u202eevil\x1b[2J",
)
RENDER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Page(HTMLParser):
    """Counts elements and collects the text of table cells."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.attributes: list[str] = []
        self.sources: list[str | None] = []
        self._in_cell = False
        self.feed(RENDER.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.sources += [value for name, value in attrs if name == "src"]
        if tag in ("td", "th"):
            self._in_cell = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data


def test_a_board_reads_as_it_should(small_records, made_up):
    assert board_markdown(boards(small_records, store=made_up)[0]) == (GOLDEN / "LEADERBOARD.md").read_text(
        "utf-8"
    )


def test_the_index_links_each_board_by_a_relative_path(small_records, make_record):
    page = index_markdown(
        boards([*small_records, make_record(dataset="[Evil](x)", protocol="cv5", split="cv5-f0")])
    )
    assert page == (GOLDEN / "index.md").read_text("utf-8")


def with_findings(*texts: str) -> dict[str, object]:
    found = [{"code": "identifier", "text": text, "columns": []} for text in texts]
    return {"used": ["x"], "dropped": {}, "findings": found}


def test_what_to_check_stands_right_below_the_answer(make_record):
    texts = ("id counts the rows: left out; --keep id uses it", "a_ <b>", "three", "four")
    page = board_markdown(boards([make_record(features=with_findings(*texts))])[0])
    assert page.split("\n\n")[:5] == [
        "# music_genre, original, target music_genre, 2026-01-01",
        "logistic is the only model with a score: accuracy 0.6420.",
        "![Models by accuracy. logistic leads with 0.6420.](ranking.svg)",
        "**Check this before you believe the scores**",
        "- id counts the rows: left out; --keep id uses it\n- a\\_ \\<b\\>\n- three\n- and 1 more: see Notes",
    ]
    assert "- four" in page[page.index("## Notes") :]
    assert "Check this" not in board_markdown(boards([make_record()])[0])


def test_models_that_the_board_lacks_stand_right_below_the_answer(make_record):
    old = make_record("dummy", fingerprint="a" * 64, started_at="2020-01-01T00:00:00")
    page = board_markdown(boards([make_record("knn"), old])[0])
    title, answer, _, sentence, command, about, *_ = page.split("\n\n")
    assert title == "# music_genre, original, target music_genre, 2026-01-01"
    assert answer.startswith("knn is the only model")
    assert sentence.startswith("1 model is not on this board: dummy. The table or its features")
    assert command.startswith("```sh\npython -m suite run")
    assert about.startswith("10 classes")


def test_the_index_names_the_target_where_a_table_has_several(make_record):
    other = make_record(target="other", fingerprint="b" * 64, started_at="2027-01-01T00:00:00")
    header, _, *lines = index_markdown(boards([make_record(), other])).splitlines()[2:]
    assert header.startswith("| Data set | Target | Protocol |")
    assert [line.split(" | ")[1] for line in lines] == ["music\\_genre", "other"] or len(lines) == 2
    assert "Target" not in index_markdown(boards([make_record(), make_record(protocol="cv5")]))


def test_the_index_counts_what_is_to_check_where_there_is_anything(make_record):
    found = make_record(dataset="b", features=with_findings("one", "two"))
    lines = index_markdown(boards([make_record(dataset="a"), found])).splitlines()
    assert lines[2].endswith("| Models | To check |")
    assert [line.split(" | ")[-1] for line in lines[4:]] == ["– |", "2 |"]
    assert "To check" not in index_markdown(boards([make_record(dataset="a")]))


@given(st.text(max_size=40))
def test_escaped_text_renders_as_itself_in_one_cell(text: str):
    page = Page(f"| a | b |\n| --- | --- |\n| {escape(text)} | end |\n")
    assert len(page.cells) == 4
    # Only the character that breaks up mail addresses is added.
    assert page.cells[2].replace("\u200b", "") == inert(text)
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td"}


@given(st.text(max_size=40))
def test_escaped_text_opens_no_block_at_the_start_of_a_line(text: str):
    page = Page(f"- {escape(text)}\n")
    assert page.tags == ["ul", "li"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_changes_nothing_but_the_words_of_a_page(make_record, name: str):
    def page(word: str) -> Page:
        classes = (word, "plain", "other")
        found = [{"code": "identifier", "text": f"a {word} b", "columns": [word]}] * 4
        features = {"used": [word], "dropped": {word: word}, "notes": [word], "findings": found}
        shared = {"dataset": word, "target": word, "classes": classes, "features": features, "notes": [word]}
        figures = {
            "metrics": {"accuracy": 0.5, "log_loss": 1.0},
            "per_class": {name: {"f1": 0.1 * i} for i, name in enumerate(classes)},
            "confusion": [[5, 5, 0], [5, 5, 0], [0, 0, 10]],
        }
        records = [
            make_record(word, **shared, **figures, key="1"),
            make_record("knn", **shared, **figures, key="2"),
            make_record("bad", status="error", **shared, failure={"kind": word, "message": word}, key="3"),
        ]
        return Page(board_markdown(boards(records)[0]))

    usual, hostile = page("name"), page(name)
    assert hostile.tags == usual.tags
    assert len(hostile.cells) == len(usual.cells)
    assert not {"a", "script"} & set(hostile.tags)
    assert not {"href", "onerror"} & set(hostile.attributes)
    assert hostile.tags.count("img") == hostile.attributes.count("src") == 1
    assert hostile.sources == ["ranking.svg"]


@pytest.mark.parametrize("name", [*HOSTILE, "../../etc/passwd", "CON", "/", "a/b"])
def test_links_of_the_index_stay_inside_the_results(make_record, name: str):
    (board,) = boards([make_record(dataset=name, protocol=name)])
    path = PurePosixPath(board.folder, PAGE)
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert len(path.parts) == 3
    page = Page(index_markdown([board]))
    assert page.tags.count("a") == 1
    assert page.tags.count("tr") == 2


def test_quality_is_the_same_byte_for_byte_on_another_machine_at_another_time(small_records, make_record):
    def elsewhere(record):
        if record.source != "run":
            return record
        timing = dataclasses.replace(record.timing, fit_s=(record.timing.fit_s or 0) * 3.7, predict_s=99.0)
        provenance = dataclasses.replace(
            record.provenance, cpu="Another", started_at="2027-07-07T07:07:07+00:00"
        )
        resources = dataclasses.replace(record.resources, peak_rss_mb=9999.0, threads=8)
        return dataclasses.replace(record, timing=timing, provenance=provenance, resources=resources)

    here, there = boards(small_records)[0], boards(map(elsewhere, small_records))[0]
    assert quality_markdown(here) == quality_markdown(there)
    assert board_markdown(here) != board_markdown(there)
    title, _, rest = board_markdown(here).partition("\n")
    expected, _, quality = quality_markdown(here).partition("\n")
    assert title == f"{expected}, 2026-01-01"
    assert rest.startswith(quality)


def test_a_wide_board_numbers_its_models(genre_records):
    text = board_markdown(boards(genre_records)[0])
    assert "Models are numbered as in the table above." in text
    assert "| Class | 1 | " in text


def test_many_classes_give_a_list_of_mistakes_instead_of_a_matrix(make_record):
    text = board_markdown(boards([make_record(classes=[f"c{i:02d}" for i in range(50)], n_test=5000)])[0])
    assert "The 50 classes are too many for a matrix" in text
    assert max(map(len, text.splitlines())) < 400


def test_an_empty_folder_has_an_index_that_says_so():
    assert "No records yet." in index_markdown([])


def test_a_board_without_scores_is_still_a_page(make_record):
    (board,) = boards([make_record("knn", status="crash", failure={"kind": "SIGSEGV", "message": "died"})])
    text = board_markdown(board)
    assert "| – | knn | crash |" in text
    assert "SIGSEGV: died" in text
    assert "no model has a score" in index_markdown([board])


def test_of_one_model_alone_nothing_is_called_the_best_of_its_class(make_record, made_up) -> None:
    one, two = (
        boards([make_record(m, accuracy) for m, accuracy in models], store=made_up)[0]
        for models in ([("knn", 0.9)], [("knn", 0.9), ("dummy", 0.1)])
    )
    assert "best of its class" not in board_markdown(one)
    assert "best of its class" in board_markdown(two)


def test_a_title_names_the_target_once_and_the_day_of_the_newest_fit(make_record) -> None:
    newer = make_record("dummy", started_at="2026-03-04T23:59:00+00:00")
    (board,) = boards([make_record("knn"), newer])
    assert title_of(board) == "# music_genre, original, target music_genre, 2026-03-04"
    other = make_record(target="other", fingerprint="b" * 64, started_at="2027-01-01T00:00:00")
    assert {title_of(board) for board in boards([make_record(), other])} == {
        "# music_genre, target music_genre, original, 2026-01-01",
        "# music_genre, target other, original, 2027-01-01",
    }
    assert title_of(replace(board, date="")) == "# music_genre, original, target music_genre"


def title_of(board) -> str:
    return board_markdown(board).splitlines()[0]


def tables(page: str) -> list[list[str]]:
    """The columns of every table."""
    lines = page.splitlines()
    heads = [lines[place - 1] for place, line in enumerate(lines) if line.startswith("| ---")]
    return [[cell.strip() for cell in head.strip("|").split("|")] for head in heads]


@pytest.mark.parametrize("metric", ["accuracy", "brier", "mcc"])
def test_the_first_table_is_narrow_and_the_second_has_the_other_scores(
    genre_records, made_up, metric
) -> None:
    page = board_markdown(boards(genre_records, View(metric=metric), store=made_up)[0])
    first, second, *_ = tables(page)
    assert len(first) <= 9
    assert {"Model", "Macro F1", "Log loss"} <= set(first)
    assert {"Family", "95\u00a0% interval", "ROC AUC", "Balanced accuracy", "Status"} <= set(second)
    assert set(first) & set(second) == {"#", "Model"}
    assert "| plugins/mine.py:make | timeout |" in page


def test_where_nothing_is_compared_the_first_table_has_the_intervals(small_records) -> None:
    first, second, *_ = tables(board_markdown(boards(small_records)[0]))
    assert "95\u00a0% interval" in first
    assert "95\u00a0% interval" not in second


def test_a_model_with_a_part_of_its_fits_says_so_in_the_first_table(make_record) -> None:
    cells = [make_record("knn", protocol="cv3", split=f"cv3-f{i}") for i in range(3)]
    failed = {"status": "timeout", "failure": {"kind": "timeout", "message": "stopped after 600 s"}}
    some = [make_record("dummy", protocol="cv3", split=f"cv3-f{i}", **failed if i else {}) for i in range(3)]
    page = board_markdown(boards([*cells, *some])[0])
    assert "Fits ok" in tables(page)[0]
    assert "| 1/3 |" in page
    assert "Fits ok" not in tables(board_markdown(boards(cells)[0]))[0]


COMMANDS = (
    shlex.join(
        ["python", *(f"model_{i}:depth={i}" for i in range(40)), "--data", "my file's.csv", "a\\b", ""]
    ),
    shlex.join(["python", "x" * 120, "$(touch evil)", "`evil`", "#no", 'a"b', "\\", *"abc" * 40]),
    "python -m suite run dummy --data iris # without the models given in Python: it's, \"q, \\",
    "python -m suite run dummy # without " + "a long name' " * 30 + "end",
    "# a table given in Python: it's mine; models given in Python: " + ", ".join("abcdefgh" * 9),
    "ls",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shell_takes_a_broken_command_for_the_same_command(make_record, command: str) -> None:
    def words(text: str) -> list[str]:
        script = f'python() {{ printf "%s\\0" "$@"; }}; ls() {{ python ls; }}\n{text}\n'
        return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split(
            "\0"
        )

    (board,) = boards([make_record("knn")])
    shown = board_markdown(replace(board, command=command)).partition("sh\n")[2].partition("\n```")[0]
    assert words(shown) == words(command)
    long = [line for line in shown.splitlines() if len(line) > 100]
    assert all(len(line.split()) <= 2 for line in long)
