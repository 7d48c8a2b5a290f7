import pytest

from reconciler.config.model import Provisioning
from reconciler.config.nodes import Loc
from reconciler.config.vocabulary import known_keys


@pytest.mark.parametrize(
    ("loc", "keys"),
    [
        (("source",), ("kind", "users", "groups", "default_domain")),
        (("applications", "crm", "target", "secret_token"), ("env", "file")),
        (
            ("notifications", "smtp"),
            ("host", "port", "starttls", "username", "password", "ca_bundle", "from"),
        ),
        (("notifications", "smtp", "from"), ()),
        (("applications", "crm", "roles", 3), ("name", "value", "privileged")),
        (("applications", "crm", "scoping_filters", "users", 0), ("title", "clauses")),
        (("applications", "crm", "safety", "delete_users"), ("at_most", "percent")),
        (("applications", "crm", "tests", 0, "expect", "attributes"), ()),
        (("applications", "crm", "scope"), ()),
        (("nowhere", "at", "all"), ()),
    ],
)
def test_the_keys_known_at_a_place(loc: Loc, keys: tuple[str, ...]) -> None:
    assert known_keys(Provisioning, loc) == keys


def test_the_top_of_the_file() -> None:
    expected = {
        "version",
        "source",
        "plans",
        "trust",
        "notifications",
        "include",
        "defaults",
        "fleet",
        "applications",
    }

    assert set(known_keys(Provisioning, ())) == expected
