"""
A plan for a pull request: a comment that fits, and that no value can break out of.

Three rules:

1. Every string of the plan stands in a code span whose fence is longer than any
   run of backticks in it, except a sentence made of harmless characters only
   (reliability.md S22). In a code span there are no mentions, links, pictures
   or HTML.
2. The comment is at most 60,000 characters. Less is shown until it fits, and
   the comment says so; the summary and the guards come first and always stay.
3. The first line is a marker, so that a pipeline replaces its comment instead of
   adding another.

The layout is the packaged template ``templates/plan.md.j2``; nothing that a user
writes is ever compiled (S15). Called through :data:`reconciler.render.FORMATS`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from reconciler.plan.document import Plan
from reconciler.render.approving import NOTHING_SINCE, Since
from reconciler.render.hidden import without_hidden
from reconciler.render.redact import redacted
from reconciler.render.view import Limits, view_of

if TYPE_CHECKING:
    from jinja2 import Template

CHARACTERS = 60_000
"""Most characters of a comment; the hosts of repositories stop at 65,536 (S22)."""

STEPS = (
    Limits(operations=200, names=50),
    Limits(operations=50, names=20),
    Limits(operations=20, names=10),
    Limits(operations=5, names=5),
    Limits(operations=0, names=1),
)
"""How much is shown: the first of these that fits."""

CUT = "\n\n</details>\n\n**Cut to fit.** The stored plan has everything.\n"

_HARMLESS = re.compile(r"""(?:[A-Za-z0-9 .,:;()%'"/+=→…-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))+""")
"""Characters that markdown gives no meaning in the middle of a line; `_` only inside a word."""

_MEANT = re.compile(r"www\.|https?\b|:[A-Za-z0-9_+-]*:", re.IGNORECASE)
"""Harmless characters that together are a link, or a picture."""

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""The start of what could be HTML."""


def to_markdown(
    plan: Plan,
    *,
    redact: bool = False,
    stored: str | None = None,
    kept: bool = True,
    since: Since = NOTHING_SINCE,
) -> str:
    """
    Return *plan* as a comment of at most 60,000 characters.

    Args:
        plan: The plan.
        redact: Whether to leave names and values out.
        stored: The path by which the plan can be applied, if it was stored.
        kept: Whether it is in a file.
        since: What became of it since it was made.
    """
    shown = redacted(plan) if redact else without_hidden(plan)
    text = ""
    for limits in STEPS:
        view = view_of(shown, limits, stored, kept=kept, since=since)
        text = _template().render(view=view, marker=marker(plan))
        if len(text) <= CHARACTERS:
            return text
    return text[: text.rindex("\n", 0, CHARACTERS - len(CUT))] + CUT


def marker(plan: Plan) -> str:
    """Return the first line of the comment on plans of this application, without a newline."""
    name = re.sub(r"[^a-z0-9-]|--+", "", plan.body.application)
    return f"<!-- reconciler plan: {name} -->"


def code(text: str) -> str:
    """Return *text*, which has one line, as a code span that it cannot end."""
    inert = _TAG.sub(r"\\u{3c}", text) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", inert)), default=0))
    edge = " " if inert[0] in "` " or inert[-1] in "` " else ""
    return f"{fence}{edge}{inert}{edge}{fence}"


def cell(text: str) -> str:
    """Return *text* as a code span, or plain if harmless, for a cell of a table."""
    return prose(text).replace("|", "\\|")


def prose(text: str) -> str:
    """Return a sentence plain when no character of it means anything, else as a code span."""
    if _HARMLESS.fullmatch(text) and not _MEANT.search(text):
        return text
    return code(text)


@cache
def _template() -> Template:
    """Return the packaged template, compiled once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # imported late: 60 ms

    environment = Environment(
        loader=PackageLoader("reconciler.render"),
        autoescape=False,  # noqa: S701  # markdown: HTML entities would show in code spans
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(code=code, cell=cell, prose=prose)
    return environment.get_template("plan.md.j2")
