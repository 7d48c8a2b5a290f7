"""
The same table of changes on every service: source, plan, apply, and a plan that is empty.

All rows of :mod:`tests.contract.rows` happen together, in one plan and one apply;
each has a test of its own. What a row does not name must be as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.live.client import ScimTarget
from tests.contract.firm import (
    EVERYBODY,
    LISTED,
    SINGLE,
    Firm,
    Group,
    Person,
    Round,
    Story,
    differences,
    played,
    settle,
)
from tests.contract.rows import CROWD, DISABLED, GROUPS, ROLE_LISTS, SINGLE_ROLES, USERS
from tests.contract.services import SERVICES, Open, Service, param
from tests.e2e.company import TOKEN_NAME
from tests.servers import TOKEN, open_target

EVERY_TIME = ("index", "etags", "no-patch")
EVERY_SERVICE = [param(service, always=service.name in EVERY_TIME) for service in SERVICES]
PEOPLE = (*USERS, *SINGLE_ROLES)


@dataclass
class Running:
    """A service that can be asked for."""

    kind: Service
    open: Open
    folder: Path

    def firm(self, name: str, **options: object) -> Firm:
        """Return a firm with an empty service of its own."""
        return self.kind.firm(self.folder / name, self.open(name), **options)


@pytest.fixture(scope="module", params=EVERY_SERVICE)
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Each service in turn."""
    folder = tmp_path_factory.mktemp(request.param.name)
    with pytest.MonkeyPatch.context() as patch, request.param.running(folder) as opened:
        patch.setenv(TOKEN_NAME, TOKEN)
        yield Running(request.param, opened, folder)


@dataclass
class Played:
    """The table, played; and what it still leads to."""

    story: Story
    firm: Firm
    target: ScimTarget


@pytest.fixture(scope="module")
def table(service: Running) -> Iterator[Played]:
    """Everybody's change."""
    firm = service.firm("table", mappings=SINGLE)
    with open_target(firm.url) as target:
        yield Played(played(firm, target, PEOPLE, GROUPS), firm, target)


@pytest.fixture(scope="module")
def roles(service: Running) -> Story:
    """The changes of people who may have several roles."""
    if not service.kind.role_types:
        pytest.skip("the schema of this service allows no `type` of a role")
    firm = service.firm("roles", mappings=LISTED)
    with open_target(firm.url) as target:
        return played(firm, target, ROLE_LISTS)


@pytest.fixture
def story(table: Played) -> Story:
    """What became of the table."""
    return table.story


def rows(table: Sequence[Person] | Sequence[Group]) -> pytest.MarkDecorator:
    """Let a test run for each row; the crowd is one."""
    listed: Sequence[Person | Group] = table
    named = [row for row in listed if row.id not in CROWD[1:]]
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in named])


def judge(story: Story, row: Person) -> None:
    """Demand what *row* says, and that nothing is left to do."""
    before = story.before.seen.people.get(row.id, {})
    after = story.after.seen.people.get(row.id, {})
    assert bool(before) is (row.before is not None)
    assert differences(before, after) == row.shows
    assert story.after.done_to(row.id) == list(row.actions)
    assert [action for action, whom in story.left if whom == row.id] == []


@rows(PEOPLE)
def test_a_person(story: Story, row: Person) -> None:
    judge(story, row)


@rows(ROLE_LISTS)
def test_a_person_with_several_roles(roles: Story, row: Person) -> None:
    judge(roles, row)


@rows(GROUPS)
def test_a_group(story: Story, row: Group) -> None:
    before = story.before.seen.groups[row.id]
    after = story.after.seen.groups.get(row.id)

    assert before == made(row, 0, before["id"])
    assert after == (None if row.after is None else made(row, 1, before["id"]))
    assert story.after.done_to(row.id) == list(row.actions)
    assert [action for action, whom in story.left if whom == row.id] == []


def made(row: Group, then: int, resource_id: str) -> dict[str, object]:
    """Return what a group must be, before (0) or after (1)."""
    members = (row.before, row.after or ())[then]
    shown: dict[str, object] = {
        "id": resource_id,
        "externalId": row.id,
        "displayName": row.called(then),
    }
    return {**shown, "members": sorted(members)} if members else shown


def test_nobody_is_touched_who_is_not_in_the_table(story: Story) -> None:
    known = {*(row.id for row in PEOPLE), *(row.id for row in GROUPS), EVERYBODY}

    assert {whom for _, whom in (*story.after.operations, *story.left)} <= known
    assert {*story.after.seen.people, *story.after.seen.groups} <= known


def test_the_runs_end_well(story: Story) -> None:
    assert [one.apply.code for one in (story.before, story.after)] == [0, 0]
    assert story.left == []


def test_who_was_disabled_is_enabled(table: Played) -> None:
    """Runs last: it takes the firm of the table one step further."""
    before = table.story.after.seen.people[DISABLED]
    table.firm.people[DISABLED]["accountEnabled"] = "true"

    after: Round = settle(table.firm, table.target)

    assert after.done_to(DISABLED) == ["enable"]
    assert differences(before, after.seen.people[DISABLED]) == {"active": True}
