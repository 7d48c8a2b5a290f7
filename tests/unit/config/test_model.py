from datetime import date

import pytest
from pydantic import ValidationError

from reconciler.config.lifecycle import Lifecycle
from reconciler.config.model import Application, Assignment, Clause, Provisioning

MINIMAL = """{
  "target": {"tenant_url": "https://crm.example/", "secret_token": {"env": "T"}},
  "mappings": {"users": [{"target": "userName", "source": "mail", "match": 1}]}
}"""


@pytest.fixture
def bare() -> Application:
    """An application that says only what it must."""
    return Application.model_validate_json(MINIMAL)


@pytest.mark.parametrize(
    ("way", "default"),
    [
        ("enabled", True),
        ("display_name", None),
        ("target.auth.kind", "bearer"),
        ("target.auth.credentials_in", "header"),
        ("target.ca_bundle", None),
        ("target.proxy", None),
        ("target.profile", "generic"),
        ("target.rate_limit", 25),
        ("target.concurrency", 8),
        ("notification_email", None),
        ("registered_domains", None),
        ("scope", "assigned"),
        ("default_access", "exclude"),
        ("lifecycle.actions", ("create", "update", "delete")),
        ("lifecycle.leaves_scope", "disable"),
        ("lifecycle.deleted_at_source", "disable"),
        ("lifecycle.delete_after", "never"),
        ("ownership", "recorded"),
        ("safety.accidental_deletions.enabled", True),
        ("safety.accidental_deletions.at_most", 50),
        ("safety.accidental_deletions.percent", 5),
        ("safety.delete_users.at_most", 10),
        ("safety.delete_users.percent", 1),
        ("safety.delete_groups.at_most", 5),
        ("safety.delete_groups.percent", 2),
        ("safety.remove_members.at_most", 200),
        ("safety.remove_members.percent", 5),
        ("safety.revoke_roles.at_most", 25),
        ("safety.revoke_roles.percent", 5),
        ("safety.rename_users.at_most", 25),
        ("safety.rename_users.percent", 2),
        ("safety.enable_users.at_most", 20),
        ("safety.enable_users.percent", 2),
        ("safety.source_shrinks.percent", 10),
        ("safety.protected", ()),
        ("safety.min_admins", 1),
    ],
)
def test_defaults_are_those_of_the_product_page(
    bare: Application, way: str, default: object
) -> None:
    value: object = bare
    for step in way.split("."):
        value = getattr(value, step)

    assert value == default


def test_the_tenant_url_is_kept_in_its_one_spelling(bare: Application) -> None:
    assert bare.target.tenant_url == "https://crm.example"


def test_nothing_can_be_changed_afterwards(bare: Application) -> None:
    with pytest.raises(ValidationError):
        bare.enabled = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "days"), [("never", None), ("1d", 1), ("30d", 30), ("9999d", 9999)]
)
def test_delete_after_in_days(text: str, days: int | None) -> None:
    assert Lifecycle(delete_after=text).delete_after_days == days


@pytest.mark.parametrize("text", ["0d", "30", "30 d", "-1d", "1w", "10000d", "Never", "٣d", "1d\n"])
def test_delete_after_knows_no_other_form(text: str) -> None:
    with pytest.raises(ValidationError):
        Lifecycle(delete_after=text)


def test_expires_is_a_day() -> None:
    one = Assignment.model_validate_json('{"user": "ada", "expires": "2027-01-31"}')

    assert one.expires == date(2027, 1, 31)


@pytest.mark.parametrize(
    "written",
    [
        '"2027-02-30"',
        '"20270131"',
        '"2027-1-31"',
        '"1798761600"',
        "1798761600",
        '"2027-01-31T00:00"',
    ],
)
def test_expires_is_nothing_else(written: str) -> None:
    with pytest.raises(ValidationError):
        Assignment.model_validate_json(f'{{"user": "ada", "expires": {written}}}')


@pytest.mark.parametrize("word", ['"no"', '"off"', '"false"', "0", '"0"', "null"])
def test_ruling_1_no_word_is_taken_for_false(word: str) -> None:
    with pytest.raises(ValidationError):
        Application.model_validate_json(MINIMAL.replace("{\n", f'{{"enabled": {word},', 1))


def test_a_clause_reads_as_in_the_log_of_entra() -> None:
    clause = Clause(attribute="department", operator="EQUALS", value="Sales")

    assert clause.sentence("Staff") == "Staff department EQUALS Sales"
    assert Clause(attribute="a", operator="IS NULL").sentence("Staff") == "Staff a IS NULL"


@pytest.mark.parametrize("name", ["crm", "ipass-smartconnect", "0", "a" * 63])
def test_names_that_applications_may_have(bare: Application, name: str) -> None:
    whole = {"version": 1, "source": {"users": "x.csv"}, "applications": {name: bare}}

    assert name in Provisioning.model_validate(whole).applications


@pytest.mark.parametrize(
    "name", ["", "-a", "CRM", "a_b", "a.b", "../a", "a/b", "a" * 64, "é", "a\n"]
)
def test_names_that_they_may_not_have(bare: Application, name: str) -> None:
    whole = {"version": 1, "source": {"users": "x.csv"}, "applications": {name: bare}}

    with pytest.raises(ValidationError):
        Provisioning.model_validate(whole)
