from __future__ import annotations

import json

import pytest

from suite.commands import main

ROWS = "".join(
    f'{i + 1000},"$1,{i % 900 + 100}.50",{"N/A" if i % 40 == 0 else i % 7},{"ab"[i % 3 > 0]}\n'
    for i in range(120)
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Id,price,size,y\n" + ROWS)
    return str(path)


def test_inspect_shows_how_every_column_is_read(table, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["inspect", table, "--target", "y"]) == 0
    shown = capsys.readouterr().out
    assert "! " not in shown
    assert "t: 120 rows, 2 features, 2 classes of y" in shown
    rows = {
        line.split()[0]: line for line in shown.splitlines() if line.startswith(("Id  ", "price  ", "size  "))
    }
    assert rows["price"].split()[:5] == ["price", "number", "$1,100.50,", "$1,101.50,", "$1,102.50"]
    assert "feature" in rows["size"]
    assert "left out:" in rows["Id"]
    assert "'N/A' in 3 rows" in " ".join(shown.split())


def test_inspect_as_json_has_one_object_a_column_and_one_for_the_table(table, capsys):
    assert main(["inspect", table, "--target", "y", "--read", "size=category", "--json"]) == 0
    *rows, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["column"], row["read_as"], row["becomes"]) for row in rows] == [
        ("Id", "number", "left out: counts the rows"),
        ("price", "number", "feature"),
        ("size", "category", "feature"),
    ]
    assert rows[0]["overrule"] == "--keep Id"
    assert rows[1]["changed"] == "',' between thousands, currency $"
    assert (rows[2]["missing"], rows[2]["different"]) == (3, 7)
    assert (last["table"], last["target"], last["rows"], last["features"]) == ("t", "y", 120, 2)
    assert last["classes"] == {"a": 40, "b": 80}
    assert last["findings"] == []
    assert isinstance(last["notes"], list)


def test_inspect_says_what_to_check_first_in_both_forms(tmp_path, capsys):
    path = tmp_path / "t.csv"
    rows = "".join(f"{i},{i * 7 % 11},{'ab'[i * i % 7 > 2]}\n" for i in range(100))
    path.write_text("account,x,y\n" + rows)
    text = "account counts the rows: left out; --keep account uses it"
    assert main(["inspect", str(path), "--target", "y"]) == 0
    assert f"! {text}" in capsys.readouterr().out
    assert main(["inspect", str(path), "--target", "y", "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["findings"] == [{"code": "identifier", "text": text, "columns": ["account"]}]


@pytest.mark.parametrize("width", ["80", "120"])
def test_inspect_fits_its_terminal(table, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    assert main(["inspect", table, "--target", "y"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= int(width)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "z"], "no column named 'z'"),
        ([], "needs --target COLUMN; its columns are Id, price, size, y"),
        (["--target", "y", "--read", "price"], "--read takes COLUMN=HOW, such as price=number, not 'price'"),
        (["--target", "y", "--read", "price=numbr"], "did you mean number"),
        (["--target", "y", "--read", "prise=number"], "no column named 'prise'; did you mean price"),
        (["--target", "y", "--read", "y=number"], "--read 'y' names the target, which is read as category"),
        (["--target", "y", "--decimal", "x"], "--decimal takes '.' or ',', not 'x'"),
        (["--target", "y", "--read", "price=date"], "no cell of 'price' is a date"),
    ],
)
def test_what_inspect_cannot_do_is_one_line(table, capsys, arguments, message):
    assert main(["inspect", table, *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_inspect_knows_the_catalogue(capsys):
    assert main(["inspect", "iris"]) == 0
    assert "iris: 150 rows, 4 features, 3 classes of species" in capsys.readouterr().out
