from __future__ import annotations

import io

import pytest
from rich.console import Console

from suite.analysis.ranking import boards
from suite.report.across import across_section
from suite.report.markdown import index_markdown
from suite.report.terminal import Shown


def boards_of(make_record, n_datasets: int, **accuracies: float):
    made = [
        make_record(
            model=model,
            dataset=f"table_{i:02}",
            metrics={"accuracy": accuracy + i * (-1) ** (i * len(model)) / 1000},
        )
        for i in range(n_datasets)
        for model, accuracy in {**accuracies, "dummy": 0.1}.items()
    ]
    return boards(made)


def text_of(section) -> str:
    return " ".join(
        text for block in section.blocks for text in getattr(block, "texts", getattr(block, "notes", ()))
    )


def test_few_data_sets_are_said_to_tell_nothing(make_record):
    section = across_section(boards_of(make_record, 4, knn=0.5, logistic=0.6))
    assert section.heading == "Across data sets"
    told = text_of(section)
    assert told.startswith(
        "With 4 data sets no two models can be told apart by ranks: at least 6 are needed."
    )
    assert "best average rank" not in told
    assert "Nemenyi" not in told


def test_who_is_ahead_is_said_without_an_order_among_the_tied(make_record):
    found = boards_of(make_record, 12, knn=0.2, logistic=0.6, xgboost=0.6, hist_gb=0.4)
    told = text_of(across_section(found))
    answer = "logistic has the best average rank over 12 data sets, 1.25. It cannot be told from xgboost; "
    assert told.startswith(answer + "worse than it: hist_gb, knn.")
    assert "cannot be told apart (Nemenyi, 5 %; Friedman's p is below 0.001)" in told


def test_where_nothing_differs_no_model_is_named(make_record):
    told = text_of(across_section(boards_of(make_record, 8, knn=0.6, logistic=0.6)))
    assert told.startswith("Over 8 data sets no model can be told from the one with the best average rank.")


def test_one_data_set_has_no_section(make_record):
    assert not across_section(boards_of(make_record, 1, knn=0.5, logistic=0.6)).blocks
    assert "Across" not in index_markdown(boards_of(make_record, 1, knn=0.5, logistic=0.6))


def test_the_index_page_tells_of_models_over_data_sets_and_is_the_same_each_time(make_record):
    found = boards_of(make_record, 8, knn=0.2, logistic=0.6, hist_gb=0.4)
    page = index_markdown(found)
    assert "## Across data sets" in page
    assert "| Model | Average rank | Tied | Elo | 95\u00a0% interval | p |" in page
    (first,) = (line for line in page.splitlines() if line.startswith("| logistic | 1.00 |"))
    assert first.split("|")[3].strip() == "="
    assert page == index_markdown(found)


@pytest.mark.parametrize("width", [80, 120])
def test_the_section_fits_a_terminal(make_record, width: int):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(Shown(across_section(boards_of(make_record, 8, knn=0.2, logistic=0.6, hist_gb=0.4))))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    assert any("interval" in line for line in lines)
