"""
A plan for a terminal: calm, in the order of the waves, with a symbol per operation.

The text is the same with and without colour; colour only repeats what a symbol
or a word already says. Called by the command line through
:data:`reconciler.render.FORMATS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from reconciler.plan.document import Plan
from reconciler.render.approving import NOTHING_SINCE, Approving, Since
from reconciler.render.hidden import without_hidden
from reconciler.render.operations import MEMBERS, OperationView
from reconciler.render.redact import redacted
from reconciler.render.view import GuardView, Limits, PlanView, Shortened, view_of

LIMITS = Limits(operations=200, names=50)
"""What fits a reviewer's patience; the stored plan has everything."""

Line = tuple[str, str]
"""A style of rich, and the text of one line."""

PLAIN, BOLD, FAINT, GOOD, BAD = "", "bold", "dim", "green", "bold red"

STYLES = {">": "cyan", "+": "green", "^": "green", "~": "yellow", "-": "red", "x": BAD}
"""Colour of an operation by its symbol."""


def to_text(
    plan: Plan,
    *,
    colour: bool,
    width: int = 100,
    redact: bool = False,
    stored: str | None = None,
    named: str | None = None,
    kept: bool = True,
    since: Since = NOTHING_SINCE,
) -> str:
    """
    Return *plan* as text that ends in a newline.

    Args:
        plan: The plan.
        colour: Whether to add terminal escapes.
        width: Columns at which sentences and lists are broken; a value is not.
        redact: Whether to leave names and values out.
        stored: The path by which the plan can be applied, if it was stored.
        named: What the person at the command calls it, if not by that path.
        kept: Whether it is in a file.
        since: What became of it since it was made.
    """
    told = redacted(plan) if redact else without_hidden(plan)
    view = view_of(told, LIMITS, stored, named, kept=kept, since=since)
    lines = [(style, text.rstrip()) for style, text in _lines(view, max(width, 40))]
    if colour:
        return _coloured(lines)
    return "".join(f"{text}\n" for _, text in lines)


def _lines(view: PlanView, width: int) -> Iterator[Line]:
    """Yield the whole text."""
    yield BOLD, view.application
    for label, words in view.facts:
        yield from _wrapped(PLAIN, f"{label:<18}{words}", width, 2, 20)
    for wave in view.waves:
        yield from _heading(f"Wave {wave.number}: {wave.title} ({wave.operations.total})")
        yield from _operations(wave.operations, width)
    yield from _aside(view, width)
    yield from _heading("Guards")
    longest = max((len(guard.id) for guard in view.guards), default=0)
    for guard in view.guards:
        style, mark = _mark(guard)
        text = f"{mark} {guard.id:<{longest}}  {guard.sentence}"
        yield from _wrapped(style, text, width, 2, longest + 6)
    yield from _heading(view.summary)
    yield PLAIN, view.cost
    if view.blocked:
        yield from _wrapped(BAD, view.outcome, width, 0, 0)
        yield from _approving(view.approving, width)
    else:
        yield BOLD, view.outcome


def _mark(guard: GuardView) -> Line:
    """Return the style and the mark of a guard; one that had nothing to judge has no tick."""
    if guard.blocked:
        return BAD, "✗"
    return (GOOD, "✓") if guard.judged else (PLAIN, "·")


def _approving(found: Approving, width: int) -> Iterator[Line]:
    """Yield how a blocked plan can be let pass; a command is not broken, so that it is copied."""
    for sentence in found.obstacles:
        yield from _wrapped(PLAIN, sentence, width, 0, 2)
    if found.commands:
        yield PLAIN, "If it is meant, let it pass for these operations, once:"
        yield from ((PLAIN, f"  {command}") for command in found.commands)


def _heading(text: str) -> Iterator[Line]:
    """Yield a heading with an empty line before it."""
    yield PLAIN, ""
    yield BOLD, text


def _operations(operations: Shortened[OperationView], width: int) -> Iterator[Line]:
    """Yield operations, each with its reason and what changes."""
    for operation in operations.items:
        yield from _named(operation, width)
        if operation.creates:
            yield from _packed((f"{path} = {words}" for path, words in operation.changes), width)
        else:
            for path, words in operation.changes:
                yield from _change(path, words, width)
    yield from _more(operations)


def _change(path: str, words: str, width: int) -> Iterator[Line]:
    """Yield one change; a list of members is broken, a value is not."""
    if path == MEMBERS:
        return _wrapped(PLAIN, f"{path}: {words}", width, 6, 8)
    return iter([(PLAIN, f"      {path}: {words}")])


def _named(operation: OperationView, width: int) -> Iterator[Line]:
    """Yield an operation's name and its reason, on one line when they fit."""
    name, style = f"  {operation.symbol} {operation.name}", STYLES[operation.symbol]
    if len(name) + len(operation.reason) + 4 <= width:
        yield style, f"{name}  ({operation.reason})"
    else:
        yield style, name
        yield FAINT, f"      ({operation.reason})"


def _aside(view: PlanView, width: int) -> Iterator[Line]:
    """Yield what is not done, and why; sections with nothing in them are left out."""
    if view.withheld.total:
        yield from _heading(f"Withheld by --no-removals ({view.withheld.total})")
        yield from _operations(view.withheld, width)
    if view.waiting.total:
        yield from _heading(
            f"Waiting to be deleted, beyond this plan's limit ({view.waiting.total})"
        )
        yield from _pairs(view.waiting, "disabled by us on ")
    yield from _leaving(view)
    if view.skipped:
        yield from _heading(f"{view.skipped_title} ({view.skipped_count})")
        for group in view.skipped:
            yield PLAIN, f"  {group.code} ({group.entries.total})"
            yield from _pairs(group.entries, indent=4)
    if view.unmanaged.total:
        yield from _heading(f"Unmanaged, not ours and left alone ({view.unmanaged.total})")
        yield from _pairs(view.unmanaged)
    if view.warnings.total:
        yield from _heading(f"Warnings ({view.warnings.total})")
        for code, message in view.warnings.items:
            yield from _wrapped("yellow", f"{code}: {message}", width, 2, 4)
        yield from _more(view.warnings)


def _leaving(view: PlanView) -> Iterator[Line]:
    """Yield who was disabled by us and is still off, if anybody is."""
    if view.leaving.total:
        yield from _heading(f"Disabled by us and still off ({view.leaving.total})")
        yield PLAIN, f"  {view.rungs}"
        yield from _pairs(view.leaving, indent=4)


def _pairs(
    pairs: Shortened[tuple[str, str]], before: str = "", *, indent: int = 2
) -> Iterator[Line]:
    """Yield one line per pair of a name and what is said of it."""
    for name, said in pairs.items:
        yield PLAIN, f"{'':{indent}}{name}: {before}{said}"
    yield from _more(pairs, indent)


def _more(
    shortened: Shortened[OperationView] | Shortened[tuple[str, str]], indent: int = 2
) -> Iterator[Line]:
    """Yield how many are not shown, if any."""
    if shortened.hidden:
        yield FAINT, f"{'':{indent}}… and {shortened.hidden} more"


def _wrapped(style: str, text: str, width: int, first: int, rest: int) -> Iterator[Line]:
    """Yield a sentence in lines of *width*, the first indented by *first*, the others by *rest*."""
    if text.isprintable() and text[-1:] > " " and first + len(text) <= width:
        return iter([(style, f"{'':{first}}{text}")])  # what `wrap` finds, much later
    broken = wrap(
        text,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return ((style, line) for line in broken)


def _packed(parts: Iterable[str], width: int) -> Iterator[Line]:
    """Yield *parts* side by side, as many as fit a line."""
    line = ""
    for part in parts:
        if line and len(line) + len(part) + 8 > width:
            yield PLAIN, f"      {line},"
            line = ""
        line = f"{line}, {part}" if line else part
    if line:
        yield PLAIN, f"      {line}"


def _coloured(lines: Iterable[Line]) -> str:
    """Return *lines* with terminal escapes, whatever the environment says of this process."""
    from rich.console import Console  # imported late: most runs of the program print no colour
    from rich.text import Text

    console = Console(
        force_terminal=True, color_system="standard", no_color=False, legacy_windows=False
    )
    with console.capture() as capture:
        for style, text in lines:
            console.print(Text(text, style=style), soft_wrap=True)
    return capture.get()
