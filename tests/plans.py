"""
Plans made by hand, for tests that need one and are not about making it.

`make_plan()` alone gives a small, sealed, valid plan; every part can be given.
"""

from collections.abc import Sequence
from typing import Any, get_args

from msgspec import structs

from reconciler.plan.document import (
    Body,
    Cost,
    Header,
    Inputs,
    Leaver,
    Leaving,
    Plan,
    PlanTarget,
    ReadProof,
    ReadProofs,
    Redacted,
    Requests,
    Rung,
    Skipped,
    Unmanaged,
    UnmanagedAccount,
    Verdict,
    Waiting,
    Warned,
)
from reconciler.plan.operation import Action, Change, Operation, Precondition, Reference
from reconciler.plan.plan_file import operations_digest, seal
from reconciler.states import ResourceType

APPLICATION = "ipass-smartconnect"
TENANT_URL = "http://127.0.0.1:8080/v2"

WAVES = {
    (Action.LINK, ResourceType.USER): 1,
    (Action.CREATE, ResourceType.USER): 2,
    (Action.ENABLE, ResourceType.USER): 3,
    (Action.UPDATE, ResourceType.USER): 4,
    (Action.CREATE, ResourceType.GROUP): 5,
    (Action.UPDATE, ResourceType.GROUP): 6,
    (Action.ADD_MEMBERS, ResourceType.GROUP): 7,
    (Action.REMOVE_MEMBERS, ResourceType.GROUP): 8,
    (Action.REVOKE, ResourceType.USER): 9,
    (Action.DISABLE, ResourceType.USER): 10,
    (Action.DELETE, ResourceType.GROUP): 11,
    (Action.DELETE, ResourceType.USER): 12,
}
"""Where an operation runs by itself (ruling 11), written down again so that tests stand alone."""

PASSED = Verdict(
    "accidental_deletions",
    0,
    200,
    10,
    False,
    "0 of 200 active users of ours would be disabled or deleted; 10 allowed",
)
BLOCKED = Verdict(
    "accidental_deletions",
    24,
    200,
    10,
    True,
    "24 of 200 active users of ours would be disabled or deleted; more than the 10 allowed",
)


def make_operation(
    action: Action = Action.CREATE,
    key: str = "ada@contoso.example",
    *,
    resource_type: ResourceType = ResourceType.USER,
    changes: Sequence[tuple[str, Any, Any]] = (),
    references: Sequence[Reference] = (),
    reason: str = "assigned User by group Sales",
    source_id: str | None = "a-1",
    target_id: str | None = None,
    number: int = 1,
) -> Operation:
    """Return one operation; *changes* are (path, before, after)."""
    known = target_id or (None if action is Action.CREATE else "t-1")
    relied_on = {"active", "userName", *(path for path, _, _ in changes if path != "members")}
    return Operation(
        id=f"op-{number:04}",
        wave=WAVES.get((action, resource_type), 4),
        action=action,
        resource_type=resource_type,
        key=key,
        source_id=source_id,
        target_id=known,
        reason=reason,
        changes=tuple(Change(*change) for change in changes),
        precondition=Precondition("0" * 64, tuple(sorted(relied_on))) if known else None,
        references=tuple(references),
    )


CREATE_ADA = make_operation(changes=[("userName", None, "ada@contoso.example")])


def make_plan(
    operations: Sequence[Operation] = (CREATE_ADA,),
    *,
    application: str = APPLICATION,
    tenant_url: str = TENANT_URL,
    created_at: str = "2026-11-23T10:15:02Z",
    as_of: str = "2026-11-23T00:00:00Z",
    users: int = 250,
    groups: int = 14,
    unassigned: int = 31,
    journal_head: str | None = None,
    only: Sequence[str] = (),
    reverts: str | None = None,
    read: ReadProofs | None = None,
    withheld: Sequence[Operation] = (),
    waiting: Sequence[Waiting] = (),
    leaving: Leaving | None = None,
    skipped: Sequence[Skipped] = (),
    unmanaged: Unmanaged | None = None,
    warnings: Sequence[Warned] = (),
    guards: Sequence[Verdict] = (PASSED,),
    cost: Cost | None = None,
    redacted: Sequence[Redacted] = (),
    author: str | None = None,
) -> Plan:
    """Return a sealed plan of *operations*; everything else has a plain default."""
    body = Body(
        application=application,
        operations_digest=operations_digest(application, tenant_url, tuple(operations)),
        target=PlanTarget(tenant_url, "generic", "c" * 64),
        inputs=Inputs(
            as_of,
            "a" * 64,
            "b" * 64,
            users,
            groups,
            unassigned,
            journal_head,
            tuple(only),
            {},
            reverts,
        ),
        read=read or ReadProofs(ReadProof(201, 201, True), ReadProof(14, 14, True)),
        operations=tuple(operations),
        withheld=tuple(withheld),
        waiting=tuple(waiting),
        leaving=leaving or Leaving(0, 0, 0, 0, ()),
        skipped=tuple(skipped),
        unmanaged=unmanaged or Unmanaged(0, ()),
        warnings=tuple(warnings),
        guards=tuple(guards),
        cost=cost or Cost(Requests(3, len(operations), 0, 0), 1),
        redacted=tuple(redacted),
    )
    return seal(body, Header(created_at, "0.1.0", None, author))


def hostile_leaving(value: str) -> Leaving:
    """Return somebody on each rung of leaving of whom everything is *value*."""
    rungs = get_args(Rung)
    sample = [Leaver(value, value, value, rung, value, value, value) for rung in rungs]
    return Leaving(1, 1, 1, 1, tuple(sample))


def hostile_plan(value: str) -> Plan:
    """Return a plan that holds *value* wherever a plan can hold text of somebody else's."""
    operation = make_operation(
        Action.UPDATE,
        value,
        reason=value,
        changes=[(value, value, [value]), ("a", {value: value}, {}), ("title", None, value)],
    )
    group = make_operation(
        Action.ADD_MEMBERS,
        value,
        resource_type=ResourceType.GROUP,
        changes=[("members", None, [{"value": value, "display": value}])],
    )
    body = full_plan().body
    return make_plan(
        [operation, group],
        application="crm",
        only=[value],
        as_of=value,
        tenant_url=value,
        withheld=[operation],
        waiting=[type(one)(value, value, value) for one in body.waiting],
        leaving=hostile_leaving(value),
        skipped=[Skipped(value, value, ResourceType.USER, value, value)],
        unmanaged=type(body.unmanaged)(1, (type(body.unmanaged.sample[0])(value, value, "local"),)),
        warnings=[type(body.warnings[0])(value, value)],
        guards=[Verdict(value, 1, 1, 1, False, value), Verdict("b", 1, 1, 1, True, value)],
        author=value,
    )


def full_plan(*, blocked: bool = False) -> Plan:
    """Return a plan with one of everything that a plan can show."""
    return make_plan(
        _numbered(_giving() + _taking()),
        skipped=[
            Skipped(
                "guest@fabrikam.example",
                "a-20",
                ResourceType.USER,
                "InvalidDomain",
                'the domain "fabrikam.example" is not registered; registered are contoso.example',
            ),
            Skipped("kim@contoso.example", "a-21", ResourceType.USER, "ImportSkipped", "no `mail`"),
            Skipped(
                "lee@fabrikam.example",
                "a-22",
                ResourceType.USER,
                "InvalidDomain",
                'the domain "fabrikam.example" is not registered; registered are contoso.example',
            ),
        ],
        withheld=[
            make_operation(
                Action.DELETE, "zoe@contoso.example", reason="left the source", number=99
            )
        ],
        waiting=[Waiting("yan@contoso.example", "t-77", "2026-10-01")],
        leaving=Leaving(
            disabled=1,
            scheduled=1,
            waiting=1,
            due=1,
            sample=(
                Leaver(
                    "hal@contoso.example",
                    "t-8",
                    "a-8",
                    "due",
                    "2026-09-01",
                    "2026-10-01",
                    "deleted at the source",
                ),
                Leaver(
                    "yan@contoso.example",
                    "t-77",
                    None,
                    "waiting",
                    "2026-10-01",
                    "2026-10-31",
                    "left the source",
                ),
                Leaver(
                    "ira@contoso.example",
                    "t-78",
                    None,
                    "scheduled",
                    "2026-11-20",
                    "2026-12-20",
                    "left the source",
                ),
                Leaver(
                    "jo@contoso.example",
                    "t-79",
                    "a-30",
                    "disabled",
                    "2026-03-01",
                    None,
                    "not assigned",
                ),
            ),
        ),
        unmanaged=Unmanaged(
            12,
            (
                UnmanagedAccount("root@contoso.example", "t-90", "local"),
                UnmanagedAccount("pat@contoso.example", "t-91", "unassigned"),
            ),
        ),
        warnings=[Warned("ignored-members", "3 memberships of the source name nobody in it")],
        guards=[
            BLOCKED if blocked else PASSED,
            Verdict("min_admins", 2, 2, 1, False, "2 active admins would remain of 2; 1 needed"),
        ],
        cost=Cost(Requests(18, 2, 9, 1), 75),
        author="Grace Hopper",
    )


def _giving() -> list[Operation]:
    """Return one operation of each kind that gives."""
    group = ResourceType.GROUP
    return [
        make_operation(Action.LINK, "bob@contoso.example", source_id="a-2", target_id="t-2"),
        make_operation(
            changes=[
                ("userName", None, "ada@contoso.example"),
                ("active", None, True),
                ("name.givenName", None, "Ada"),
            ],
            references=[
                Reference(
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
                    "a-3",
                    ResourceType.USER,
                    "cyd@contoso.example",
                )
            ],
        ),
        make_operation(
            Action.ENABLE,
            "dan@contoso.example",
            source_id="a-4",
            target_id="t-4",
            changes=[("active", False, True)],
        ),
        make_operation(
            Action.UPDATE,
            "eve@contoso.example",
            source_id="a-5",
            target_id="t-5",
            changes=[
                ("displayName", "Eve Oh", "Eve O'Hara"),
                ("title", "Clerk", None),
                (
                    "addresses",
                    [{"type": "work", "locality": "Bonn"}],
                    [{"type": "work", "locality": "Köln"}],
                ),
            ],
        ),
        make_operation(
            Action.CREATE,
            "Sales",
            resource_type=group,
            source_id="g-1",
            changes=[("displayName", None, "Sales")],
        ),
        make_operation(
            Action.ADD_MEMBERS,
            "Engineering",
            resource_type=group,
            source_id="g-2",
            target_id="t-102",
            changes=[("members", None, [{"value": "t-5", "display": "eve@contoso.example"}])],
            references=[Reference("members", "a-1", ResourceType.USER, "ada@contoso.example")],
        ),
    ]


def _taking() -> list[Operation]:
    """Return one operation of each kind that takes."""
    return [
        make_operation(
            Action.REMOVE_MEMBERS,
            "Engineering",
            resource_type=ResourceType.GROUP,
            source_id="g-2",
            target_id="t-102",
            changes=[
                (
                    "members",
                    [
                        {"value": f"t-{n}", "display": f"p{n}@contoso.example"}
                        for n in range(30, 37)
                    ],
                    None,
                )
            ],
        ),
        make_operation(
            Action.REVOKE,
            "fay@contoso.example",
            source_id="a-6",
            target_id="t-6",
            changes=[('roles[primary eq "True"].value', "admin", "user")],
        ),
        make_operation(
            Action.DISABLE,
            "gil@contoso.example",
            source_id=None,
            target_id="t-7",
            reason="left the source",
            changes=[("active", True, False)],
        ),
        make_operation(
            Action.DELETE,
            "hal@contoso.example",
            source_id="a-8",
            target_id="t-8",
            reason="disabled by us on 2026-09-01, 30 days ago or more",
        ),
    ]


def _numbered(operations: Sequence[Operation]) -> list[Operation]:
    """Return *operations* with ids that count them."""
    return [structs.replace(op, id=f"op-{number:04}") for number, op in enumerate(operations, 1)]
