"""Tables that people start with, written by a script in the form that their files have, with invented values."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.schema import Dataset

ROWS = 400
Load = Callable[..., Dataset]


@pytest.fixture
def read(tmp_path) -> Load:
    def read(text: str, target: str, name: str = "t.csv", **options: Any) -> Dataset:
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8"))
        return load(DataConfig(source=str(path), target=target, **options))

    return read


def kinds(data: Dataset) -> dict[str, str]:
    return dict(zip(data.X.columns, data.kinds, strict=True))


def missing(data: Dataset, column: str) -> int:
    return int(data.X[column].isna().sum())


def codes(findings) -> list[str]:
    return [found.code for found in findings]


RNG = np.random.default_rng(7)


def pick(*values: Any, p: Any = None) -> list[Any]:
    return RNG.choice(values, ROWS, p=p).tolist()


def whole(low: int, high: int) -> list[int]:
    return RNG.integers(low, high, ROWS).tolist()


def lines(columns: list[list[Any]], separator: str) -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in zip(*columns, strict=True))


def test_a_customer_table_with_blank_charges(read):
    tenure = [0 if i % 80 == 3 else t for i, t in enumerate(whole(1, 72))]
    monthly = [f"{x / 100:.2f}".rstrip("0") for x in whole(1800, 12000)]
    total = [" " if t == 0 else f"{t * float(m):.2f}" for t, m in zip(tenure, monthly, strict=True)]
    letters = np.array([*"ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
    ids = [f"{n}-{''.join(RNG.choice(letters, 5))}" for n in RNG.permutation(9000)[:ROWS] + 1000]
    head = (
        "customerID,gender,SeniorCitizen,Partner,tenure,InternetService,MonthlyCharges,TotalCharges,Churn\n"
    )
    columns = [ids, pick("Male", "Female"), pick(0, 1), pick("Yes", "No"), tenure]
    columns += [pick("DSL", "Fiber optic", "No"), monthly, total, pick("Yes", "No", p=[0.3, 0.7])]
    data = read(head + lines(columns, ","), "Churn")
    assert kinds(data) == {
        "gender": "categorical",
        "SeniorCitizen": "numeric",
        "Partner": "categorical",
        "tenure": "numeric",
        "InternetService": "categorical",
        "MonthlyCharges": "numeric",
        "TotalCharges": "numeric",
    }
    assert missing(data, "TotalCharges") == 5
    assert dict(data.dropped) == {"customerID": "identifies the rows"}
    assert not data.findings


def test_a_census_without_header_with_blanks_behind_commas(read):
    work = pick(" State-gov", " Private", " ?", p=[0.3, 0.6, 0.1])
    columns = [whole(17, 90), work, [f" {n}" for n in whole(20_000, 900_000)], pick(" Bachelors", " HS-grad")]
    columns += [[f" {n}" for n in whole(1, 16)], pick(" 0", " 2174", " 99999", p=[0.9, 0.08, 0.02])]
    columns += [pick(" United-States", " ?", " Cuba", p=[0.9, 0.05, 0.05]), pick(" <=50K", " >50K")]
    data = read(lines(columns, ",") + "\n", "column_8", no_header=True)
    assert data.classes == ("<=50K", ">50K")
    assert list(kinds(data).values()) == [
        "numeric",
        "categorical",
        "numeric",
        "categorical",
        "numeric",
        "numeric",
        "categorical",
    ]
    assert missing(data, "column_2") == work.count(" ?")
    with pytest.raises(Exception, match="--no-header") as caught:
        read(lines(columns, ","), "income")
    assert "\n" not in str(caught.value)


def test_a_bank_between_semicolons_with_quotes(read):
    head = '"age";"job";"balance";"contact";"pdays";"duration";"y"\n'
    job = [f'"{word}"' for word in pick("management", "technician", "unknown", p=[0.5, 0.4, 0.1])]
    pdays = [-1 if RNG.random() < 0.8 else int(n) for n in whole(1, 800)]
    columns = [whole(18, 90), job, whole(-500, 9000), [f'"{w}"' for w in pick("unknown", "cellular")], pdays]
    columns += [whole(1, 2000), [f'"{w}"' for w in pick("no", "yes", p=[0.8, 0.2])]]
    data = read(head + lines(columns, ";"), "y")
    assert kinds(data)["job"] == "categorical"
    assert "unknown" in data.X["job"].cat.categories
    assert [kinds(data)[name] for name in ("age", "balance", "pdays", "duration")] == ["numeric"] * 4
    assert any("--missing pdays=-1" in note for note in data.notes)
    assert not data.findings


def test_a_credit_table_between_blanks_without_header(read):
    columns = [pick("A11", "A12", "A14"), whole(4, 72), pick("A32", "A34"), whole(250, 18000), whole(1, 5)]
    columns += [pick("A201", "A202"), pick(1, 2, p=[0.7, 0.3])]
    data = read(lines(columns, " "), "column_7", name="german.data", no_header=True)
    assert data.X.shape == (ROWS, 6)
    assert data.classes == ("1", "2")
    assert list(data.kinds) == ["categorical", "numeric", "categorical", "numeric", "numeric", "categorical"]


def test_measurements_whose_header_ends_in_a_comma(read):
    head = '"id","diagnosis","radius_mean","area_mean",\n'
    ids = RNG.permutation(10**6)[:ROWS] + 8_000_000
    columns = [ids.tolist(), pick("M", "B"), [f"{x:.2f}" for x in RNG.normal(14, 3, ROWS)], whole(150, 2500)]
    data = read(head + lines(columns, ","), "diagnosis")
    assert kinds(data) == {"radius_mean": "numeric", "area_mean": "numeric"}
    assert dict(data.dropped)["id"] == "names the rows"
    assert codes(data.findings) == []


def test_mushrooms_in_letters(read):
    head = "class,cap-shape,bruises,odor,stalk-root,veil-type\n"
    root = pick("b", "e", "?", p=[0.5, 0.2, 0.3])
    columns = [pick("p", "e"), pick(*"xbsfkc"), pick("t", "f"), pick(*"alcyfmnps"), root, ["p"] * ROWS]
    data = read(head + lines(columns, ","), "class")
    assert set(data.kinds) == {"categorical"}
    assert missing(data, "stalk-root") == root.count("?")
    assert data.classes == ("e", "p")
    rows = lines(columns, ",")
    with pytest.raises(Exception, match="--no-header"):
        read(rows, "class")


def test_students_with_quoted_grades(read):
    head = "school;sex;age;famsize;reason;absences;G1;G2;G3\n"
    quoted = lambda values: [f'"{value}"' for value in values]  # noqa: E731
    columns = [quoted(pick("GP", "MS")), quoted(pick("F", "M")), whole(15, 22), quoted(pick("GT3", "LE3"))]
    columns += [
        quoted(pick("course", "other", "home")),
        whole(0, 30),
        quoted(whole(0, 20)),
        quoted(whole(0, 20)),
        whole(0, 20),
    ]
    data = read(head + lines(columns, ";"), "school")
    assert {name: kind for name, kind in kinds(data).items() if kind == "numeric"}.keys() == {
        *["age", "absences", "G1", "G2", "G3"]
    }
    assert "other" in data.X["reason"].cat.categories


def test_insurance_claims_with_ranges_in_words(read):
    head = "Month,WeekOfMonth,AgeOfVehicle,VehiclePrice,PastNumberOfClaims,PolicyNumber,Age,FraudFound\n"
    price = ['"less than 20,000"', '"20,000 to 29,000"', '"30,000 to 39,000"', '"more than 69,000"']
    age = ["new", "2 years", "3 years", "4 years", "5 years", "6 years", "7 years", "more than 7"]
    p = [0.03, 0.02, 0.05, 0.05, 0.1, 0.25, 0.35, 0.15]
    columns = [pick("Dec", "Jan", "Oct"), whole(1, 6), pick(*age, p=p), pick(*price)]
    columns += [pick("none", "1", "2 to 4", "more than 4"), [*range(1, ROWS + 1)], whole(16, 80)]
    columns += [pick("No", "Yes", p=[0.9, 0.1])]
    data = read(head + lines(columns, ","), "FraudFound")
    assert kinds(data) == {
        "Month": "categorical",
        "WeekOfMonth": "numeric",
        "AgeOfVehicle": "categorical",
        "VehiclePrice": "categorical",
        "PastNumberOfClaims": "categorical",
        "Age": "numeric",
    }
    assert set(data.X["AgeOfVehicle"].cat.categories) == set(age)
    assert "none" in data.X["PastNumberOfClaims"].cat.categories
    assert dict(data.dropped) == {"PolicyNumber": "counts the rows"}


def test_credit_approval_without_header_with_question_marks_and_signs(read):
    second = [f"{x:.2f}" if RNG.random() > 0.02 else "?" for x in RNG.normal(31, 11, ROWS)]
    columns = [pick("b", "a", "?", p=[0.6, 0.38, 0.02]), second, [f"{x:.2f}" for x in RNG.gamma(2, 2, ROWS)]]
    columns += [
        pick("t", "f"),
        [f"{n:02}" for n in whole(0, 20)],
        [f"{n:05}" for n in whole(0, 500)],
        pick("+", "-"),
    ]
    data = read(lines(columns, ","), "column_7", no_header=True)
    assert data.classes == ("+", "-")
    assert list(data.kinds) == ["categorical", "numeric", "numeric", "categorical", "numeric", "numeric"]
    assert missing(data, "column_2") == second.count("?")
    assert not data.findings


def test_weather_with_na_dates_and_directions(read):
    start = datetime.date(2008, 12, 1)
    days = [str(start + datetime.timedelta(days=i % 200)) for i in range(ROWS)]
    head = "Date,Location,MinTemp,Evaporation,WindGustDir,Humidity9am,RainToday,RainTomorrow\n"
    evaporation = [f"{x:.1f}" if RNG.random() > 0.45 else "NA" for x in RNG.gamma(2, 3, ROWS)]
    columns = [
        days,
        ["Albury"] * 200 + ["Sydney"] * (ROWS - 200),
        [f"{x:.1f}" for x in RNG.normal(12, 6, ROWS)],
    ]
    columns += [
        evaporation,
        pick("W", "NNE", "NA"),
        whole(10, 100),
        pick("No", "Yes", "NA", p=[0.7, 0.28, 0.02]),
    ]
    tomorrow = pick("No", "Yes", "NA", p=[0.7, 0.28, 0.02])
    data = read(head + lines([*columns, tomorrow], ","), "RainTomorrow")
    assert kinds(data) == {
        "Date": "datetime",
        "Location": "categorical",
        "MinTemp": "numeric",
        "Evaporation": "numeric",
        "WindGustDir": "categorical",
        "Humidity9am": "numeric",
        "RainToday": "categorical",
    }
    assert data.classes == ("No", "Yes")
    assert len(data.y) == ROWS - tomorrow.count("NA")
    assert codes(data.findings) == ["missing-labels"]
    assert "NA" not in data.X["WindGustDir"].cat.categories
