"""What a gate checked as JUnit XML: a test suite a data set and protocol, a test case a model and key."""

from __future__ import annotations

from xml.etree import ElementTree

from suite.analysis.gate import Check, Gate, Judged
from suite.analysis.tolerances import label_of
from suite.report.text import inert


def junit(gate: Gate) -> str:
    """Return a report as XML; without a key that was asked for, a case says a model's verdict, and none fails."""
    root = ElementTree.Element("testsuites", name="suite compare")
    for table, models in gate.by_table:
        suite = ElementTree.SubElement(root, "testsuite", name=inert(table.name))
        checks = [check for check in gate.checks if check.judged in models]
        cases = (
            [_checked(check) for check in checks] if gate.tolerances else [_told(gate, one) for one in models]
        )
        for case in cases:
            case.set("classname", inert(table.name))
        suite.extend(cases)
        _count(suite)
    _count(root)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _checked(check: Check) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=f"{inert(check.judged.model)}: {check.tolerance.asked}")
    if check.breach:
        failure = ElementTree.SubElement(
            case, "failure", type=check.tolerance.key, message=inert(check.breach)
        )
        failure.text = inert(check.breach)
    elif check.untested:
        ElementTree.SubElement(case, "skipped", message=inert(check.untested))
    return case


def _told(gate: Gate, one: Judged) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=f"{inert(one.model)}: {label_of(gate.metric)}")
    if one.verdict == "incomparable":
        ElementTree.SubElement(case, "skipped", message=inert(one.why))
    else:
        ElementTree.SubElement(case, "system-out").text = one.verdict
    return case


def _count(element: ElementTree.Element) -> None:
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        element.set(name, str(len(list(element.iter(tag)))))
    element.set("errors", "0")
