from __future__ import annotations

import json
import shlex

import pytest


@pytest.fixture
def table(tmp_path):
    rows = [f"{i * 37 % 101},{i * i % 89},{'ab'[i * i % 7 > 2]}" for i in range(300)]
    path = tmp_path / "t.csv"
    path.write_text("x,z,y\n" + "\n".join([*rows, *rows[:30]]) + "\n")
    return path


@pytest.fixture
def copied(tmp_path):
    path = tmp_path / "copied.csv"
    path.write_text("x,copy,y\n" + "".join(f"{i * 37 % 101},{i % 2},{'ab'[i % 2]}\n" for i in range(120)))
    return path


def test_audit_says_what_it_found_in_a_terminal(suite, copied, capsys):
    assert suite("audit", copied, "--target", "y") == 0
    shown = capsys.readouterr()
    assert "warning SUI005 target-copy" in shown.out
    assert "copy repeats the target in every row: left out" in shown.out
    assert "To do: " in shown.out
    assert "1 finding, " in shown.out
    assert "Kept in results/audit" in shown.err


def test_notes_name_their_rows_and_the_last_line_counts(suite, tmp_path, capsys):
    path = tmp_path / "near.csv"
    rows = [f"{i * 37 % 101},{i * i % 89},{'ab'[i * 7 // 3 % 2]}" for i in range(90)]
    path.write_text("x,z,y\n" + "\n".join([*rows, "37.001,1,b"]) + "\n")
    assert suite("audit", path, "--target", "y", "--near-duplicates") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "SUI034 near-duplicates: 2 of 91 rows nearly repeat another" in shown
    assert "if each pair is one case); rows 1, 90" in shown
    assert "No error, no warning, 2 notes. Row numbers" in shown


@pytest.mark.parametrize("width", ["80", "120"])
def test_audit_fits_its_terminal(suite, table, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    assert suite("audit", table, "--target", "y") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= int(width)


def test_audit_as_json_has_one_object_a_finding_and_one_for_the_table(suite, copied, capsys):
    assert suite("audit", copied, "--target", "y", "--json") == 0
    *found, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert found[0].keys() == {
        *("id", "code", "text", "columns", "severity", "number", "effect", "rows", "advice")
    }
    assert (found[0]["id"], found[0]["code"], found[0]["severity"]) == ("SUI005", "target-copy", "warning")
    assert (last["table"], last["n_rows"], last["protocol"]) == ("copied", 120, "holdout")
    assert last["found"] == {"error": 0, "warning": 1, "note": len(found) - 1}


def test_strict_ends_with_2_at_a_warning_unless_it_is_ignored(suite, copied, capsys):
    assert suite("audit", copied, "--target", "y", "--strict") == 2
    said = capsys.readouterr().err
    assert "suite: --strict: there is something to check first (1 in copied)" in said
    for code in ("target-copy", "SUI005", "sui005"):
        assert suite("audit", copied, "--target", "y", "--strict", "--ignore", code) == 0
        assert "target-copy" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("no.csv --target y", "no file 'no.csv'"),
        ("{table}", "needs --target COLUMN"),
        ("{table} --target q", "no column named 'q'"),
        ("{table} --target y --ignore target-cop", "no code named 'target-cop'; did you mean target-copy?"),
        ("{table} --target y --protocol grouped:q", "no column named 'q'"),
        ("{table} --target y --protocol cv", "no protocol named 'cv'"),
        ("{table} --target y --out ''", "--out takes a folder"),
    ],
)
def test_what_cannot_be_audited_is_one_line(suite, table, capsys, arguments, message):
    assert suite("audit", *shlex.split(arguments.format(table=table))) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
