"""What GitHub Actions reads: workflow commands on standard output, and the summary of a step."""

from __future__ import annotations

from suite.analysis.gate import Gate
from suite.report.blocks import FILE
from suite.report.gate import document
from suite.report.markdown import document_markdown
from suite.report.text import inert

ANNOTATIONS = 9
"""GitHub shows ten errors and ten warnings of a step."""
SUMMARY = 1024 * 1024
"""Bytes that the summary of a step may have."""
CUT = "\n\n**The rest is left out: a summary has 1 MiB at most.** `suite compare` prints all of it.\n"
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_OF_PROPERTIES = {**_ESCAPES, ":": "%3A", ",": "%2C"}


def annotated(gate: Gate) -> list[str]:
    """Return a workflow command for each breach, then for each remark; of many, the last counts the others."""
    found = [("error", text) for text in gate.breaches] + [("warning", text) for text in gate.remarks]
    shown = found if len(found) <= ANNOTATIONS else found[: ANNOTATIONS - 1]
    if len(shown) < len(found):
        kind = found[len(shown)][0]
        shown = [*shown, (kind, f"and {len(found) - len(shown)} more: see the summary of this step")]
    return [_command(kind, text) for kind, text in shown]


def _command(kind: str, text: str) -> str:
    return f"::{kind} title={_escaped('suite compare', _OF_PROPERTIES)}::{_escaped(text, _ESCAPES)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in inert(text))


def summary(gate: Gate, room: int = SUMMARY) -> bytes:
    """Return the summary as Markdown of at most `room` bytes: cut after a line, with a sentence that says so."""
    whole = document_markdown(document(gate, FILE, answer_first=True)).encode("utf-8", "backslashreplace")
    if len(whole) <= room:
        return whole
    end = CUT.encode()
    kept = whole[: max(0, room - len(end))].rpartition(b"\n")[0]
    return (kept + end)[: max(0, room)]
