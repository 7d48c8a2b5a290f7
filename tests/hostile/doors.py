"""
The ways by which something hostile comes in, each as one function of a payload.

A door goes through the real product and answers whether the input was taken or
refused. It raises what nobody should ever see: an exception that is no
``ReconcilerError``, an exit code that means a defect, or :class:`Escaped`, when what
came out is not inert, or was not refused although it must be.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconciler.cli.main import run
from reconciler.config.kinds import stays_below
from reconciler.config.load import load_config
from reconciler.config.patterns import PatternError, compile_pattern
from reconciler.config.show import format_all
from reconciler.config.texts import SourceText
from reconciler.diagnostics import ConfigError, ReconcilerError
from reconciler.diff.lookalikes import skeleton, spelling
from reconciler.expr import (
    EvaluationError,
    ExpressionError,
    Surroundings,
    compile_expression,
    parse,
)
from reconciler.live import strict_json
from reconciler.live.ids import usable_id
from reconciler.live.saved import load_live
from reconciler.plan.plan_file import parse_plan
from reconciler.render import FORMATS, Look
from reconciler.render.history import FORMULA, HISTORY_FORMATS, History
from reconciler.render.junit import Case, to_junit
from reconciler.render.values import shown
from reconciler.source.files import FileSource
from reconciler.store.applications import application_folder
from reconciler.store.chain import examined
from reconciler.store.folder import StoreError
from reconciler.store.runs import Run
from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME
from tests.hostile.corpus import BASE
from tests.hostile.shown import structure
from tests.matching import codes, one, paired, pairs
from tests.plans import hostile_plan
from tests.servers import TOKEN, FaultServer

TAKEN, REFUSED = "taken", "refused"


class Escaped(Exception):
    """Something hostile got through."""


def _refusing(reading: Callable[[], object], *errors: type[Exception]) -> str:
    """Return whether *reading* was refused in words."""
    expected: tuple[type[Exception], ...] = (ReconcilerError, *errors)
    try:
        reading()
    except expected as exc:
        if not str(exc).strip():
            raise Escaped("refused without a word") from exc
        return REFUSED
    return TAKEN


def configuration(text: str) -> str:
    """Load a configuration, and lay out what is wrong with it."""
    try:
        load_config(SourceText("provisioning.yaml", text))
    except ConfigError as exc:
        _inert(format_all(exc.diagnostics, {"provisioning.yaml": text}))
        return REFUSED
    return TAKEN


def people(suffix: str) -> Callable[[str | bytes], str]:
    """Return what reads a source file of one format."""

    def read(given: str | bytes) -> str:
        data = given if isinstance(given, bytes) else given.encode("utf-8", "surrogatepass")
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"people{suffix}"
            path.write_bytes(data)
            return _refusing(lambda: FileSource(path, show=lambda file: file.name).read())

    return read


def live(data: bytes) -> str:
    """Read a saved live state."""
    return _refusing(lambda: load_live(data))


def body(data: bytes) -> str:
    """Read the body of an answer."""
    return _refusing(lambda: strict_json.parse(data))


def plan(data: bytes) -> str:
    """Read a plan file, which nothing here is."""
    if _refusing(lambda: parse_plan(data)) == TAKEN:
        raise Escaped("taken for a plan")
    return REFUSED


def journal(data: bytes) -> str:
    """Read a journal."""
    content, damages = examined(data + b"\n" + data)
    if content.records:
        raise Escaped("taken for a journal")
    return REFUSED if damages or content.torn else TAKEN


def planned(state: Mapping[str, Any]) -> str:
    """Plan against a saved live state, with the whole command."""
    with _project("https://app.example/v2") as folder:
        file = folder / "live.json"
        file.write_text(json.dumps({**state, "capabilities": {}}), "utf-8")
        code, text = said(folder, "plan", "--offline-live", str(file), "--no-store")
        _inert(text)
        return TAKEN if code in {0, 5} else REFUSED


def http(given: Mapping[str, Any]) -> str:
    """Plan against a service that answers one kind of request as it likes."""
    from reconciler.testing import Reply, Request

    headers = {"Content-Type": "application/scim+json", **given.get("headers", {})}
    reply = Reply(given.get("body", b"{}"), given.get("status", 200), None, headers)

    def answer(asked: Request) -> Reply | None:
        return reply if asked.path == given["where"] else None

    with FaultServer(answer=answer) as server, _project(server.url) as folder:
        code, text = said(folder, "plan", "--no-store")
        if server.writes:
            raise Escaped("something was written")
        if any(asked.headers["authorization"] != f"Bearer {TOKEN}" for asked in server.requests):
            raise Escaped("a request without our token was sent")
        _inert(text)
        return TAKEN if code in {0, 5} else REFUSED


def filter_(given: Mapping[str, str]) -> str:
    """Compile a pattern of a scoping filter, in a configuration, and match it."""
    text = BASE.replace(
        "EQUALS, value: Employee", f"REGEX MATCH, value: {json.dumps(given['pattern'])}"
    )
    configuration(text)
    return _refusing(
        lambda: compile_pattern(given["pattern"]).fullmatch(given["subject"]), PatternError
    )


def replace(given: Mapping[str, str]) -> str:
    """Replace by a pattern, in an expression."""
    quoted = given["pattern"].replace('"', '""')
    text = f'Replace([x], , "{quoted}", , "b", , )'
    return expression({"text": text, "x": given["subject"]})


def expression(given: Mapping[str, str]) -> str:
    """Evaluate an expression on somebody."""

    def evaluated() -> object:
        found = parse(given["text"])
        now = Surroundings(now=datetime(2026, 11, 30, tzinfo=UTC))
        value = compile_expression(found, now)({"x": given["x"], "y": None})
        if len(str(value)) > 10 * 2**16:
            raise Escaped("a value larger than any may be")
        return value

    return _refusing(evaluated, ExpressionError, EvaluationError)


def pair(given: tuple[str, str, str]) -> str:
    """Let somebody be matched, by a name, with an account of another."""
    expected, name, account = given
    found = paired([one("p", name)], {"t1": {"userName": account}})
    matched, refused = bool(pairs(found)), bool(codes(found))
    if (
        skeleton(name) == skeleton(account) and spelling(name) != spelling(account)
    ) and not refused:
        raise Escaped(f"{name!a} is not told from {account!a}")
    outcome = "same" if matched else "refused" if refused else "different"
    if expected not in {"any", outcome}:
        raise Escaped(f"{outcome} instead of {expected}")
    return REFUSED if refused else TAKEN


def output(value: str) -> str:
    """Show a value in every form, wherever a plan can hold text of somebody else's."""
    made, harmless = hostile_plan(value), hostile_plan("harmless")
    text = FORMATS["text"](made, Look(stored=value))
    _inert(text)
    if [line for line in text.split("\n") if line.startswith(("Plan:", "Nothing"))] != [
        line
        for line in FORMATS["text"](harmless, Look(stored="harmless")).split("\n")
        if line.startswith(("Plan:", "Nothing"))
    ]:
        raise Escaped("a forged summary")
    comment = FORMATS["markdown"](made, Look(stored=value))
    _inert(comment)
    if structure(comment) != structure(FORMATS["markdown"](harmless, Look(stored="harmless"))):
        raise Escaped("the comment has another structure")
    if len(comment) > 60_000:
        raise Escaped("the comment does not fit")
    if json.loads(FORMATS["json"](made, Look()))["digest"] != made.digest:
        raise Escaped("the JSON is another plan")
    row = Run(
        "crm", "0" * 12, datetime.now(UTC), value, {value: 1}, "applied", value, {}, made, (), None
    )
    for form in HISTORY_FORMATS.values():
        _inert(form(History((row,), {"crm": value}, value)).replace("\r\n", "\n"))
    cells = csv.reader(io.StringIO(HISTORY_FORMATS["csv"](History((row,), {}, value)), newline=""))
    if any(cell.startswith(FORMULA) for line in cells for cell in line):
        raise Escaped("a spreadsheet would calculate")
    _inert(to_junit("suite", [Case(value, value, (value,))]))
    if "\n" in shown(value) or len(shown(value)) > 200:
        raise Escaped("a value of several lines, or too long")
    return TAKEN


def resource_id(text: str) -> str:
    """Take an id of the target, or not."""
    if not usable_id(text):
        return REFUSED
    if not re.fullmatch(r"[!-~]+", text) or set(text) & set("/?#%\\") or text in {".", ".."}:
        raise Escaped("an id that changes what a path means")
    return TAKEN


def application(name: str) -> str:
    """Find the folder of an application in a store."""
    store = Path("/store")
    outcome = _refusing(lambda: application_folder(store, name), StoreError)
    if outcome == TAKEN and application_folder(store, name).parent != store:
        raise Escaped("out of the store")
    return outcome


def include(pattern: str) -> str:
    """Use a pattern of `include`."""
    if not stays_below(pattern):
        return REFUSED
    if ".." in Path(pattern).parts or Path(pattern).is_absolute():
        raise Escaped("out of the folder")
    with TemporaryDirectory() as folder:
        text = BASE + f"include: [{json.dumps(pattern)}]\n"
        Path(folder, "provisioning.yaml").write_text(text, "utf-8")
        code, told = said(Path(folder), "validate")
        _inert(told)
        return TAKEN if code == 0 else REFUSED


DOORS: Mapping[str, Callable[[Any], str]] = {
    "configuration": configuration,
    "people.yaml": people(".yaml"),
    "people.json": people(".json"),
    "people.jsonl": people(".jsonl"),
    "people.csv": people(".csv"),
    "live": live,
    "body": body,
    "plan": plan,
    "journal": journal,
    "planned": planned,
    "http": http,
    "filter": filter_,
    "replace": replace,
    "expression": expression,
    "pair": pair,
    "shown": output,
    "id": resource_id,
    "application": application,
    "include": include,
}


@contextmanager
def _project(url: str) -> Iterator[Path]:
    """Make a configuration for *url*, with two people and a group."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        text = BASE.replace("https://app.example/scim/v2", url).replace("TOKEN", TOKEN_NAME)
        text = text.replace("people.csv}", "people.csv, groups: groups.json}")
        text += "      groups:\n        - {target: displayName, source: displayName, match: 1}\n"
        text += "        - {target: members, source: members}\n"
        (folder / "provisioning.yaml").write_text(text, "utf-8")
        (folder / "people.csv").write_text(
            "objectId,userPrincipalName,employeeType,jobTitle\n"
            "ada,ada@contoso.example,Employee,\nbob,bob@contoso.example,Employee,\n"
        )
        groups = [{"objectId": "g", "displayName": "Staff", "members": ["ada", "bob"]}]
        (folder / "groups.json").write_text(json.dumps(groups), "utf-8")
        yield folder


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command on the configuration in *folder*; its output is strictly UTF-8."""
    bytes_ = io.BytesIO()
    stream = io.TextIOWrapper(bytes_, "utf-8", errors="strict", write_through=True)
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            code = run(["--config", str(folder / "provisioning.yaml"), *arguments])
    finally:
        sys.stdin = before
    if code == 1:
        raise Escaped(f"exit code 1: {bytes_.getvalue()[-200:]!r}")
    return code, bytes_.getvalue().decode("utf-8")


_ALLOWED = re.compile("[\n\u00a0\u202f\u3000]")


def _inert(text: str) -> None:
    """Check that nothing in *text* drives a terminal or a pipeline."""
    for line in text.split("\n"):
        if not _ALLOWED.sub("", line).isprintable():
            raise Escaped(f"a line that is not inert: {line[:100]!a}")
        if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line:
            raise Escaped(f"a command of a pipeline: {line[:100]!a}")


def hurry() -> None:
    """Let nothing wait, and know the token, in this process."""
    import os

    os.environ[TOKEN_NAME] = TOKEN
    SystemClock.sleep = lambda self, seconds: None  # type: ignore[method-assign]
