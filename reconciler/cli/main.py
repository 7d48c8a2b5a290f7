"""
The command: errors to messages and exit codes.

Everything that is raised on purpose is a :class:`ReconcilerError` and gets a
message and a code; anything else is a defect and shows its traceback.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from reconciler import __version__
from reconciler.cli.console import CONFIGURATION, complain, note
from reconciler.cli.promised import Promised, Promises
from reconciler.diagnostics import ReconcilerError
from reconciler.workflow.exit_codes import ExitCode, code_for

COLLECT_RARELY = (50_000, 20, 100)
"""Collector thresholds: nearly everything a plan makes lives to its end, and walking a hundred
thousand people again and again takes a quarter of the time (`make bench`)."""

NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Nobody else's package looks into what is validated here; to look for such takes longer, too."""

COMMANDS = (
    (
        "init",
        "starting:init_command",
        "Write a commented provisioning.yaml, sample data and a pipeline.",
    ),
    (
        "validate",
        "validating:validate_command",
        "Check the file and the source offline: every problem at once.",
    ),
    ("test", "looking:test_command", "Run the tests of the file, offline."),
    (
        "probe",
        "probing:probe_command",
        "Test Connection: credential, capabilities, filters and pages.",
    ),
    ("plan", "planning:plan_command", "Read both sides and say what would change."),
    (
        "show",
        "showing:show_command",
        "Show a plan: a path, or the start of the digest of a stored one.",
    ),
    (
        "approve",
        "approving:approve_command",
        "Let one blocked guard pass, for the operations of this plan only.",
    ),
    ("apply", "applying:apply_command", "Carry out exactly this plan, and leave a journal."),
    (
        "revert",
        "reverting:revert_command",
        "Make the plan that undoes what applying this plan did.",
    ),
    (
        "explain",
        "looking:explain_command",
        "Show everything that would be decided for one person.",
    ),
    (
        "drift",
        "drifting:drift_command",
        "Show what was changed by hand since it was last applied.",
    ),
    (
        "expr",
        "looking:expr_command",
        "Evaluate one mapping expression and print the result as JSON.",
    ),
    (
        "import",
        "moving:import_group",
        "Write a configuration from Entra's files, or from a live service.",
    ),
    (
        "export",
        "moving:export_group",
        "Write an application of the configuration in another tool's form.",
    ),
    ("history", "looking:history_command", "List the stored plans and what became of them."),
    ("audit", "auditing:audit_group", "Check the stored plans and journals."),
    (
        "quarantine",
        "quarantining:quarantine_group",
        "Show and clear quarantine: applications that failed, and are tried less and less.",
    ),
    (
        "fleet",
        "working:fleet_group",
        "Plan and apply many applications by many workers, through a queue in PostgreSQL.",
    ),
    (
        "schema",
        "looking:schema_command",
        "Print the JSON Schema of a configuration, a profile, a plan, or a record of the store.",
    ),
    (
        "sandbox",
        "starting:sandbox_command",
        "Run a SCIM server on this machine, to try things on.",
    ),
)
"""Every command: its name, where it is, and the first sentence of its help."""


@click.group(cls=Promises, context_settings={"help_option_names": ["-h", "--help"]})
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


for _name, _place, _summary in COMMANDS:
    cli.add_command(Promised(_name, f"reconciler.cli.{_place}", _summary))


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
    os.environ.setdefault(*NO_PLUGINS)
    gc.set_threshold(*COLLECT_RARELY)
    sys.exit(run())
