"""``probe``: what a service can do, measured by reading and, if asked for, by writing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import click

from reconciler.cli.console import (
    agreed,
    end_as_ctrl_c,
    note,
    out,
    require_terminal,
)
from reconciler.diagnostics import printable
from reconciler.live.measure import Measured, measure, together
from reconciler.live.measured_text import findings_of, measured_text
from reconciler.live.probe import Finding, probe
from reconciler.live.scratch.bench import Bench
from reconciler.live.scratch.clear import Clearing, Left
from reconciler.live.scratch.names import PREFIX
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.new_files import require_free, write_new
from reconciler.workflow.project import Project, open_project
from reconciler.workflow.try_out import intent, try_out
from reconciler.workflow.wiring import Wiring


@click.command("probe")
@click.argument("application", metavar="APP")
@click.option(
    "--write-profile",
    "profile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was measured as a profile; never over a file.",
)
@click.option(
    "--scratch",
    is_flag=True,
    help=f"Also measure by writing: to users and a group called {PREFIX}…, which it removes. "
    "With `enabled: false`, too.",
)
@click.option(
    "--auto-approve",
    is_flag=True,
    help="Do not ask before --scratch writes; needed without a terminal.",
)
@click.pass_obj
def probe_command(
    config: Path, application: str, profile: Path | None, scratch: bool, auto_approve: bool
) -> ExitCode:
    """
    Test Connection: credential, capabilities, filters and pages.

    Reads only, unless --scratch is given.

    \b
    Example:
      reconciler probe ipass-smartconnect
      reconciler probe --write-profile profiles/ipass.yaml ipass-smartconnect
      reconciler probe --scratch --write-profile profiles/ipass.yaml ipass-smartconnect
    """
    if auto_approve and not scratch:
        raise click.UsageError("--auto-approve goes with --scratch: nothing else writes")
    project, wiring = open_project(config), Wiring()
    wanted = project.application(application)
    require_free([profile] if profile else [])
    if scratch and not auto_approve:
        require_terminal("see in docs/profiles.md what --scratch does")
    left: tuple[Left, ...] = ()
    with wiring.target(project, wanted) as target:
        nobody = str(uuid4())
        report = probe(target, nobody)
        found = measure(target, report, nobody) if profile else ()
        out(f"{application} at {wanted.target.tenant_url}")
        _show(report.findings)
        if scratch and report.usable:
            bench = wiring.bench(wanted, target, report)
            if not _may_write(intent(bench, wanted.target.tenant_url), ask=not auto_approve):
                return ExitCode.CONFIGURATION
            written, left = _by_writing(project, application, wiring, bench)
            _show(findings_of(written))
            found = together(found, written)
        elif scratch:
            note("not measured by writing: nothing is written to what cannot be read")
    if profile is not None:
        text = measured_text(found, wanted.target.tenant_url, by_writing=scratch)
        write_new({profile: text.encode()})
        note(f"wrote {profile}")
    if not report.usable:
        return ExitCode.UNREACHABLE
    return ExitCode.PARTIAL if left else ExitCode.DONE


def _show(findings: Iterable[Finding]) -> None:
    """Print what was found, a line each."""
    for finding in findings:
        out(printable(f"  {finding.outcome.value:<4} {finding.title}: {finding.sentence}"))


def _may_write(said: str, *, ask: bool) -> bool:
    """Say what will be written, and ask, if it is to be asked."""
    note(said)
    if ask and not agreed("Go on?"):
        note("nothing was written")
        return False
    return True


def _by_writing(
    project: Project, application: str, wiring: Wiring, bench: Bench
) -> tuple[tuple[Measured, ...], tuple[Left, ...]]:
    """Measure by writing; whatever happens, say what could not be removed."""
    signal.signal(signal.SIGTERM, end_as_ctrl_c)
    clearing = Clearing(bench.pad)
    try:
        with _progress() as tell:
            found = try_out(project, application, wiring, bench, clearing, tell)
    finally:
        for one in clearing.left:
            note(printable(f"left behind: {one.kind.value} {one.known_by}: {one.why}"))
        if clearing.left:
            note(f"Remove by hand what is called {PREFIX}…, or run --scratch again: it tries first")
    return found, clearing.left


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is being done: one line that changes on a terminal, a line each in a pipe."""
    if not sys.stderr.isatty():
        yield lambda words: note(f"  {words}")
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda words: status.update(printable(words))
