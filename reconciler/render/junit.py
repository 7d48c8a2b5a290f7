"""
JUnit XML, as continuous-integration servers read it.

One shape for everything that passes or fails by name: the guards of a plan, the
tests of a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from reconciler.diagnostics import printable
from reconciler.plan.document import Plan


def to_junit(suite: str, rows: Iterable[tuple[str, str | None]]) -> str:
    """
    Return a report with one test case per row.

    Args:
        suite: Name of the whole.
        rows: Name of each case, and why it failed; None when it passed.
    """
    cases = list(rows)
    failures = sum(failure is not None for _, failure in cases)
    attributes = {"name": suite, "tests": str(len(cases)), "failures": str(failures)}
    root = ElementTree.Element("testsuite", attributes)
    for name, failure in cases:
        case = ElementTree.SubElement(root, "testcase", classname=suite, name=printable(name))
        if failure is not None:
            text = printable(failure)
            ElementTree.SubElement(case, "failure", message=text).text = text
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def guards_as_junit(plans: Iterable[Plan]) -> str:
    """Return the guards of *plans*, each a test case that names its application."""
    rows = [
        (f"{plan.body.application}: {verdict.id}", verdict.sentence if verdict.blocked else None)
        for plan in plans
        for verdict in plan.body.guards
    ]
    return to_junit("guards", rows)
