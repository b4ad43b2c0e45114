"""The page as people see it: headless Chromium opens it from disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.report.conftest import MadeUp, record_of
from tests.report.test_page import HOSTILE

from suite.analysis.ranking import boards
from suite.report.page import board_page, index_page

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is absent"),
    # Playwright's own loop leaves these behind.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
MODELS = {"hist_gb": 0.86, "xgboost": 0.9, "logistic": 0.7, "keras_mlp": 0.88, "knn": 0.6, "dummy": 0.3}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of six models, one of them failed, on three classes."""
    classes = ("ham", "spam", "other")
    records = [record_of(m, a, fit_s=1 + a, classes=classes, n_test=300) for m, a in MODELS.items()]
    failure = {"kind": "timeout", "message": "it was ended at 5 s", "limit": 5.0}
    records.append(record_of("lightgbm", classes=classes, n_test=300, status="timeout", failure=failure))
    (board,) = boards(records, store=MadeUp())
    folder = tmp_path_factory.mktemp("page")
    (folder / "report.html").write_text(board_page(board, records))
    (folder / "index.html").write_text(index_page([board]))
    return folder / "report.html"


class Seen:
    """A page in a tab, and whatever it asked for or complained of."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        options: dict[str, Any] = {"viewport": {"width": 1200, "height": 900}, **context}
        self.tab = browser.new_context(**options).new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.tab.goto(path.as_uri())

    def column(self, place: int) -> list[str]:
        """Return the words of a column of the board's rows that are shown."""
        rows = self.tab.locator("#board tbody tr:visible")
        return [row.locator("th, td").nth(place).inner_text() for row in rows.all()]


def test_it_opens_from_disk_without_a_request_or_a_complaint(browser, page_file) -> None:
    seen = Seen(browser, page_file)
    seen.tab.locator("#confusion").scroll_into_view_if_needed()
    seen.tab.wait_for_selector("#matrix td")
    assert seen.asked == [page_file.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("name", ["report.html", "index.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser, page_file, scheme: str, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    seen = Seen(browser, page_file.with_name(name), color_scheme=scheme, bypass_csp=True)
    if name == "report.html":
        seen.tab.locator("#confusion").scroll_into_view_if_needed()
        seen.tab.wait_for_selector("#matrix td")
    seen.tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(seen.tab).response["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]][:3]) for v in found] == []


def test_a_click_on_a_heading_sorts_by_the_values_behind_the_words(browser, page_file) -> None:
    seen = Seen(browser, page_file)
    heads = [head.inner_text() for head in seen.tab.locator("#board thead th").all()]
    fit = next(place for place, words in enumerate(heads) if words.startswith("Fit") and "ok" not in words)
    button = seen.tab.locator("#board thead th").nth(fit).locator("button")
    button.click()
    down = seen.column(fit)
    assert down[0] == "1.9 s"
    assert down[-1] == "–"
    button.press("Enter")
    assert seen.column(fit) == [*down[-2::-1], "–"]
    assert seen.tab.locator("#board thead th").nth(fit).get_attribute("aria-sort") == "ascending"


def test_the_board_shows_the_models_that_are_asked_for(browser, page_file) -> None:
    seen = Seen(browser, page_file)
    everyone = len(seen.column(0))
    assert everyone == 7
    seen.tab.locator("[data-filters] input").fill("gb")
    assert len(seen.column(0)) == 3
    assert "3 of 7 models" in seen.tab.locator("[data-filters]").inner_text()
    seen.tab.locator("[data-filters] input").fill("")
    seen.tab.locator("[data-filters] select").select_option("boosting")
    assert len(seen.column(0)) == 3
    seen.tab.locator("[data-filters] select").select_option("")
    assert len(seen.column(0)) == everyone


def test_a_matrix_is_shown_as_counts_as_shares_and_less_another(browser, page_file) -> None:
    seen = Seen(browser, page_file)
    seen.tab.locator("#confusion").scroll_into_view_if_needed()
    seen.tab.wait_for_selector("#matrix td")
    model, other, mode = seen.tab.locator("[data-confusion] select").all()

    def cells() -> list[str]:
        return [cell.inner_text() for cell in seen.tab.locator("#matrix tbody td").all()]

    first, second = (
        record_of(m, MODELS[m], classes=("ham", "spam", "other"), n_test=300) for m in ("xgboost", "knn")
    )
    counts = [n for row in first.confusion or () for n in row]
    model.select_option("xgboost")
    assert [0 if text == "·" else int(text) for text in cells()] == counts
    mode.select_option("shares")
    assert cells()[0] == f"{100 * counts[0] / sum(counts[:3]):.0f}%"
    other.select_option("knn")
    less = [n for row in second.confusion or () for n in row]
    shown = [0 if text == "·" else int(text.replace("−", "-")) for text in cells()]
    assert shown == [a - b for a, b in zip(counts, less, strict=True)]


def test_colours_follow_the_system_until_someone_chooses(browser, page_file) -> None:
    seen = Seen(browser, page_file, color_scheme="dark")

    def ground() -> str:
        return str(seen.tab.evaluate("getComputedStyle(document.body).backgroundColor"))

    dark = ground()
    button = seen.tab.locator("button.theme")
    button.click()
    light = ground()
    assert (dark, light) == ("rgb(20, 24, 31)", "rgb(255, 255, 255)")
    button.click()
    assert ground() == dark


@pytest.mark.parametrize("width", [380, 800, 1440])
def test_no_width_makes_the_whole_page_scroll_sideways(browser, page_file, width: int) -> None:
    seen = Seen(browser, page_file, viewport={"width": width, "height": 900})
    assert seen.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_all_of_it_can_be_read(browser, page_file) -> None:
    seen = Seen(browser, page_file, java_script_enabled=False)
    assert len(seen.column(0)) == 7
    assert seen.tab.locator(".tools:visible, button:visible").count() == 0
    static = seen.tab.locator("#confusion details")
    assert static.count() == 6
    static.nth(1).locator("summary").click()
    assert static.nth(1).locator("td").first.is_visible()
    assert seen.complaints == []


def test_it_prints_with_nothing_folded(browser, page_file, tmp_path) -> None:
    seen = Seen(browser, page_file)
    seen.tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert seen.tab.locator("details:not([open])").count() == 0
    seen.tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert seen.tab.locator("#comparisons details[open]").count() == 0
    assert seen.tab.pdf()[:5] == b"%PDF-"


def test_a_figure_is_saved_as_it_looks_on_light_paper(browser, page_file) -> None:
    from xml.etree import ElementTree

    seen = Seen(browser, page_file, color_scheme="dark", accept_downloads=True)
    with seen.tab.expect_download() as saving:
        seen.tab.locator("button[data-save=ranking]").click()
    found = ElementTree.parse(saving.value.path()).getroot()
    assert saving.value.suggested_filename == "ranking.svg"
    assert "#1d2430" in (found[0].text or "")
    assert [text.text for text in found.iter("{http://www.w3.org/2000/svg}text") if text.text == "xgboost"]


def test_the_records_are_saved_one_a_line(browser, page_file) -> None:
    import json

    seen = Seen(browser, page_file, accept_downloads=True)
    with seen.tab.expect_download() as saving:
        seen.tab.locator("button[data-records]").click()
    lines = Path(saving.value.path()).read_text().splitlines()
    saved = {record["id"]["model"]: record for record in map(json.loads, lines)}
    assert sorted(saved) == sorted([*MODELS, "lightgbm"])
    from suite.records import to_dict

    for model, accuracy in MODELS.items():
        made = record_of(model, accuracy, fit_s=1 + accuracy, classes=("ham", "spam", "other"), n_test=300)
        assert saved[model] == json.loads(json.dumps(to_dict(made)))


def test_hostile_names_run_nothing_and_ask_for_nothing(browser, tmp_path) -> None:
    classes = tuple(f"{name} {i}" for i, name in enumerate(HOSTILE))
    records = [
        record_of(name, 0.5 + i / 40, classes=classes, n_test=1200, target=HOSTILE[0], dataset=HOSTILE[1])
        for i, name in enumerate(HOSTILE)
    ]
    (board,) = boards(records, store=MadeUp())
    path = tmp_path / "report.html"
    path.write_text(board_page(board, records), encoding="utf-8")
    seen = Seen(browser, path)
    seen.tab.locator("#confusion").scroll_into_view_if_needed()
    seen.tab.wait_for_selector("#matrix td")
    seen.tab.locator("[data-confusion] select").nth(1).select_option(index=2)
    assert seen.asked == [path.as_uri()]
    assert seen.complaints == []
    assert seen.tab.locator("main script, main img, svg script").count() == 0
