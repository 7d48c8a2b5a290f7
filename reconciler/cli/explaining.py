"""The four steps of one person's way through a plan, printed."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.cli.console import out
from reconciler.diagnostics import printable
from reconciler.workflow.explain import Explanation
from reconciler.workflow.four_steps import Section


def show_explanation(explanation: Explanation) -> None:
    """Print whom an explanation is about, and every step."""
    out(printable(f"{explanation.user} and {explanation.application}"))
    for section in explanation.sections:
        out(f"\n{section.title}")
        for line in section.lines:
            out(printable(f"  {line}"))


def told(sections: Iterable[Section]) -> tuple[str, ...]:
    """Return *sections* line by line."""
    return tuple(
        line
        for section in sections
        for line in (section.title, *(f"  {line}" for line in section.lines))
    )


def indented(sections: Iterable[Section]) -> str:
    """Return *sections* as they stand below the test that failed."""
    return "\n".join(printable(f"       {line}") for line in told(sections))
