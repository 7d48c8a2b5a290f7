"""Ruling 12: groups, who joins them, and who is left in them."""

import pytest

from reconciler.directory import SourceGroup
from reconciler.plan.operation import Action
from tests.unit.plan.teams import BOTH, STAFF, company, team
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    codes,
    directory,
    group,
    of,
    person,
    settled,
    told,
)

# which groups


def test_ruling_12_with_scope_assigned_the_assigned_groups_are_provisioned() -> None:
    world = World(
        application(assignments=[STAFF]), directory([person("ada")], team("ada", staff=("ada",)))
    )

    created = [op.key for op in of(world.plan(), Action.CREATE)]
    assert created == ["ada@contoso.example", "Staff"]


def test_ruling_12_with_scope_all_the_groups_that_pass_the_filters_are_provisioned() -> None:
    clause = {"attribute": "displayName", "operator": "EQUALS", "value": "Team"}
    filters = {"groups": [{"title": "Teams", "clauses": [clause]}]}
    world = World(
        application(scope="all", assignments=None, scoping_filters=filters),
        directory([person("ada")], team("ada", staff=("ada",))),
    )

    created = [op.key for op in of(world.plan(), Action.CREATE)]
    assert created == ["ada@contoso.example", "Team"]


def test_without_group_mappings_groups_are_not_even_looked_at() -> None:
    world = World(
        application(mappings={"users": USER_MAPPINGS}), directory([person("ada")], team("ada"))
    )
    world.target.add_group("g-1", "Team")

    plan = world.plan()

    assert told(plan.operations) == [("create", "ada@contoso.example")]


def test_a_group_is_created_empty_and_filled_when_everybody_is_there() -> None:
    world = World(application(), directory([person("ada"), person("bob")]))

    [create] = [op for op in of(world.plan(), Action.CREATE) if op.key == "Staff"]
    [join] = of(world.plan(), Action.ADD_MEMBERS)

    assert [change.path for change in create.changes] == ["displayName", "externalId"]
    assert (join.target_id, join.precondition, join.changes) == (None, None, ())
    assert [reference.source_id for reference in join.references] == ["ada", "bob"]


def test_a_group_that_is_named_anew_is_updated() -> None:
    world = company("ada").becomes(
        groups=[group("g-staff", "Staff", "ada", "bob", "cyd"), group("g-team", "Crew", "ada")],
        assignments=[STAFF, {"group": "Crew"}],
    )

    [operation] = world.plan().operations
    assert (operation.action, operation.changes[0].after) == (Action.UPDATE, "Crew")


# groups that leave


@pytest.mark.parametrize("way", ["unassigned", "gone"])
@pytest.mark.parametrize(
    ("policy", "wanted"), [("disable", []), ("keep", []), ("delete", [("delete", "Team")])]
)
def test_ruling_12_a_group_that_leaves_is_left_as_it_is_unless_leaves_scope_deletes(
    way: str, policy: str, wanted: list[tuple[str, str]]
) -> None:
    people = [person(name) for name in ("ada", "bob", "cyd")]
    groups = team("bob") if way == "unassigned" else team()[:1]
    world = company("ada", "bob").becomes(
        people,
        groups,
        assignments=[STAFF],
        lifecycle={"leaves_scope": policy, "deleted_at_source": "delete"},
    )

    assert told(world.plan().operations) == wanted


def test_ruling_12_without_delete_no_group_is_deleted() -> None:
    world = company("ada").becomes(
        assignments=[STAFF], lifecycle={"leaves_scope": "delete", "actions": ["create", "update"]}
    )

    assert told(world.plan().operations) == []


def test_ruling_8_a_group_that_is_not_ours_is_never_deleted() -> None:
    world = company("ada").becomes(lifecycle={"leaves_scope": "delete"})
    world.target.add_group("local", "Local")

    assert told(world.plan().operations) == []


def test_a_group_that_was_not_named_is_not_touched() -> None:
    world = company("ada", "bob").becomes(
        groups=[*team("ada")[:1], group("g-team", "Crew", "ada"), group("g-new", "New")],
        assignments=[STAFF, {"group": "Crew"}, {"group": "New"}],
        lifecycle={"leaves_scope": "delete"},
    )

    assert told(world.plan(selected=frozenset({"g-staff"})).operations) == []


def test_ruling_10_two_groups_of_one_name_are_duplicates() -> None:
    mappings = {"users": USER_MAPPINGS, "groups": GROUP_MAPPINGS}
    groups = [group("g-staff", "Staff", "ada"), group("g-1", "Team"), group("g-2", "TEAM")]
    world = World(
        application(assignments=[STAFF, {"group": "g-1"}, {"group": "g-2"}], mappings=mappings),
        directory([person("ada")], groups),
    )

    assert codes(world.plan()) == dict.fromkeys(("g-1", "g-2"), "DuplicateSourceEntries")


def test_a_group_without_a_name_cannot_be_created() -> None:
    groups = [
        {"target": "displayName", "source": "label"},
        {"target": "externalId", "source": "objectId", "match": 1},
    ]
    world = World(
        application(mappings={"users": USER_MAPPINGS, "groups": groups}), directory([person("ada")])
    )

    assert codes(world.plan()) == {"g-staff": "MandatoryFieldsMissing"}


# mappings, matching and names of their own

LABELLED = [
    {
        "target": "displayName",
        "expression": 'Join(" ", [displayName], [site])',
        "match": 2,
    },
    {"target": "externalId", "source": "objectId", "match": 1},
    {"target": "members", "source": "members"},
]


def labelled(*groups: SourceGroup) -> World:
    """Return a world whose groups are named by an expression and matched by externalId."""
    mappings = {"users": USER_MAPPINGS, "groups": LABELLED}
    return World(
        application(assignments=BOTH, mappings=mappings),
        directory([person("ada")], [group("g-staff", "Staff", "ada"), *groups]),
        settings={"assignments": BOTH, "mappings": mappings},
    )


def test_a_group_is_named_by_its_own_expression() -> None:
    world = labelled(group("g-team", "Team", site="Bonn"))
    world.settle()
    assert world.group("g-team")["displayName"] == "Team Bonn"

    world.becomes(groups=[group("g-staff", "Staff", "ada"), group("g-team", "Team", site="Rome")])
    [operation] = world.plan().operations
    assert [(c.path, c.before, c.after) for c in operation.changes] == [
        ("displayName", "Team Bonn", "Team Rome")
    ]


def test_ruling_9_a_group_that_is_known_by_its_external_id_is_linked_and_named_anew() -> None:
    world = labelled(group("g-team", "Team", "ada"))
    world.target.add_group("t-1", "Old name", externalId="g-team")

    [link] = of(world.plan(), Action.LINK)
    world.settle()

    assert (link.key, link.target_id) == ("Team", "t-1")
    assert world.group("g-team")["displayName"] == "Team"
    assert world.names_in("g-team") == {"ada"}
    assert told(world.plan().operations) == []


def test_a_group_that_somebody_renamed_is_found_by_its_link_and_named_back() -> None:
    world = company("ada")
    world.group("g-team")["displayName"] = "Crew"

    [operation] = world.plan().operations
    assert (operation.action, operation.changes[0].after) == (Action.UPDATE, "Team")


@pytest.mark.parametrize("count", [0, 1, 101])
def test_groups_of_any_size_are_filled_changed_and_emptied_by_name(count: int) -> None:
    people = [person(f"p{number:03}") for number in range(count + 1)]
    anchors = [one.anchor for one in people]
    staff = group("g-staff", "Staff", *anchors)
    world = settled(*people, groups=[staff, group("g-team", "Team")], assignments=BOTH)

    for members in (anchors[:count], anchors[1:], anchors[1:2], []):
        world.becomes(groups=[staff, group("g-team", "Team", *members)])
        world.settle()
        assert world.names_in("g-team") == set(members)
        assert told(world.plan().operations) == []
