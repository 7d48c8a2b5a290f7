"""Ruling 15 and section 6: two digests, and a file that says when it was altered."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from msgspec import structs

from reconciler.plan.digest import canonical_json, digest
from reconciler.plan.document import Body, PlanAltered, Verdict, Waiting
from reconciler.plan.operation import Action, Operation, Precondition, Reference
from reconciler.plan.plan_file import as_json, operations_digest, parse_plan, plan_schema, seal
from reconciler.states import ResourceType
from tests.plans import APPLICATION, TENANT_URL, full_plan, make_operation, make_plan
from tests.worlds import ENTERPRISE

PLAN = make_plan()
BYTES = canonical_json(as_json(PLAN))
Doctor = Callable[[dict[str, Any]], object]


def doctored(change: Doctor, *, digests: str = "none") -> bytes:
    """Return a plan file in which *change* altered something and *digests* were made anew."""
    document: dict[str, Any] = json.loads(canonical_json(as_json(full_plan())))
    change(document)
    body = document["body"]
    if digests == "both":
        plain = deepcopy(body["operations"])
        for operation in plain:
            del operation["precondition"]
        body["operations_digest"] = digest(
            [body["application"], body["target"]["tenant_url"], plain]
        )
    if digests in ("body", "both"):
        document["digest"] = digest(body)
    return canonical_json(document)


# reading and writing


@pytest.mark.parametrize("plan", [PLAN, full_plan(), full_plan(blocked=True)], ids=["1", "2", "3"])
def test_a_plan_is_read_as_it_was_written(plan: Any) -> None:
    assert parse_plan(canonical_json(as_json(plan))) == plan


def test_a_plan_is_valid_by_its_schema() -> None:
    schema = plan_schema()

    jsonschema.validate(as_json(full_plan()), schema)
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_a_plan_is_blocked_when_any_guard_is() -> None:
    fine, bad = Verdict("a", 0, 0, 0, False, ""), Verdict("b", 1, 0, 0, True, "")

    assert [make_plan(guards=guards).blocked for guards in ([], [fine], [fine, bad])] == [
        False,
        False,
        True,
    ]


# what the digests cover


def test_ruling_15_the_header_stands_outside_the_digest() -> None:
    other = seal(PLAN.body, replace(PLAN.header, created_at="2027-01-01T00:00:00Z", author="x"))

    assert other.digest == PLAN.digest


@pytest.mark.parametrize(
    "change",
    [
        {"warnings": ()},
        {"waiting": (Waiting("a", "t", "2026-01-01"),)},
        {"unmanaged": replace(PLAN.body.unmanaged, count=9)},
        {"inputs": replace(PLAN.body.inputs, as_of="2027-01-01T00:00:00Z")},
        {"inputs": replace(PLAN.body.inputs, journal_head="f" * 64)},
        {"read": replace(PLAN.body.read, groups=None)},
        {"target": replace(PLAN.body.target, capabilities_digest="")},
        {"cost": replace(PLAN.body.cost, seconds=9)},
        {"guards": ()},
        {"skipped": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_ruling_15_the_digest_covers_the_whole_body(change: dict[str, Any]) -> None:
    base = full_plan()
    other = seal(replace(base.body, **change), base.header)

    assert other.digest != base.digest
    assert other.body.operations_digest == base.body.operations_digest


def reviewed(*operations: Operation, application: str = "app", url: str = "https://a/v2") -> str:
    """Return the operations digest."""
    return operations_digest(application, url, operations)


OPERATION = make_operation(
    Action.UPDATE,
    changes=[("title", "a", "b")],
    references=[Reference("manager", "s", ResourceType.USER, "key")],
    target_id="t-1",
)


def test_ruling_15_the_operations_digest_leaves_preconditions_out() -> None:
    other = structs.replace(OPERATION, precondition=Precondition("f" * 64, ("title",)))

    assert reviewed(structs.replace(OPERATION, precondition=None)) == reviewed(other)
    assert reviewed(OPERATION) == reviewed(other)


CHANGED = {
    "id": "op-9",
    "wave": 9,
    "action": Action.REVOKE,
    "resource_type": ResourceType.GROUP,
    "key": "other",
    "source_id": None,
    "target_id": "t-2",
    "reason": "another",
    "changes": (),
    "references": (),
}


@pytest.mark.parametrize(
    "name", [name for name in Operation.__struct_fields__ if name != "precondition"]
)
def test_ruling_15_the_operations_digest_covers_everything_else_of_an_operation(name: str) -> None:
    other: Operation = structs.replace(OPERATION, **{name: CHANGED[name]})

    assert reviewed(OPERATION) != reviewed(other)


def test_ruling_15_the_operations_digest_covers_application_tenant_order_and_number() -> None:
    one, two = structs.replace(OPERATION, key="a"), structs.replace(OPERATION, key="b")

    found = {
        reviewed(one, two),
        reviewed(two, one),
        reviewed(one),
        reviewed(),
        reviewed(one, two, application="other"),
        reviewed(one, two, url="https://b/v2"),
    }
    assert len(found) == 6


def test_a_value_that_is_absent_is_not_one_that_is_the_word_null() -> None:
    found = {
        reviewed(make_operation(Action.UPDATE, changes=[("title", before, "b")]))
        for before in (None, "null", "")
    }

    assert len(found) == 3


# altered files


def test_every_flipped_bit_is_noticed() -> None:
    for index in range(len(BYTES)):
        for bit in range(8):
            flipped = bytearray(BYTES)
            flipped[index] ^= 1 << bit

            with pytest.raises(PlanAltered):
                parse_plan(bytes(flipped))


@pytest.mark.parametrize("length", [0, 1, 10, len(BYTES) // 2, len(BYTES) - 1])
def test_a_file_that_was_cut_off_is_no_plan(length: int) -> None:
    with pytest.raises(PlanAltered):
        parse_plan(BYTES[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"not json",
        b"[" * 100_000,
        BYTES + b"x",
        b'{"format_version": "1.0"}',
    ],
    ids=range(9),
)
def test_what_is_no_plan_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(PlanAltered, match=r"not a plan of format 1\.0"):
        parse_plan(data)


@pytest.mark.parametrize("version", ["1.1", "0.9", "2.0", "1", "", None, 1.0, 1])
def test_another_format_version_is_refused(version: object) -> None:
    document = as_json(PLAN)
    document["format_version"] = version

    with pytest.raises(PlanAltered, match="not a plan of format"):
        parse_plan(json.dumps(document).encode())


def extra_key(*path: str | int) -> Doctor:
    """Return a change that adds a key somewhere."""

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path:
            place = place[step]
        place["surprise"] = 1

    return change


@pytest.mark.parametrize("digests", ["none", "both"])
@pytest.mark.parametrize(
    "path",
    [
        (),
        ("header",),
        ("body",),
        ("body", "target"),
        ("body", "inputs"),
        ("body", "read"),
        ("body", "read", "users"),
        ("body", "operations", 1),
        ("body", "operations", 1, "changes", 0),
        ("body", "operations", 1, "references", 0),
        ("body", "operations", 2, "precondition"),
        ("body", "skipped", 0),
        ("body", "waiting", 0),
        ("body", "unmanaged"),
        ("body", "unmanaged", "sample", 0),
        ("body", "guards", 0),
        ("body", "warnings", 0),
        ("body", "cost"),
        ("body", "cost", "requests"),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_a_key_that_nobody_knows_is_refused(path: tuple[str | int, ...], digests: str) -> None:
    with pytest.raises(PlanAltered, match="not a plan of format"):
        parse_plan(doctored(extra_key(*path), digests=digests))


DOCTORING: dict[str, Doctor] = {
    "an operation removed": lambda d: d["body"]["operations"].pop(),
    "an operation repeated": lambda d: d["body"]["operations"].append(d["body"]["operations"][0]),
    "another order": lambda d: d["body"]["operations"].reverse(),
    "another value": lambda d: d["body"]["operations"][1]["changes"][0].update(after="eve"),
    "another account": lambda d: d["body"]["operations"][2].update(target_id="t-99"),
    "another action": lambda d: d["body"]["operations"][-1].update(action="disable"),
    "another tenant": lambda d: d["body"]["target"].update(tenant_url="https://evil.example"),
    "another application": lambda d: d["body"].update(application="other"),
}


@pytest.mark.parametrize("name", DOCTORING)
def test_a_doctored_body_does_not_fit_its_digest(name: str) -> None:
    with pytest.raises(PlanAltered, match="its digest does not fit its body"):
        parse_plan(doctored(DOCTORING[name]))


@pytest.mark.parametrize("name", DOCTORING)
def test_ruling_15_doctored_operations_do_not_fit_what_was_reviewed(name: str) -> None:
    """The digest was made anew, the reviewer's was not."""
    with pytest.raises(PlanAltered, match="operations digest does not fit"):
        parse_plan(doctored(DOCTORING[name], digests="body"))


def test_a_doctored_guard_is_noticed_even_though_no_operation_changed() -> None:
    def pass_everything(document: dict[str, Any]) -> None:
        document["body"]["guards"][0]["limit"] = 10**6

    with pytest.raises(PlanAltered, match="its digest does not fit its body"):
        parse_plan(doctored(pass_everything))


def test_a_precondition_is_covered_by_the_digest_of_the_file() -> None:
    def bind_to_nothing(document: dict[str, Any]) -> None:
        document["body"]["operations"][2]["precondition"] = None

    with pytest.raises(PlanAltered, match="its digest does not fit its body"):
        parse_plan(doctored(bind_to_nothing))


@pytest.mark.parametrize(
    "value",
    [1.5, 1e300, [{"a": 0.1}]],
    ids=["a float", "a huge float", "a float within"],
)
def test_a_number_that_has_no_canonical_form_is_refused_and_not_a_traceback(value: object) -> None:
    document = as_json(PLAN)
    document["body"]["operations"][0]["changes"][0]["after"] = value

    with pytest.raises(PlanAltered, match="holds no floats"):
        parse_plan(json.dumps(document).encode())


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '"\\ud800"', "1" * 5000])
def test_what_json_should_not_hold_is_refused_and_not_a_traceback(text: str) -> None:
    data = BYTES.replace(b'"ada@contoso.example"', text.encode(), 1)

    with pytest.raises(PlanAltered):
        parse_plan(data)


HIDDEN = {
    "active by its URN": ["urn:ietf:params:scim:schemas:core:2.0:User:active"],
    "members by their URN": ["urn:ietf:params:scim:schemas:core:2.0:Group:members"],
    "a role by its URN": ["urn:ietf:params:scim:schemas:core:2.0:User:roles"],
    "one member by a filter": ['members[value eq "t-1"]'],
    "the values of members": ["members.value"],
    "part of active": ["active.value"],
    "active twice": ["active", "Active"],
    "a role twice": ['roles[primary eq "True"].value', "roles[primary eq true].value"],
    "no path at all": ["members[", ""],
    "all roles, with a space": ["roles "],
    "one role, with a space": [' roles[primary eq "True"].value'],
}


@pytest.mark.parametrize("paths", HIDDEN.values(), ids=HIDDEN)
def test_ruling_17_an_operation_cannot_hide_what_it_does_from_the_guards(paths: list[str]) -> None:
    """Both digests fit: whoever made this plan could make digests too."""

    def hide(document: dict[str, Any]) -> None:
        changes = [{"path": path, "before": None, "after": False} for path in paths]
        document["body"]["operations"][3]["changes"] = changes

    with pytest.raises(PlanAltered, match="hides what it does"):
        parse_plan(doctored(hide, digests="both"))


@pytest.mark.parametrize("part", ["operations", "withheld"])
def test_ruling_17_what_is_withheld_cannot_hide_anything_either(part: str) -> None:
    def hide(document: dict[str, Any]) -> None:
        document["body"][part][0]["changes"] = [{"path": "[", "before": None, "after": None}]

    with pytest.raises(PlanAltered, match="hides what it does"):
        parse_plan(doctored(hide, digests="both"))


@pytest.mark.parametrize(
    "path",
    [
        "userName",
        "active",
        'roles[primary eq "True"].value',
        "members.value",
        'members[value eq "t-1"]',
        " members",
        f"{ENTERPRISE}:manager.displayName",
        f"{ENTERPRISE}:manager ",
        "",
    ],
)
def test_ruling_17_a_reference_stands_only_where_somebody_is_referred_to(path: str) -> None:
    """An id written to a userName is a rename that no guard would see."""

    def refer(document: dict[str, Any]) -> None:
        document["body"]["operations"][1]["references"][0]["path"] = path

    with pytest.raises(PlanAltered, match="refers to somebody where nobody is referred to"):
        parse_plan(doctored(refer, digests="both"))


@pytest.mark.parametrize("path", ["members", f"{ENTERPRISE}:manager.value", "urn:x:y:User:Manager"])
def test_a_reference_is_a_member_or_a_manager(path: str) -> None:
    def refer(document: dict[str, Any]) -> None:
        document["body"]["operations"][1]["references"][0]["path"] = path

    parse_plan(doctored(refer, digests="both"))


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    "members", ["t-1", ["t-1"], [{}], [{"value": 1}], {"value": "t-1"}, 1], ids=str
)
def test_members_that_are_no_list_of_ids_are_refused_and_not_a_traceback(
    members: Any, side: str
) -> None:
    def enlist(document: dict[str, Any]) -> None:
        change = {"path": "Members", "before": None, "after": None, side: members}
        document["body"]["operations"][5]["changes"] = [change]

    with pytest.raises(PlanAltered, match="its members are no list of ids"):
        parse_plan(doctored(enlist, digests="both"))


@pytest.mark.parametrize(
    "precondition",
    [
        pytest.param(None, id="none"),
        pytest.param({"sha256": "0" * 64, "paths": []}, id="nothing"),
        pytest.param({"sha256": "0" * 64, "paths": ["active"]}, id="not what it changes"),
        pytest.param(
            {"sha256": "0" * 64, "paths": ["addresses", "displayName", "title"]}, id="not active"
        ),
        pytest.param(
            {"sha256": "0" * 64, "paths": ["active", "addresses", "displayName", "title", "["]},
            id="what is no path",
        ),
    ],
)
def test_inv_17_what_exists_is_not_changed_in_whatever_state_it_is(precondition: Any) -> None:
    """Preconditions stand outside what a reviewer agrees to: the operations digest fits."""

    def unbind(document: dict[str, Any]) -> None:
        document["body"]["operations"][3]["precondition"] = precondition

    with pytest.raises(PlanAltered, match="which state it is made for"):
        parse_plan(doctored(unbind, digests="both"))


def test_inv_17_members_do_not_come_and_go_in_whatever_state_a_group_is() -> None:
    def unbind(document: dict[str, Any]) -> None:
        document["body"]["operations"][6]["precondition"] = None

    with pytest.raises(PlanAltered, match="which state it is made for"):
        parse_plan(doctored(unbind, digests="both"))


def test_inv_17_a_group_is_not_active_and_its_members_are_bound_apart() -> None:
    def bind(document: dict[str, Any]) -> None:
        document["body"]["operations"][5]["precondition"] = {"sha256": "0" * 64, "paths": []}

    parse_plan(doctored(bind, digests="both"))


def test_an_operations_digest_of_another_tenant_is_no_excuse() -> None:
    body: Body = replace(
        PLAN.body, operations_digest=operations_digest(APPLICATION, f"{TENANT_URL}/x", ())
    )

    with pytest.raises(PlanAltered, match="operations digest"):
        parse_plan(canonical_json(as_json(seal(body, PLAN.header))))
