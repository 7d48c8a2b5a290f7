"""An application and a directory, as small as a test needs them."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.config.model import Application, AppRole, AttributeMapping, Mappings, Target
from reconciler.config.references import SecretReference
from reconciler.directory import Directory, SourceGroup, Subject


@pytest.fixture
def application() -> Callable[..., Application]:
    """Make an application with three roles, and whatever else is given."""

    def make(**fields: Any) -> Application:
        roles = ("Administrator", "Editor", "User")
        given: dict[str, Any] = {
            "target": Target(
                tenant_url="http://127.0.0.1:8080/v2", secret_token=SecretReference(env="TOKEN")
            ),
            "mappings": Mappings(
                users=(AttributeMapping(target="userName", source="userPrincipalName", match=1),)
            ),
            "roles": tuple(AppRole(name=name, value=name.lower()) for name in roles),
        }
        return Application(**{**given, **fields})

    return make


@pytest.fixture
def directory() -> Callable[..., Directory]:
    """Make a directory of people by user name and of groups by name and members."""

    def make(people: str, **groups: str) -> Directory:
        subjects = {
            name: Subject(
                name, {"objectId": name, "userPrincipalName": f"{name.title()}@contoso.example"}
            )
            for name in people.split()
        }
        found = {
            f"g-{name}": SourceGroup(f"g-{name}", name, tuple(members.split()))
            for name, members in groups.items()
        }
        return Directory(subjects, found)

    return make
