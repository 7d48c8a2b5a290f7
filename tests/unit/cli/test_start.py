"""What a command waits for before it begins: T11 of the targets."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

from reconciler.cli.console import HINTS
from reconciler.cli.main import cli
from reconciler.cli.promised import Promised
from reconciler.diagnostics import ReconcilerError
from reconciler.workflow.exit_codes import BY_ERROR, kinds_of
from tests.markdown import ROOT

HEAVY = (
    *("cryptography", "securesystemslib", "deepdiff", "jinja2", "rich", "pygments"),
    *("httpx", "httpcore", "h11", "anyio", "ssl", "asyncio", "filelock"),
    *("procrastinate", "psycopg", "msgspec", "obstore"),
    *("scim2_models", "scim2_server", "werkzeug", "smtplib", "xml", "confusable_homoglyphs"),
)
"""What neither help nor `validate` needs; each takes longer to import than they to run."""

NOT_TO_VALIDATE = ("concurrent", "difflib", "getpass")
"""What `validate` needs only for a store in a bucket and for a mistake."""

NOT_TO_PLAN = (
    *("cryptography", "securesystemslib", "deepdiff", "jinja2", "rich", "pygments", "xml"),
    *("asyncio", "filelock", "procrastinate", "psycopg", "obstore", "smtplib"),
    *("scim2_models", "scim2_server", "werkzeug", "confusable_homoglyphs", "difflib"),
)
"""What a plan needs only to be signed, shown as Markdown or JUnit, or told on a terminal."""

PLANNING = (
    "reconciler.cli.planning, reconciler.live.client, reconciler.store.history, "
    "reconciler.store.plans, reconciler.live.read"
)
"""What every plan of a service imports."""

ROOMS = {
    "--help": {"cli", "diagnostics", "workflow"},
    "validate": {
        *("cli", "config", "diagnostics", "directory", "expr", "ports", "profiles"),
        *("pile", "register", "scim", "scope", "source", "store", "workflow"),
    },
}
"""The rooms that may be entered: of `store` the disk, of `workflow`, for help, the exit codes."""

EVERY = [command for command in cli.commands.values() if isinstance(command, Promised)]


@pytest.fixture
def eager() -> click.Group:
    """The same command with everything imported, as click has it."""
    commands = {one.name or "": one.load() for one in EVERY}
    settings = cli.context_settings
    return click.Group(
        cli.name, commands, help=cli.help, params=cli.params, context_settings=settings
    )


def test_every_command_is_promised() -> None:
    assert len(EVERY) == len(cli.commands) > 15


@pytest.mark.parametrize("promised", EVERY, ids=lambda one: one.name)
def test_the_table_says_of_a_command_what_it_says_of_itself(promised: Promised) -> None:
    itself = promised.load()

    assert promised.name == itself.name
    assert promised.get_short_help_str(1_000) == itself.get_short_help_str(1_000)
    assert (itself.hidden, itself.deprecated) == (False, False)


def test_help_is_the_same_at_every_width(eager: click.Group) -> None:
    def shown(group: click.Group, width: int) -> str:
        settings: dict[str, Any] = {"resilient_parsing": True, "terminal_width": width}
        return group.get_help(group.make_context("reconciler", [], **settings))

    for width in range(20, 140):
        assert shown(cli, width) == shown(eager, width)


@pytest.mark.parametrize(
    ("words", "begun"),
    [
        ([], ""),
        ([], "re"),
        ([], "--"),
        (["plan"], "--"),
        (["plan", "--format"], ""),
        (["audit"], ""),
        (["nonsense"], ""),
    ],
    ids=str,
)
def test_a_shell_completes_as_before(eager: click.Group, words: list[str], begun: str) -> None:
    def completed(group: click.Group) -> list[tuple[str, str, str | None]]:
        found = ShellComplete(group, {}, "reconciler", "_COMPLETE").get_completions(words, begun)
        return [(one.type, one.value, one.help) for one in found]

    assert completed(cli) == completed(eager)


@pytest.mark.parametrize("words", [["plann"], ["import", "entr"], ["apply"], ["--no"]], ids=str)
def test_a_mistake_is_told_as_before(eager: click.Group, words: list[str]) -> None:
    def told(group: click.Group) -> str:
        with pytest.raises(click.UsageError) as refused:
            group.main(words, prog_name="reconciler", standalone_mode=False)
        context = refused.value.ctx
        return f"{context and context.get_usage()} {refused.value.format_message()}"

    assert told(cli) == told(eager)


def imported(*words: str) -> set[str]:
    """Return the modules that are there when a command has ended well."""
    return modules_after("from reconciler.cli.main import run; code = run(sys.argv[1:])", *words)


def modules_after(work: str, *words: str) -> set[str]:
    """Return the modules that are there after *work*, a program which may leave a `code`."""
    program = (
        f"import json, sys; code = 0; {work}; "
        "print(); found = [name for name, one in sys.modules.items() if one is not None]; "
        "print(json.dumps(sorted(found))); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("command", ["--help", "validate"])
def test_a_command_starts_without_what_it_does_not_need(command: str) -> None:
    found = imported(command)
    print("\n".join(sorted(found)))

    assert {name.partition(".")[0] for name in found} & set(HEAVY) == set()
    rooms = {name.split(".")[1] for name in found if name.startswith("reconciler.")}
    assert rooms - ROOMS[command] == set()


def test_validate_starts_without_what_only_some_files_need() -> None:
    found = imported("validate")

    assert {name.partition(".")[0] for name in found} & set(NOT_TO_VALIDATE) == set()
    assert {name for name in found if name.startswith("reconciler.store.")} == {
        "reconciler.store.disk"
    }


def test_a_plan_starts_without_what_only_some_plans_need() -> None:
    found = modules_after(f"import {PLANNING}")

    assert "httpx" in found
    assert {name.partition(".")[0] for name in found} & set(NOT_TO_PLAN) == set()
    assert {"reconciler.signing.approval", "reconciler.workflow.explain"} & found == set()


def test_help_needs_no_model_and_no_yaml() -> None:
    assert {name.partition(".")[0] for name in imported("--help")} & {"pydantic", "yaml"} == set()


def every_error(kind: type[Any] = ReconcilerError) -> set[type[Any]]:
    """Return *kind* and everything that is derived from it."""
    return {kind}.union(*(every_error(below) for below in kind.__subclasses__()))


def test_every_error_that_is_named_exists() -> None:
    for path in Path(ROOT, "reconciler").rglob("*.py"):
        if path.stem not in {"__init__", "__main__"} and "starter" not in path.parts:
            steps = path.relative_to(ROOT).with_suffix("").parts
            __import__(".".join(steps))
    known = {
        kind.__module__.removeprefix("reconciler.") + "." + kind.__qualname__: kind
        for kind in every_error()
    }

    assert [name for name, _ in (*BY_ERROR, *HINTS) if name not in known] == []


def test_an_error_is_of_its_own_kind_and_of_those_above() -> None:
    class Mine(ReconcilerError):
        pass

    assert "diagnostics.ReconcilerError" in kinds_of(Mine("x"))
