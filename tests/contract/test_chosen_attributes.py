"""A plan is the same, to the letter, whichever attributes the listings are asked for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.testing import Request
from tests.contract.firm import ENTERPRISE, SINGLE, Firm
from tests.contract.rows import CROWD, GROUPS, SINGLE_ROLES, USERS
from tests.contract.services import SERVICES, Open
from tests.e2e.company import TOKEN_NAME
from tests.proxy import recorded
from tests.servers import TOKEN

PEOPLE = tuple(row for row in (*USERS, *SINGLE_ROLES) if row.id not in CROWD[3:])
TEAMS = tuple(row for row in GROUPS if {*row.before, *(row.after or ())}.isdisjoint(CROWD[3:]))
MAPPED = ("userName", "active", "roles", "emails", "members", f"{ENTERPRISE}:manager")
BOTH = ["/Groups?attributes", "/Users?attributes"]
MADE_OF = {"target", "inputs"}
"""What a plan says of its profile and its configuration."""


@dataclass
class Changed:
    """A firm whose table is still to be played, and what its service is asked."""

    firm: Firm
    requests: list[Request]

    def planned(self, **said: Any) -> dict[str, Any]:
        """Return what is planned by a profile that says this of listings."""
        self.requests.clear()
        self.firm.write()
        profile = json.dumps({"extends": "generic", "list": said})
        (self.firm.folder / "chosen.yaml").write_text(profile, "utf-8")
        self.firm.target["profile"] = "./chosen.yaml"
        self.firm.plan()
        return {key: value for key, value in self.firm.body().items() if key not in MADE_OF}

    def chosen(self) -> list[str]:
        """Return the parameters that chose attributes of users and of groups."""
        found = {
            f"{seen.path}?{name}"
            for seen in self.requests
            for name in ("attributes", "excludedAttributes")
            if name in seen.query
        }
        return sorted(found)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A real service for each firm."""
    [index] = [service for service in SERVICES if service.name == "index"]
    with (
        pytest.MonkeyPatch.context() as patch,
        index.running(tmp_path_factory.mktemp("chosen")) as opened,
    ):
        patch.setenv(TOKEN_NAME, TOKEN)
        yield opened


@contextmanager
def founded(folder: Path, url: str) -> Iterator[Changed]:
    """Settle everybody, and let everybody change."""
    with recorded(url) as proxy:
        firm = Firm(folder / "firm", proxy.url, mappings=SINGLE)
        firm.becomes(PEOPLE, TEAMS, 0)
        firm.settle()
        firm.becomes(PEOPLE, TEAMS, 1)
        yield Changed(firm, proxy.requests)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, opened: Open) -> Iterator[Changed]:
    """Everybody's change, still to be played."""
    with founded(tmp_path_factory.mktemp("planned"), opened("planned")) as made:
        yield made


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ({"attributes": ["id"]}, BOTH),
        ({"attributes": ["nickName", "members"]}, BOTH),
        (
            {"excluded_attributes": [*MAPPED, "groups", "externalId"]},
            ["/Groups?excludedAttributes", "/Users?excludedAttributes"],
        ),
        ({"members": "one_by_one"}, ["/Groups?excludedAttributes"]),
        (
            {"members": "one_by_one", "attributes": ["displayName"]},
            BOTH,
        ),
    ],
    ids=str,
)
def test_the_plan_is_the_same(changed: Changed, said: dict[str, Any], chosen: list[str]) -> None:
    everything = changed.planned()

    assert len(everything["operations"]) > len(PEOPLE) / 2
    assert changed.chosen() == []
    assert changed.planned(**said) == everything
    assert changed.chosen() == chosen


def test_the_plan_can_be_applied(opened: Open, tmp_path: Path) -> None:
    """Its preconditions are those of whole accounts."""
    with founded(tmp_path, opened("applied")) as changed:
        changed.planned(attributes=["id"])

        changed.firm.apply()

        assert changed.planned(attributes=["id"])["operations"] == []
