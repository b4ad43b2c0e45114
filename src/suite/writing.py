"""Writes the boards of a folder, and keeps beside the records what boards show of predictions."""

from __future__ import annotations

from collections.abc import Collection

from suite import kept
from suite.analysis.board import Board
from suite.analysis.evidence import STATISTICS, Evidence, differ, known
from suite.analysis.ranking import VIEW, boards
from suite.config import View
from suite.disk import encoded, write_all
from suite.errors import UsageError
from suite.nouns import plain
from suite.store import Store


def write_boards(store: Store, view: View = VIEW, missing: int = 0, run: Collection[str] = ()) -> list[Board]:
    """Write every board of a folder as Markdown and as an HTML page, and return the boards.

    `view` and `run` are those of `boards`.

    What they show of predictions is kept beside the records, for those who have no predictions.
    Where an interrupted run has left cells to do, `missing` says how many; the boards then say that they are partial.
    A folder without a record is a `UsageError`.
    """
    from suite.report import page
    from suite.report.figures.ranking import ranking
    from suite.report.markdown import PAGE, board_markdown, index_markdown
    from suite.report.svg import standalone

    records = store.records()
    found = boards(records, view, run, store)
    if not found:
        raise UsageError(f"no record in {store.root}: nothing to show")
    told = {board.statistics: evidence_of(board) for board in found if board.statistics}
    kept.write(store.root / STATISTICS, told, only=_is_whole(found, view))
    by_key = {record.key: record for record in records}
    undone = _undone(missing)
    for board in found:
        folder, own = store.root / board.folder, [by_key[key] for key in board.keys]
        chart = ranking(board)
        write_all(
            {
                folder / "ranking.svg": encoded(standalone(chart)) if chart else None,
                folder / PAGE: encoded(_headed(board_markdown(board), undone)),
                folder / page.NAME: encoded(page.board_page(board, own, undone)),
            }
        )
    index = {PAGE: _headed(index_markdown(found), undone), page.NAME: page.index_page(found, undone)}
    write_all({store.root / name: encoded(text) for name, text in index.items()})
    return found


def edited_statistics(store: Store) -> tuple[list[str], list[str]]:
    """Return the names of what is kept of predictions and is not what they give, and of what cannot be checked.

    That is what another view was shown by, or what rests on predictions that were replaced.
    """
    there = sorted(path.stem for path in (store.root / STATISTICS).glob("*.json"))
    found = boards(store.records(), store=store, anew=True) if there else []
    now = {board.statistics: evidence_of(board) for board in found if board.statistics}
    wrong = []
    for name in now.keys() & set(there):
        before = known(store, name)
        if before is None or differ(plain(now[name]), plain(before)):
            wrong.append(name)
    return sorted(wrong), [name for name in there if name not in now]


def evidence_of(board: Board) -> Evidence:
    """Return what a board knows from predictions."""
    return Evidence(comparisons=board.comparisons, calibration=board.calibration, twins=board.twins)


def _is_whole(found: list[Board], view: View) -> bool:
    """Tell whether what is kept of earlier comparisons is of no use: all models are compared anew."""
    is_usual = (view.max_latency_ms, view.positive, view.threshold) == (None, None, None)
    return is_usual and not any(board.uncompared for board in found)


def _headed(text: str, undone: str) -> str:
    """Return a page of Markdown with what a reader must know first below its title."""
    title, _, rest = text.partition("\n")
    return f"{title}\n\n**{undone}**\n{rest}" if undone else text


def _undone(missing: int) -> str:
    """Return what a reader of a partial board must know first; nothing of a whole one."""
    fits = "1 fit is" if missing == 1 else f"{missing} fits are"
    return f"Partial: the run was interrupted, and {fits} not done yet." if missing else ""
