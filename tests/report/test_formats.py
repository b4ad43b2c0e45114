from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest
from tests.report.test_markdown import HOSTILE

from suite.analysis.ranking import boards
from suite.report.formats import FORMATS, as_csv, as_json, as_latex, as_markdown
from suite.report.latex import escape
from suite.report.markdown import board_markdown

FORMULAS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", '=HYPERLINK("http://e","x")')
COMMANDS = (
    r"\input{/etc/passwd}",
    r"\write18{ls}",
    "a}{b",
    "100%",
    "a & b \\\\ c",
    "^^5cinput",
    "$x_1$",
    "a~b#1",
    "a--b''c``d",
    '"a',
    "[x]",
    "Größe 数",
)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_every_figure_of_the_board_in_full_precision(genre_records, made_up) -> None:
    (board,) = boards(genre_records, store=made_up)
    text = as_csv([board])
    assert "\r" not in text
    found = rows_of(text)
    assert [row["model"] for row in found] == [row.model for row in board.rows]
    for line, row in zip(found, board.rows, strict=True):
        for name, value in {**row.scores, **row.timing, **row.resources}.items():
            assert line[name] == ("" if value is None else repr(value))
        assert line["tied"] == str(row.tied).lower()
    assert {row["rank"] for row in found if row["source"] == "reported"} == {""}


@pytest.mark.parametrize("name", [*FORMULAS, *HOSTILE])
def test_no_cell_of_a_csv_is_a_formula_or_breaks_its_line(make_record, name: str) -> None:
    records = [make_record(name, dataset=name, target=name, protocol=name), make_record("knn", 0.2)]
    text = as_csv(boards(records))
    assert len(text.splitlines()) == 3
    (line,) = (row for row in rows_of(text) if row["model"] != "knn")
    for field in ("dataset", "target", "protocol", "model"):
        assert not line[field].startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
        assert line[field].isprintable()


def test_negative_figures_of_a_csv_stay_numbers(small_records, made_up) -> None:
    found = rows_of(as_csv(boards(small_records, store=made_up)))
    assert float(next(row for row in found if row["model"] == "dummy")["to_best"]) < -0.1


def test_json_has_the_rows_with_null_and_what_the_board_says(small_records, made_up, make_record) -> None:
    found = boards([*small_records, make_record(protocol="cv5", split="cv5-f0")], store=made_up)
    told = json.loads(as_json(found))
    assert [board["protocol"] for board in told] == ["cv5", "original"]
    shown = told[1]
    assert shown["verdict"] == [sentence.text for sentence in found[1].verdict]
    assert shown["metric"] == "accuracy"
    (failed,) = (row for row in shown["rows"] if row["status"] == "timeout")
    assert failed["accuracy"] is None
    assert shown["rows"][0]["accuracy"] == found[1].rows[0].scores["accuracy"]


def test_markdown_is_the_first_table_of_the_page(genre_records, made_up) -> None:
    found = boards(genre_records, store=made_up)
    table = as_markdown(found).split("\n\n")[1]
    assert table in board_markdown(found[0])
    assert as_markdown(found).startswith("## music_genre, original\n\n| #")


KNOWN = {
    *(
        "begin",
        "end",
        "centering",
        "caption",
        "label",
        "toprule",
        "midrule",
        "bottomrule",
        "textbf",
        "textit",
    ),
    *("textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar"),
    *("symbol", "textasciigrave"),
}


def tokens(text: str) -> Iterator[str]:
    """Yield what TeX sees: control sequences, special characters, and everything else as `.`."""
    body = "\n".join(line for line in text.splitlines() if line != r"% needs \usepackage{booktabs}")
    assert "^^" not in body
    # A label may have what the names of files have.
    body = re.sub(r"\\label\{tab:[a-z0-9_.:-]+\}", r"\\label{}", body)
    for match in re.finditer(r"\\([A-Za-z]+|.)|([{}$&#_%~^\\])|\n|.", body):
        yield match[0] if match[1] or match[2] else "."


def structure(text: str) -> list[str]:
    found = list(tokens(text))
    depth = 0
    for token in found:
        if re.fullmatch(r"\\[A-Za-z]+", token):
            assert token[1:] in KNOWN
        depth += {"{": 1, "}": -1}.get(token, 0)
        assert depth >= 0
        assert token not in ("#", "_", "%", "~")
    assert depth == 0
    return [token for token in found if token in ("&", r"\\", r"\begin", r"\end", r"\caption", "^", "$")]


@pytest.mark.parametrize("name", [*COMMANDS, *FORMULAS, *HOSTILE])
def test_no_name_is_a_command_of_latex(make_record, name: str) -> None:
    def table(word: str) -> str:
        classes = (word, "plain", "other")
        records = [
            make_record(model, accuracy, dataset=word, target=word, protocol=word, classes=classes, key=model)
            for model, accuracy in ((word, 0.9), ("knn", 0.5))
        ]
        return as_latex(boards(records))

    assert structure(table(name)) == structure(table("usual"))
    # A bracket after a line's end would be a length.
    assert not re.search(r"\\\\\s*[\[*]", table(name))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b&c%d#e$f", r"a\_b\&c\%d\#e\$f"),
        (r"\x{y}", r"\textbackslash{}x\{y\}"),
        ("~^<>|", r"\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}\textbar{}"),
        ("a--b", "a-{}-b"),
        ("?`", r"?{}\textasciigrave{}"),
        ("Größe 数", "Größe 数"),
        ("a\nb\x1b", "a b"),
    ],
)
def test_latex_shows_what_was_written(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_latex_has_the_best_of_each_column_in_bold_and_marks_ties(genre_records, made_up) -> None:
    (board,) = boards(genre_records, store=made_up)
    text = as_latex([board])
    best = board.best
    assert best is not None
    assert rf"{escape(best.model)} & \textbf{{{best.scores['accuracy']:.4f}}}" in text
    lines = [line for line in text.splitlines() if line.endswith(r" \\")]
    for row, line in zip(board.rows, lines[1:], strict=True):
        first = line.split(" & ")[2]
        assert ("$^{=}$" in first) == (row.tied and len(board.tied) > 1)
    assert r"\textit{original\_tuned}" in text
    assert "timeout" in text
    assert all(rule in text for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\label{tab:"))
    assert "10,000 to test on" in text
    assert "Wilson's score interval" in text


def test_a_board_without_a_score_has_every_format(make_record) -> None:
    failure = {"kind": "SIGSEGV", "message": "died"}
    found = boards([make_record("knn", status="crash", failure=failure)])
    for form in FORMATS.values():
        assert "crash" in form(found)
    assert all(isinstance(form([]), str) for form in FORMATS.values())
