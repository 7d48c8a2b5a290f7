"""Laws of lists of roles: what is wanted is there, and what may not go has not gone (ruling 13)."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.plan.digest import canonical_json
from reconciler.plan.document import Body, Header
from reconciler.plan.effects import revokes
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import as_json, parse_plan, seal
from reconciler.states import Resource
from tests.worlds import USER_MAPPINGS, World, person, settled, told, verdict

NAMES = ("admin", "editor", "user", "viewer")
ROLES = [{"name": n.title(), "value": n, "privileged": n == "admin"} for n in NAMES]
OTHERS = [line for line in USER_MAPPINGS if not line["target"].startswith("roles")]
COMPLEX, ASSERTIVE = "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex"
LAWS = settings(max_examples=150, deadline=None)

spellings = st.sampled_from((*NAMES, "Admin", "USER", "local", "Owner", "ö", "Ö"))
elements = st.one_of(
    st.builds(lambda value: {"value": value}, spellings),
    st.builds(lambda value: {"value": value, "display": "x", "$ref": value}, spellings),
    st.builds(lambda value: {"VALUE": value, "primary": True}, spellings),
    st.sampled_from(({"display": "nameless"}, {"value": None}, {"value": ""})),
)
lists = st.one_of(st.none(), st.lists(elements, max_size=6))
wanted_roles = st.lists(st.sampled_from(NAMES), unique=True)


def world(function: str, live: Any, wanted: list[str]) -> World:
    """Return a world in which Ada's account shows *live*, and *wanted* roles are assigned."""
    line = {"target": "roles", "expression": f"{function}([appRoleAssignments])"}
    found = settled(
        person("ada"),
        roles=ROLES,
        default_access="include",
        assignments=[{"group": "Staff"}],
        mappings={"users": [*OTHERS, line]},
    )
    if live is not None:
        found.user("ada")["roles"] = live
    given = [{"user": "ada", "role": name.title()} for name in wanted]
    return found.becomes(assignments=[{"group": "Staff"}, *given])


def held(account: Resource) -> set[str]:
    """Return the values of an account's roles, folded."""
    found = set()
    for element in account.get("roles") or ():
        value = next((part for name, part in element.items() if name.lower() == "value"), None)
        if value:
            found.add(value.casefold())
    return found


def read_back(body: Body) -> Body:
    """Return *body* as its file says it."""
    header = Header("2026-11-23T00:00:00Z", "0", None, None)
    return parse_plan(canonical_json(as_json(seal(body, header)))).body


@LAWS
@given(lists, wanted_roles)
def test_ruling_13_assertive_ends_with_exactly_what_is_wanted(live: Any, wanted: list[str]) -> None:
    subject = world(ASSERTIVE, live, wanted)

    assert subject.apply(read_back(subject.plan())).status == "done"

    assert held(subject.user("ada")) == set(wanted)
    assert told(subject.plan().operations) == []


@LAWS
@given(lists, wanted_roles)
def test_ruling_13_complex_ends_with_both(live: Any, wanted: list[str]) -> None:
    subject = world(COMPLEX, live, wanted)
    before = held(subject.user("ada"))

    assert subject.apply(read_back(subject.plan())).status == "done"

    assert held(subject.user("ada")) == before | set(wanted)
    assert told(subject.plan().operations) == []


@LAWS
@given(st.sampled_from((COMPLEX, ASSERTIVE)), lists, wanted_roles)
def test_ruling_11_what_is_given_takes_nothing_and_comes_first(
    function: str, live: Any, wanted: list[str]
) -> None:
    subject = world(function, live, wanted)
    before = held(subject.user("ada"))

    operations = subject.plan().operations

    actions = [operation.action for operation in operations]
    assert actions == sorted(actions, key=[Action.UPDATE, Action.REVOKE].index)
    assert [revokes(operation) for operation in operations] == [
        action is Action.REVOKE for action in actions
    ]
    assert (Action.UPDATE in actions) == bool(set(wanted) - before)
    lost = before - set(wanted) if function == ASSERTIVE else set()
    assert verdict(subject.plan(), "revoke_roles").count == len(actions[-1:] if lost else [])
    assert (Action.REVOKE in actions) == bool(lost)


@LAWS
@given(st.sampled_from((COMPLEX, ASSERTIVE)), lists, wanted_roles)
def test_ruling_13_the_admins_that_a_plan_foresees_are_those_that_there_are_then(
    function: str, live: Any, wanted: list[str]
) -> None:
    subject = world(function, live, wanted)
    foreseen = verdict(subject.plan(), "min_admins")

    subject.apply(subject.plan())

    assert foreseen.count == ("admin" in held(subject.user("ada")))
    assert verdict(subject.plan(), "min_admins").population == foreseen.count
