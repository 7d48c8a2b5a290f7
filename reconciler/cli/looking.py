"""Commands that look and change nothing: test, explain, expr, history, schema."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from reconciler.cli.console import note, out, write
from reconciler.cli.explaining import indented, show_explanation, told
from reconciler.diagnostics import Diagnostic, Position, printable, printable_json
from reconciler.expr import (
    Alternatives,
    EvaluationError,
    ExpressionError,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
)
from reconciler.expr.surroundings import REDACTING_FUNCTIONS
from reconciler.mapping import ROLE_ASSIGNMENTS
from reconciler.plan.guards import GUARDS
from reconciler.render.history import HISTORY_FORMATS, History
from reconciler.render.junit import Case, to_junit
from reconciler.states import HIDDEN
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.explain import explain
from reconciler.workflow.project import open_project
from reconciler.workflow.run_tests import run_tests
from reconciler.workflow.schemas import SCHEMAS, schema_text
from reconciler.workflow.wiring import Wiring


@click.command("test")
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), help="Also write a JUnit report."
)
@click.pass_obj
def test_command(config: Path, junit: Path | None) -> ExitCode:
    """
    Run the tests of the file, offline.

    \b
    Example:
      reconciler test --junit report.xml
    """
    wiring = Wiring()
    tested = run_tests(open_project(config), wiring, wiring.today())
    for one in tested:
        out(printable(f"{'ok  ' if not one.problems else 'FAIL'} {one.application}: {one.user}"))
        for problem in one.problems:
            out(printable(f"     {problem}"))
        if one.problems:
            out(printable(f"     because: {one.because}"))
            out(indented(one.sections))
    failed = [one for one in tested if one.problems]
    out(f"{len(tested) - len(failed)} passed, {len(failed)} failed")
    if junit is not None:
        cases = [
            Case(
                f"{one.application}: {one.user}",
                "; ".join(one.problems) or None,
                told(one.sections),
            )
            for one in tested
        ]
        write(junit, to_junit("reconciler", cases).encode())
    return ExitCode.TESTS_FAILED if failed else ExitCode.DONE


@click.command("explain")
@click.argument("user")
@click.option(
    "--app", "applications", metavar="APP", multiple=True, help="Only this application; repeatable."
)
@click.option("--offline", is_flag=True, help="Leave out what needs the target.")
@click.pass_obj
def explain_command(
    config: Path, user: str, applications: tuple[str, ...], offline: bool
) -> ExitCode:
    """
    Show everything that would be decided for one person.

    Changes nothing. A person is named by userPrincipalName or objectId.

    \b
    Example:
      reconciler explain ada@contoso.example
      reconciler explain --offline 0c1d7a52-6f0e-4f9e-9d55-2f8b5b7f4a11
    """
    project, wiring = open_project(config), Wiring()
    for name in project.names(applications):
        show_explanation(explain(project, name, user, wiring, wiring.today(), offline=offline))
    return ExitCode.DONE


@click.command("expr")
@click.argument("expression")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A source attribute; a value that starts with [ is a JSON list. Repeatable.",
)
def expr_command(expression: str, given: tuple[str, ...]) -> ExitCode:
    """
    Evaluate one mapping expression and print the result as JSON.

    \b
    Example:
      reconciler expr 'Join(" ", [givenName], [surname])' \\
        --set givenName=Ada --set surname=Lovelace
    """
    try:
        parsed = parse(expression)
        for warning in parsed.warnings:
            note(f"warning: {warning.message}; {warning.hint}")
        evaluate = compile_expression(parsed, _surroundings(Wiring()))
        value = evaluate(dict(_attribute(pair) for pair in given))
    except ExpressionError as exc:
        place = Position("expression", 1, exc.column)
        found = Diagnostic("bad-expression", exc.message, place, exc.hint)
        note(found.format(expression))
        return ExitCode.CONFIGURATION
    except EvaluationError as exc:
        note(f"error[evaluation]: {printable(str(exc))}")
        return ExitCode.CONFIGURATION
    shown = HIDDEN if parsed.functions & REDACTING_FUNCTIONS else _plain(value)
    out(printable_json(json.dumps(shown, ensure_ascii=False)))
    return ExitCode.DONE


def _surroundings(wiring: Wiring) -> Surroundings:
    """Return what an expression may know here, where there is no plan and no source."""
    return Surroundings(now=wiring.clock.now(), chance=wiring.chance)


def _attribute(pair: str) -> tuple[str, Value]:
    """Read one ``name=value``."""
    name, separator, text = pair.partition("=")
    if not separator or not name:
        raise click.UsageError(f"--set {pair!r} is not NAME=VALUE")
    if not text.startswith("["):
        return name, text or None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        problem = f"--set {name}: the value starts with [ and is no JSON list"
        raise click.UsageError(problem) from None
    if name == ROLE_ASSIGNMENTS:
        return name, tuple(RoleGrant(str(item), str(item)) for item in items)
    return name, tuple(item if isinstance(item, str) else json.dumps(item) for item in items)


def _plain(value: Value) -> Any:
    """Return a value of the expression language as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Alternatives):
        return list(value.values)
    if isinstance(value, RoleGrant):
        return value.value
    return str(value) if isinstance(value, Decimal) else value


MISSING = (
    "what was done in it is not shown, and `plan`, `apply`, `drift` and `revert` refuse (exit 6); "
    "`reconciler audit verify` says which one it is"
)


@click.command("history")
@click.argument("application", metavar="[APP]", required=False)
@click.option("--user", metavar="USER", help="Only what is about this person or group.")
@click.option(
    "--guard",
    type=click.Choice([guard.id for guard in GUARDS]),
    metavar="ID",
    help="Only plans that this guard blocked.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(HISTORY_FORMATS)),
    default="text",
    show_default=True,
    help="How it is printed.",
)
@click.pass_obj
def history_command(
    config: Path, application: str | None, user: str | None, guard: str | None, form: str
) -> ExitCode:
    """
    List the stored plans and what became of them.

    A journal that is missing is a warning: what was done in it cannot be listed.

    As JSON it has one record per person or group and run, in the shape of Entra's
    provisioning logs, under "value"; the plans are under "plans".

    \b
    Example:
      reconciler history ipass-smartconnect --user ada@contoso.example
      reconciler history --guard source_shrinks
      reconciler history ipass-smartconnect --format json
    """
    project = open_project(config)
    if application is not None:
        project.application(application)
    configured = project.loaded.config.applications.items()
    names = {name: settings.display_name or name for name, settings in configured}
    wiring = Wiring()
    found = wiring.runs(project, application, user, guard)
    out(HISTORY_FORMATS[form](History(found, names, user)))
    for what in wiring.losses(project, application):
        note(f"warning: a journal is missing, or the end of one: {printable(what)}")
        note(f"{'':>5} = hint: {MISSING}")
    return ExitCode.DONE


@click.command("schema")
@click.argument("name", type=click.Choice(sorted(SCHEMAS)))
def schema_command(name: str) -> ExitCode:
    """
    Print the JSON Schema of a configuration, a profile, a plan, or a record of the store.

    \b
    Example:
      reconciler schema config > schemas/provisioning.schema.json
    """
    out(schema_text(name))
    return ExitCode.DONE
