"""
The command: errors to messages and exit codes.

Everything that is raised on purpose is a :class:`ReconcilerError` and gets a
message and a code; anything else is a defect and shows its traceback.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from reconciler import __version__
from reconciler.cli.applying import apply_command
from reconciler.cli.approving import approve_command
from reconciler.cli.auditing import audit_group
from reconciler.cli.console import CONFIGURATION, complain, note
from reconciler.cli.drifting import drift_command
from reconciler.cli.looking import (
    explain_command,
    expr_command,
    history_command,
    schema_command,
    test_command,
    validate_command,
)
from reconciler.cli.moving import export_group, import_group
from reconciler.cli.planning import plan_command, show_command
from reconciler.cli.probing import probe_command
from reconciler.cli.quarantining import quarantine_group
from reconciler.cli.reverting import revert_command
from reconciler.cli.starting import init_command, sandbox_command
from reconciler.cli.working import fleet_group
from reconciler.diagnostics import ReconcilerError
from reconciler.workflow.exit_codes import ExitCode, code_for

COLLECT_RARELY = (50_000, 20, 100)
"""Collector thresholds: nearly everything a plan makes lives to its end, and walking a hundred
thousand people again and again takes a quarter of the time (`make bench`)."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=CONFIGURATION,
    show_default=True,
    help="The desired state.",
)
@click.version_option(__version__, prog_name="reconciler")
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """
    Provisioning as code for SCIM 2.0 services: plan, review, apply.

    \b
    Example:
      reconciler validate
      reconciler plan ipass-smartconnect
      reconciler apply plans/ipass-smartconnect/<plan>.plan.json
    """
    context.obj = config


for _command in (
    init_command,
    validate_command,
    test_command,
    probe_command,
    plan_command,
    show_command,
    approve_command,
    apply_command,
    revert_command,
    explain_command,
    drift_command,
    expr_command,
    import_group,
    export_group,
    history_command,
    audit_group,
    quarantine_group,
    fleet_group,
    schema_command,
    sandbox_command,
):
    cli.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; click makes an Abort of Ctrl-C."""
    try:
        result = cli.main(args=arguments, standalone_mode=False, prog_name="reconciler")
    except click.Abort:
        note("interrupted")
        return ExitCode.INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return ExitCode.CONFIGURATION
    except ReconcilerError as exc:
        complain(exc)
        return code_for(exc)
    return int(result) if isinstance(result, int) else ExitCode.DONE


def leave_no_core() -> None:
    """Let no crash of an extension module leave our memory, and the secret in it, on the disk."""
    with suppress(ImportError, ValueError, OSError):  # where there is no such limit, or it is fixed
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Entry point of the installed command."""
    leave_no_core()
    gc.set_threshold(*COLLECT_RARELY)
    sys.exit(run())
