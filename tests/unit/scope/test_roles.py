from reconciler.config.model import AppRole
from reconciler.scope.assignments import Grant
from reconciler.scope.roles import strongest_first

ROLES = tuple(AppRole(name=name, value=name) for name in ("Administrator", "Editor", "User"))


def grant(role: str | None, *, expired: bool = False) -> Grant:
    return Grant(role, None, None, expired)


def test_ruling_13_the_strongest_role_comes_first_and_each_once() -> None:
    grants = [grant("User"), grant("Administrator"), grant("User")]

    assert [role.name for role in strongest_first(ROLES, grants)] == ["Administrator", "User"]


def test_expired_grants_and_default_access_give_no_role() -> None:
    assert strongest_first(ROLES, [grant("Editor", expired=True), grant(None)]) == ()
