"""
``probe --scratch``: what writing tells about a service, on objects of its own.

What is made has a reserved prefix, and is removed whatever happens; what an earlier
run could not remove goes first. The lock of the application is held, so that no apply
runs meanwhile. An application with ``enabled: false`` is tried out like any other:
before it is started is when one wants to know.
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.diagnostics import printable
from reconciler.live.measure import Measured
from reconciler.live.scratch.bench import Bench
from reconciler.live.scratch.clear import Clearing
from reconciler.live.scratch.names import PREFIX
from reconciler.live.scratch.run import measure_by_writing
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring


def intent(bench: Bench, tenant_url: str) -> str:
    """Say what will be written, before anybody is asked to agree."""
    lines = [
        f"--scratch writes to {tenant_url}:",
        f"  it creates users called {PREFIX}…@{bench.pad.domain}, two at a time, and a group",
        f"  called {PREFIX}…, changes, switches off and deletes them, and touches nobody else.",
    ]
    if bench.leftovers:
        lines.append("  First it deletes what an earlier run has left behind:")
    lines += [f"    {printable(each)}" for each in bench.leftovers]
    return "\n".join(lines)


def try_out(
    project: Project,
    name: str,
    wiring: Wiring,
    bench: Bench,
    clearing: Clearing,
    tell: Callable[[str], None],
) -> tuple[Measured, ...]:
    """
    Return what writing tells about the service of application *name*.

    Args:
        project: The configuration.
        name: The application.
        wiring: Makes the lock.
        bench: What is tried out on.
        clearing: Says afterwards what is left, also when this raises.
        tell: Is told what is about to be done.

    Raises:
        LockHeld: An apply of the application is running; nothing was written.
    """
    with wiring.lock(project, name):
        try:
            if bench.leftovers:
                tell("removing what an earlier run has left behind")
                clearing.run()
            return tuple(measure_by_writing(bench, tell))
        finally:
            tell("removing what was made")
            _to_its_end(clearing)


def _to_its_end(clearing: Clearing) -> None:
    """Clear away, also when Ctrl-C comes in between; the second one ends it."""
    try:
        clearing.run()
    except KeyboardInterrupt:
        clearing.run()
        raise
