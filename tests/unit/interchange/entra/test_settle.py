"""What an import puts in place of what cannot be used, and when it switches off."""

from typing import Any

import pytest

from reconciler.config import Application
from reconciler.diagnostics import ConfigError
from reconciler.interchange.entra import Imported
from tests.entra import (
    ACTIVE,
    NAME,
    SWITCH,
    Json,
    application_in,
    copied,
    function,
    held,
    imported,
    object_mapping,
    row,
    said,
    schema,
    there_and_back,
)

TITLE = row("title", copied("jobTitle"))


def of(*rows: Json, **keys: Any) -> Json:
    """Return a schema with exactly these mappings of users."""
    return schema(object_mapping(attributeMappings=[*rows], **keys))


def both(value: Json) -> tuple[Imported, Application]:
    """Import *value*, and see that it comes back."""
    made = imported(value)

    assert there_and_back(value) == value
    return made, application_in(made.text)


def lines(application: Application) -> dict[str, str | None]:
    return {one.target: one.source or one.expression for one in application.mappings.users}


def test_what_needs_no_amendment_is_on() -> None:
    made, _ = both(schema())

    assert held(made) == ()


def test_without_a_match_accounts_are_found_by_name_and_it_is_off() -> None:
    _, application = both(of(row("userName", copied("mail")), ACTIVE))

    assert not application.enabled
    assert [(one.target, one.match) for one in application.mappings.users] == [
        ("userName", 1),
        ("active", None),
    ]


def test_without_anything_to_match_by_there_is_a_mapping_of_our_own() -> None:
    made, application = both(of(ACTIVE))

    assert lines(application) == {"active": SWITCH, "userName": "userPrincipalName"}
    assert not application.enabled
    assert any(each.place == "added by the import" for each in made.findings)


def test_a_name_that_is_the_same_for_everybody_is_replaced() -> None:
    made, application = both(of(row("userName", None, defaultValue="x"), ACTIVE))

    assert lines(application)["userName"] == "userPrincipalName"
    assert "replaced by a mapping of the import" in made.text


def test_a_match_on_a_constant_is_no_match_and_it_is_off() -> None:
    made, application = both(
        of(NAME, ACTIVE, row("title", None, defaultValue="x", matchingPriority=2))
    )

    assert [one.match for one in application.mappings.users] == [1, None, None]
    assert held(made) == ("a `match` could not be taken over",)


def test_a_mapping_with_a_match_that_is_left_out_switches_off() -> None:
    """Accounts that Entra finds by it would be created a second time here."""
    made, application = both(of(NAME, ACTIVE, row("Alias", copied("a"), matchingPriority=2)))

    assert [one.match for one in application.mappings.users] == [1, None]
    assert held(made) == ("users are matched by more in Entra: a mapping with a match is left out",)


def test_a_mapping_of_our_own_stands_behind_the_one_that_it_replaces() -> None:
    """Else the order would differ, and any edit would give up all that was kept."""
    made, application = both(of(NAME, row("active", None, defaultValue="True"), TITLE))

    assert list(lines(application)) == ["userName", "active", "title"]
    assert "attributeMappings: [" not in made.text


def test_a_default_that_is_none_of_its_target_goes_and_the_mapping_stays() -> None:
    made, application = both(of(NAME, {**ACTIVE, "defaultValue": "perhaps"}))

    assert held(made) == ()
    assert [one.default for one in application.mappings.users] == [None, None]


def test_when_the_mapping_that_disables_cannot_be_used_active_takes_its_place() -> None:
    _, application = both(of(NAME, row("IsActive", function("Not([IsSoftDeleted])"))))

    assert lines(application)["active"] == SWITCH
    assert not application.enabled
    assert application.lifecycle.leaves_scope == "disable"


def test_when_nothing_disables_in_entra_nobody_is_touched_for_leaving() -> None:
    """entra.md, section 1.7: without a mapping of IsSoftDeleted, nothing happens to leavers."""
    _, application = both(of(NAME, row("active", None, defaultValue="True")))

    assert not application.enabled
    assert (application.lifecycle.leaves_scope, application.lifecycle.deleted_at_source) == (
        "keep",
        "keep",
    )


def test_one_target_is_written_by_one_mapping() -> None:
    made, application = both(of(NAME, ACTIVE, row("title", copied("a")), row("title", copied("b"))))

    assert lines(application)["title"] == "a"
    assert any("already mapped" in each.message for each in made.findings)


def test_without_any_mapping_the_file_still_loads() -> None:
    _, application = both({"synchronizationRules": []})

    assert set(lines(application)) == {"userName", "active"}
    assert not application.enabled


def test_groups_that_match_nothing_are_matched_by_name() -> None:
    groups = object_mapping(
        name="Groups",
        sourceObjectName="Group",
        targetObjectName="Group",
        attributeMappings=[row("displayName", copied("displayName"))],
    )

    _, application = both(schema(object_mapping(), groups))

    assert [one.match for one in application.mappings.groups or ()] == [1]
    assert not application.enabled


def test_groups_of_which_nothing_can_be_used_are_not_provisioned() -> None:
    groups = object_mapping(
        name="Groups",
        sourceObjectName="Group",
        targetObjectName="Group",
        attributeMappings=[row("Title", copied("displayName"), matchingPriority=1)],
    )

    made, application = both(schema(object_mapping(), groups))

    assert application.mappings.groups is None
    assert "      # groups:" in said(made.text)


@pytest.mark.parametrize("name", ["Contoso", "", "a b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    if name:
        with pytest.raises(ConfigError, match="bad-application-name"):
            imported(schema(), name=name)
    else:
        assert "\n  crm:\n" in imported(schema(), name=name).text


def test_more_mistakes_than_the_loader_shows_are_all_left_out() -> None:
    rows = [row(f"Unknown{number}", copied("a")) for number in range(250)]

    made, application = both(of(NAME, ACTIVE, *rows))

    assert len(application.mappings.users) == 2
    assert sum(each.kind == "unsupported" for each in made.findings) == 250


def test_choices_about_what_is_left_out_are_not_told() -> None:
    made = imported(of(NAME, ACTIVE, row("TimeZoneSidKey", None, defaultValue="Europe/Oslo")))

    assert [each.kind for each in made.findings if "TimeZone" in each.place] == ["unsupported"]
