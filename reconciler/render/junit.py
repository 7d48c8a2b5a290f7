"""
JUnit XML, as continuous-integration servers read it.

One shape for everything that passes or fails by name: the guards of a plan, the
tests of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from reconciler.diagnostics import printable
from reconciler.plan.document import Plan


class Case(NamedTuple):
    """One thing that passes or fails."""

    name: str
    failure: str | None
    """Why it failed, in one sentence; None when it passed."""
    told: tuple[str, ...] = ()
    """How the failure came about, line by line."""


def to_junit(suite: str, cases: Sequence[Case]) -> str:
    """Return a report on *cases*; *suite* is the name of the whole."""
    failures = sum(case.failure is not None for case in cases)
    attributes = {"name": suite, "tests": str(len(cases)), "failures": str(failures)}
    root = ElementTree.Element("testsuite", attributes)
    for case in cases:
        shown = ElementTree.SubElement(root, "testcase", classname=suite, name=printable(case.name))
        if case.failure is not None:
            lines = [printable(line) for line in (case.failure, *case.told)]
            ElementTree.SubElement(shown, "failure", message=lines[0]).text = "\n".join(lines)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def guards_as_junit(plans: Iterable[Plan]) -> str:
    """Return the guards of *plans*, each a test case that names its application."""
    cases = [
        Case(
            f"{plan.body.application}: {verdict.id}",
            verdict.sentence if verdict.blocked else None,
        )
        for plan in plans
        for verdict in plan.body.guards
    ]
    return to_junit("guards", cases)
