"""A group of a thousand people, filled and changed, on every service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.firm import Firm, Group, Person, look, played, populate
from tests.contract.services import SERVICES, Service, param
from tests.e2e.company import TOKEN_NAME
from tests.servers import TOKEN, open_target

PEOPLE = tuple(f"t{number:04}" for number in range(1_000))
EVERY_SERVICE = [param(service, always=False) for service in SERVICES]


@pytest.fixture(params=EVERY_SERVICE)
def firm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Firm]:
    """Each service in turn, empty, and a firm that knows it."""
    service: Service = request.param
    with service.running(tmp_path) as opened:
        owned = {"ownership": "all"}
        yield service.firm(tmp_path / "firm", opened("thousand"), application=owned)


def test_a_group_of_a_thousand(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    people = [Person(anchor, {}, {}, [], {}) for anchor in PEOPLE]
    after = (*PEOPLE[:500], *PEOPLE[501:])
    group = Group("thousand", PEOPLE, after, ["remove_members"])
    with open_target(firm.url) as target:
        populate(target, PEOPLE)
        before = look(target)

        story = played(firm, target, people, [group])

    assert story.before.seen.groups["thousand"]["members"] == list(PEOPLE)
    assert story.after.seen.groups["thousand"]["members"] == list(after)
    assert story.after.operations == [("remove_members", "thousand")]
    assert story.left == []
    assert story.after.seen.people == before.people
