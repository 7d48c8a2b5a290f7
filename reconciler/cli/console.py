"""
Where text goes: results to standard output, everything else to standard error.

Colour only on a terminal that wants it (the NO_COLOR convention).
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Protocol

import click

from reconciler.diagnostics import ConfigError, ReconcilerError, printable
from reconciler.workflow.exit_codes import kinds_of

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from reconciler.apply.report import Outcome

CONFIGURATION = "provisioning.yaml"
"""The file that is used when none is named."""

HINTS: tuple[tuple[str, str], ...] = (
    (
        "scim.errors.NotAuthorized",
        "look at where `secret_token` points, at `auth`, and at what we may do there",
    ),
    (
        "scim.errors.NotFound",
        "is `tenant_url` the address below which /Users lies? it often ends in /scim/v2",
    ),
    (
        "scim.errors.TargetUntrusted",
        "nothing was sent: is it https, with a certificate that this machine trusts? "
        "`ca_bundle` names authorities of your own",
    ),
    ("scim.errors.TargetUnreachable", "is the service up, and is `tenant_url` right?"),
    ("scim.errors.TargetBroken", "the fault is on its side: run the same command again later"),
    (
        "workflow.make_plan.ReadIncomplete",
        "nothing was concluded; `reconciler probe APP` tests filters and pages",
    ),
    ("scim.errors.OnHold", "wait as long as the target asks, then run the same command again"),
    (
        "apply.execute.Unfaithful",
        "nothing more was sent. Look at it on the target; what a service never keeps belongs in "
        "its profile (`attributes.unsupported`)",
    ),
    (
        "apply.execute.Unanswered",
        "when the target answers again, the same command goes on where it stopped",
    ),
    (
        "apply.verify.GuardsBlock",
        "find the cause; if it is meant, `reconciler show` has the command that approves it, or "
        "change the limit in the reviewed file and plan again",
    ),
    (
        "signing.approval.ApprovalUnfit",
        "nothing was written. `reconciler show` has the command that approves this plan; an "
        "approval that nobody needs may be removed",
    ),
    (
        "signing.statements.SignatureRefused",
        "nothing of it was believed; who may sign what is in `trust.keys`",
    ),
    (
        "apply.execute.OverBudget",
        "`reconciler history APP --format json` has every failure with what to do; mend what they "
        "have in common, and plan again",
    ),
    ("apply.execute.Unexplained", "look at that account on the target, then plan again"),
    (
        "workflow.watch.InQuarantine",
        "put it right; then a yes at a terminal goes through at once, and so does a plan of a "
        "configuration that was changed, an approval, or other operations after a guard",
    ),
    ("workflow.quarantine.NotInQuarantine", "`reconciler quarantine show` lists the applications"),
    (
        "apply.verify.SwitchedOff",
        "when it may be provisioned, remove that line and run the same command again",
    ),
    (
        "plan.document.PlanAltered",
        "is it the file that `reconciler plan` wrote? then plan again: a plan that was changed "
        "is not a reviewed plan",
    ),
    (
        "ports.RecordsAltered",
        "nothing was concluded from it. `reconciler audit verify` lists everything that is damaged "
        "or missing; take that back from where the store is kept, and never mend it by hand",
    ),
    (
        "fleet.errors.FleetUnreachable",
        "is PostgreSQL up, and are host, port, database, user and password of the connection "
        "string right? In a URL, signs such as @ and # of a password are written %40 and %23",
    ),
    ("ports.LockHeld", "wait until it has ended; a run that was killed holds no lock"),
    ("sandbox.app.PortUnusable", "name another with --port"),
)
"""What to do next; the first kind that fits decides. Complaints about files carry their own."""


def on_terminal() -> bool:
    """Say whether standard output is a terminal."""
    return sys.stdout.isatty()


def colour() -> bool:
    """Say whether standard output is a terminal that wants colour."""
    return on_terminal() and not os.environ.get("NO_COLOR")


def width() -> int:
    """Return how many columns a line of the result may take."""
    return shutil.get_terminal_size((100, 24)).columns


def out(text: str) -> None:
    """Print a result; it ends with one line break."""
    _say(text.removesuffix("\n"), err=False)


def note(text: str) -> None:
    """Print something beside the result: progress, a warning, what to do next."""
    _say(text, err=True)


def _say(text: str, *, err: bool) -> None:
    """
    Print; when nobody listens any more, go on silently: an apply must not end half-way.

    Raises:
        ReconcilerError: A result cannot be written where it is wanted: a full disk.
    """
    try:
        click.echo(text, err=err)
    except OSError as exc:
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not err and not isinstance(exc, BrokenPipeError):
            raise ReconcilerError(f"the result cannot be written: {exc.strerror}") from exc


def require_terminal(review: str) -> None:
    """
    Check that somebody can be asked; *review* says what to do where nobody can.

    Raises:
        click.UsageError: There is no terminal.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(f"there is no terminal to ask on: {review}, then add --auto-approve")


def agreed(question: str) -> bool:
    """Ask for a yes; anything else is none."""
    answer = click.prompt(f"{question} (yes/no)", default="no", show_default=False)
    return bool(answer == "yes")


def end_as_ctrl_c(number: int, frame: FrameType | None) -> None:
    """Let SIGTERM end a run as Ctrl-C does: with what it was doing put in order."""
    raise KeyboardInterrupt


def end_when_told(stop: Event) -> None:
    """Let SIGTERM and Ctrl-C set *stop*, so that no thread goes on waiting, and end the run."""

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()
        end_as_ctrl_c(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def complain(error: ReconcilerError) -> None:
    """Print what went wrong, with the lines it is about when they are known."""
    if isinstance(error, ConfigError):
        from reconciler.config.show import format_all
        from reconciler.workflow.project import Unusable

        texts = error.texts if isinstance(error, Unusable) else {}
        note(format_all(error.diagnostics, texts))
        errors = sum(one.severity == "error" for one in error.diagnostics)
        note(f"{errors} error{'s' if errors != 1 else ''}; nothing was changed")
    else:
        for line in str(error).splitlines():
            note(f"error: {printable(line)}")
        kinds = kinds_of(error)
        hint = next((words for kind, words in HINTS if kind in kinds), None)
        if hint is not None:
            note(f"{'':>5} = hint: {hint}")


def write(path: Path, data: bytes) -> None:
    """
    Write a file that the user asked for; a new one is its owner's alone, as it may hold names.

    Raises:
        click.FileError: It cannot be written.
    """
    try:
        path.touch(mode=0o600)
        path.write_bytes(data)
    except OSError as exc:
        raise click.FileError(str(path), exc.strerror) from exc


class Tell(Protocol):
    """Shows how a run goes on."""

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        """Show how some operations ended."""

    def resume(self, done: int) -> None:
        """Be told before the first one how many earlier runs have carried out."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """A line for each operation."""

    total: int

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        note("\n".join(map(_line, outcomes)))

    def resume(self, done: int) -> None:
        if done:
            note(f"{done} of {self.total} operations were carried out before")


@dataclass(frozen=True, slots=True)
class _Bar:
    """A bar, and a line for each operation that ended badly."""

    bar: Progress
    task: TaskID

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        self.bar.advance(self.task, len(outcomes))
        for outcome in outcomes:
            if not outcome.good:
                self.bar.console.print(_line(outcome), markup=False, highlight=False)

    def resume(self, done: int) -> None:
        self.bar.update(self.task, completed=done)


@contextmanager
def progress(total: int) -> Iterator[Tell]:
    """Show how a run of *total* operations goes on: a bar on a terminal, plain lines in a pipe."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, transient=True) as bar:
        yield _Bar(bar, bar.add_task("applying", total=total))


def _line(outcome: Outcome) -> str:
    """Say how one operation ended, and what to do about it if it ended badly."""
    operation = outcome.operation
    what = f"{operation.action.value} {operation.resource_type.value} {operation.key}"
    why = ""
    if outcome.code:
        from reconciler.vocabulary import meaning_of

        why = f" [{outcome.code}] {outcome.detail}; next: {meaning_of(outcome.code).action}"
    return printable(f"{operation.id} {outcome.result.value:<8} {what}{why}")
