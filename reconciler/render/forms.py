"""The forms in which a plan can be shown, by the name that ``--format`` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.diagnostics import printable_json
from reconciler.plan.document import Plan
from reconciler.render.approving import NOTHING_SINCE, Since
from reconciler.render.json import to_json
from reconciler.render.markdown import to_markdown
from reconciler.render.text import to_text


@dataclass(frozen=True, slots=True)
class Look:
    """How a plan is to be shown; a form takes from it what it has a use for."""

    colour: bool = False
    """Whether the reader is a terminal that shows colour."""
    width: int = 100
    """Columns of the terminal."""
    redact: bool = False
    """Whether names and values are left out (``--redact``)."""
    terminal: bool = False
    """Whether it is shown on a terminal, and not kept: JSON is then spelled so that it is inert."""
    stored: str | None = None
    """The path by which the plan can be applied, if it was stored."""
    named: str | None = None
    """What the person at the command calls it, if not by that path."""
    kept: bool = True
    """Whether the plan is in a file, so that a command can name it."""
    since: Since = NOTHING_SINCE
    """What became of the plan since it was made."""


FORMATS: Mapping[str, Callable[[Plan, Look], str]] = {
    "text": lambda plan, look: to_text(
        plan,
        colour=look.colour,
        width=look.width,
        redact=look.redact,
        stored=look.stored,
        named=look.named,
        kept=look.kept,
        since=look.since,
    ),
    "markdown": lambda plan, look: to_markdown(
        plan, redact=look.redact, stored=look.stored, kept=look.kept, since=look.since
    ),
    "json": lambda plan, look: (printable_json if look.terminal else str)(
        to_json(plan, redact=look.redact)
    ),
}
"""Adding a form is adding a row, and its tests."""
