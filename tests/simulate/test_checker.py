"""The simulator finds what is broken, and judges by nothing that comes from the program."""

import ast
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tests.simulate.check
import tests.simulate.reading
from tests.simulate import run
from tests.simulate.broken import ENGINES, broken
from tests.simulate.check import History, check
from tests.simulate.classes import CLASSES, classes, covering, pairs_of

START = datetime(2026, 1, 1, tzinfo=UTC)

QUICKLY = {
    "no intent is written": "12",
    "a create is sent again blindly": "13",
    "a lost answer is a success": "14",
}
"""Broken engines that a few runs find, and the invariant that each breaks."""


@pytest.mark.parametrize(("name", "invariant"), QUICKLY.items())
def test_a_broken_engine_is_found(name: str, invariant: str) -> None:
    with broken(name):
        assert _is_found(60, invariant)


@pytest.mark.measured
@pytest.mark.parametrize("name", ENGINES)
def test_every_broken_engine_is_found(name: str) -> None:
    with broken(name):
        assert _is_found(600)


def _is_found(most: int, invariant: str | None = None) -> bool:
    """Say whether some run finds something, or that one invariant is broken."""
    return any(
        invariant in {None, failure.invariant}
        for seed in range(most)
        for failure in run([seed]).failures
    )


@pytest.mark.parametrize("module", [tests.simulate.check, tests.simulate.reading])
def test_the_checker_shares_no_code_with_the_program(module: object) -> None:
    path = Path(str(getattr(module, "__file__", "")))
    tree = ast.parse(path.read_text("utf-8"))
    named = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert named <= {
        "__future__",
        "collections.abc",
        "copy",
        "dataclasses",
        "datetime",
        "hashlib",
        "json",
        "re",
        "tests.simulate.reading",
        "typing",
    }


def test_all_pairs_of_kinds_of_services_are_met() -> None:
    """The table covers every pair; each block of seeds is the whole table."""
    rows = covering()
    values = list(CLASSES.values())

    for i, ones in enumerate(values):
        for j, others in enumerate(values[:i]):
            met = {(row[i], row[j]) for row in rows}
            assert met == {(one, other) for one in ones for other in others}
    met_in_first = {pair for seed in range(len(rows)) for pair in pairs_of(*classes(seed))}
    met_at_all = {pair for seed in range(500) for pair in pairs_of(*classes(seed))}
    assert met_in_first == met_at_all


ADA = {"id": "id-1", "userName": "ada@contoso.example", "active": True}
MEMBER = {"value": "user", "primary": True}
ADMIN = {"value": "admin", "primary": True}


@pytest.mark.parametrize(
    ("by", "at", "meant", "reported"),
    [
        ("admin", 15, [MEMBER, ADMIN], False),
        ("admin", 15, [{**MEMBER, "primary": False}, ADMIN], True),
        ("admin", 15, [MEMBER, ADMIN, {"value": "owner"}], True),
        ("admin", 3, [MEMBER, ADMIN], True),
        ("client", 15, [MEMBER, ADMIN], True),
    ],
    ids=["beside", "another one changed", "one more", "could be seen", "by the program itself"],
)
def test_a_role_may_only_be_added_beside_what_an_administrator_put_there(
    by: str, at: int, meant: list[Any], reported: bool
) -> None:
    """Seed 22168: seen without roles, and one given by hand that the look did not show yet."""
    found = {**ADA, "roles": [MEMBER]}
    path = 'roles[primary eq "True"].value'
    user = {"path": path, "before": None, "after": "user"}
    admin = {"path": path, "before": None, "after": "admin"}

    said = check(
        _history(
            [_operation("op-1", "update", [user]), _operation("op-2", "update", [admin])],
            [(2, "intent", "op-1"), (18, "done", "op-1"), (25, "intent", "op-2")],
            [
                _entry("PATCH", at, found, found=ADA, actor=by),
                _entry("PATCH", 30, {**ADA, "roles": meant}, found=found, answered=False),
            ],
            [_look(2, ADA), _look(20, ADA)],
            lag=10,
        )
    )

    sevens = [one.what for one in said if one.invariant == "7"]
    assert sevens == (["PATCH User id-1 at 30 also changes ['roles']"] if reported else [])


STAFF = {"id": "id-1", "displayName": "Staff"}
ALL = {**STAFF, "members": [{"value": "id-2"}, {"value": "id-3"}]}
TAKEN = {**STAFF, "members": [{"value": "id-3"}]}


@pytest.mark.parametrize(
    ("looks", "invariants"),
    [
        ([(31, TAKEN), (35, ALL)], []),
        ([(31, TAKEN), (35, TAKEN)], ["10"]),
        ([(31, ALL), (35, TAKEN)], ["10"]),
        ([(31, TAKEN), (45, ALL)], ["10"]),
        ([], ["10"]),
    ],
    ids=["given back", "lost", "lost at last", "given back too late", "nobody looked"],
)
@pytest.mark.parametrize("ends", [[], [(40, "done", "op-1")]], ids=["goes on", "is called done"])
def test_a_loss_ends_the_run_unless_the_last_look_shows_it_given_back(
    looks: list[tuple[int, Any]], invariants: list[str], ends: list[tuple[int, str, str]]
) -> None:
    """Seed 24956: a PUT that was lost before was carried out late, and brought them back."""
    one = {**STAFF, "members": [{"value": "id-2"}]}
    joins = {"path": "members", "before": None, "after": [{"value": "id-3"}]}
    operations = [_operation("op-1", "add_members", [joins], "Group", one)]
    took = _entry("PUT", 30, ALL, found=one, kind="Group", after=TAKEN, quirk="overreach")
    log, next_one = [took], []
    if not ends:
        operations.append(_operation("op-2", "update", [], "User", ADA))
        next_one = [(41, "intent", "op-2")]
        log.append(_entry("PUT", 42, ADA, found=ADA, id="id-9"))
        operations[1]["target_id"] = "id-9"

    said = check(
        _history(
            operations,
            [(25, "intent", "op-1"), *ends, *next_one],
            log,
            [_look(20, one, "Group"), *(_look(at, shown, "Group") for at, shown in looks)],
        )
    )

    assert [one.invariant for one in said if one.invariant == "10"] == invariants


def _operation(
    name: str, action: str, changes: list[Any], kind: str = "User", seen: Any = ADA
) -> dict[str, Any]:
    return {
        "id": name,
        "resource_type": kind,
        "action": action,
        "key": seen.get("userName", seen.get("displayName")),
        "source_id": name,
        "target_id": seen["id"],
        "changes": changes,
        "references": [],
        "precondition": {},
        "wave": 1,
    }


def _entry(method: str, at: int, meant: Any, **more: Any) -> dict[str, Any]:
    """Return a line of the service's log; without *more*, what was meant was made."""
    return {
        "actor": "client",
        "method": method,
        "kind": "User",
        "id": "id-1",
        "body": {},
        "sent": at,
        "done": at,
        "status": 200,
        "answered": True,
        "found": None,
        "meant": meant,
        "before": more.get("found"),
        "after": meant,
        "meant_then": meant,
        "quirk": None,
        **more,
    }


def _look(at: int, shown: Any, kind: str = "User") -> dict[str, Any]:
    return {"at": at, "kind": kind, "id": "id-1", "shown": shown, "status": 200}


def _history(
    operations: list[dict[str, Any]],
    records: list[tuple[int, str, str]],
    log: list[dict[str, Any]],
    looks: list[dict[str, Any]],
    lag: int = 0,
) -> History:
    """Return one run of one plan; what is not said here is of no weight."""
    about = {one["id"]: one for one in operations}
    begun: dict[str, Any] = {"kind": "run_begin", "at": _at(1), "plan_digest": "a plan"}
    lines = [begun]
    for at, kind, name in records:
        one = {key: about[name][key] for key in ("resource_type", "source_id", "target_id")}
        one |= {"action": about[name]["action"], "key": about[name]["key"]}
        lines.append({"kind": kind, "at": _at(at), "op": name, **one})
    return History(
        start=START,
        plans=[json.dumps({"digest": "a plan", "body": {"operations": operations}}).encode()],
        journals=[_chained(lines)],
        log=log,
        looks=looks,
        past={"User": {}, "Group": {}},
        people=[],
        unique=True,
        lag=lag,
        settle=0,
        protected=frozenset(),
        privileged=frozenset({"admin"}),
        min_admins=0,
        rested=False,
    )


def _at(micros: int) -> str:
    return (START + timedelta(microseconds=micros)).isoformat()


def _chained(records: list[dict[str, Any]]) -> bytes:
    """Return the records as a journal holds them."""
    before, lines = "0" * 64, []
    for number, record in enumerate(records):
        whole = {**record, "prev": before, "seq": number}
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        line = json.dumps({**whole, "sum": hashlib.sha256(text.encode()).hexdigest()}).encode()
        before = hashlib.sha256(line).hexdigest()
        lines.append(line + b"\n")
    return b"".join(lines)
