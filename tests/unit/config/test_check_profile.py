"""What an application asks for, held against what its profile says the service does."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.config import Loaded, SourceText, load_config
from reconciler.diagnostics import ConfigError

Edit = Callable[..., str]

NAMED = ("      secret_token: {env: CRM_TOKEN}\n",) * 2
PROFILE = (NAMED[0], f"{NAMED[1]}      profile: own.yaml\n")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
OTHER = "        - {target: userType, expression: 'Not([IsSoftDeleted])'}\n"


def loaded(text: str, profile: str) -> Loaded:
    """Return a configuration whose target has a profile."""
    files = {"own.yaml": SourceText("own.yaml", profile)}
    return load_config(SourceText("f.yaml", text), (), files.get)


def found(text: str, profile: str) -> list[str]:
    """Return the codes of all that is wrong with both."""
    try:
        return [one.code for one in loaded(text, profile).warnings]
    except ConfigError as exc:
        return [one.code for one in exc.diagnostics]


def mapped(*lines: str) -> dict[str, Any]:
    """Return what puts more mappings of users at the end of the file."""
    return {"end": "".join(f"        - {{{line}}}\n" for line in lines)}


# attributes


@pytest.mark.parametrize(
    ("attributes", "mapping", "codes"),
    [
        ("unsupported: [title]", "target: title, source: jobTitle", []),
        ("unsupported: [externalId]", "target: externalId, source: objectId", []),
        (
            "unsupported: [externalId]",
            "target: externalId, source: objectId, match: 2",
            ["unfit-profile"],
        ),
        ("unsupported: [USERNAME]", "target: title, source: jobTitle", ["unfit-profile"]),
        ("unsupported: [active]", "target: title, source: jobTitle", ["nothing-disables"]),
        ("immutable: [active]", "target: title, source: jobTitle", ["nothing-disables"]),
        ("immutable: [userName, externalId]", "target: externalId, source: objectId, match: 2", []),
        (f"immutable: ['{ENTERPRISE}']", f"target: '{ENTERPRISE}:department', source: d", []),
        (
            f"immutable: ['{ENTERPRISE}']",
            f"target: '{ENTERPRISE}:manager', source: manager",
            ["unfit-profile"],
        ),
        (f"unsupported: ['{ENTERPRISE}']", f"target: '{ENTERPRISE}:manager', source: manager", []),
        ("unsupported: ['e mails']", "target: title, source: jobTitle", ["bad-path"]),
        ("immutable: ['emails[']", "target: title, source: jobTitle", ["bad-path"]),
    ],
    ids=str,
)
def test_attributes(attributes: str, mapping: str, codes: list[str], edited: Edit) -> None:
    text = edited(PROFILE, **mapped(mapping))

    # both keys of `lifecycle` ask for a disable
    said = found(text, f"extends: generic\nattributes: {{{attributes}}}\n")
    assert sorted(set(said)) == codes


@pytest.mark.parametrize(
    ("attributes", "readable", "codes"),
    [
        ("immutable: [displayName]", "true", []),
        ("unsupported: [displayName]", "true", ["unfit-profile"]),
        ("unsupported: [members]", "true", []),
        ("immutable: [members]", "true", ["unfit-profile"]),
        ("immutable: [members]", "false", []),
    ],
    ids=str,
)
def test_attributes_of_groups(
    attributes: str, readable: str, codes: list[str], edited: Edit
) -> None:
    groups = (
        "      groups:\n"
        "        - {target: displayName, source: displayName, match: 1}\n"
        "        - {target: members, source: members}\n"
    )
    profile = f"extends: generic\nattributes: {{{attributes}}}\nmembers: {{readable: {readable}}}\n"
    said = found(edited(PROFILE, ("people.csv", "people.csv, groups: g.yaml"), end=groups), profile)

    assert sorted(set(said)) == codes


def test_what_cannot_name_attributes_is_shown_in_the_profile(edited: Edit) -> None:
    profile = "extends: generic\nattributes:\n  unsupported: [title, 'e mails']\n"

    with pytest.raises(ConfigError) as refused:
        loaded(edited(PROFILE), profile)

    [one] = refused.value.diagnostics
    assert (str(one.position), one.code) == ("own.yaml:3:24", "bad-path")


# leaving

BOTH_KEPT = "leaves_scope: keep, deleted_at_source: keep"
NO_DELETES = "actions: [create, update]"


@pytest.mark.parametrize(
    ("deprovision", "lifecycle", "codes"),
    [
        ("active_false: suspends", "leaves_scope: disable", []),
        ("active_false: unsupported", "leaves_scope: disable", ["nothing-disables"] * 2),
        ("active_false: unsupported", "leaves_scope: delete", ["nothing-disables"]),
        ("active_false: unsupported", BOTH_KEPT, []),
        ("active_false: unsupported", "leaves_scope: delete, deleted_at_source: delete", []),
        ("active_false: unsupported", "actions: [create]", []),
        ("active_false: deletes", "leaves_scope: disable", []),
        ("active_false: deletes", NO_DELETES, ["deletes-not-allowed"] * 2),
        ("active_false: deletes", f"{NO_DELETES}, {BOTH_KEPT}", []),
        ("active_false: deletes", "actions: [create]", []),
        ("delete: forbidden", "leaves_scope: disable", []),
        ("delete: forbidden", "leaves_scope: delete", ["deletes-not-allowed"]),
        ("delete: forbidden", "deleted_at_source: delete", ["deletes-not-allowed"]),
        ("delete: forbidden", "delete_after: 30d", ["deletes-not-allowed"]),
        ("delete: forbidden", f"{NO_DELETES}, leaves_scope: delete", ["deletes-not-allowed"]),
        ("delete: soft", "leaves_scope: delete, deleted_at_source: delete", []),
    ],
    ids=str,
)
def test_a_lifecycle_asks_for_what_the_service_can_do(
    deprovision: str, lifecycle: str, codes: list[str], edited: Edit
) -> None:
    text = edited(PROFILE, end=f"    lifecycle: {{{lifecycle}}}\n")

    assert found(text, f"extends: generic\ndeprovision: {{{deprovision}}}\n") == codes


@pytest.mark.parametrize(
    "said", ["deprovision: {active_false: unsupported}", "attributes: {unsupported: [active]}"]
)
def test_who_is_disabled_by_another_attribute_too_can_be_disabled(said: str, edited: Edit) -> None:
    assert found(edited(PROFILE, end=OTHER), f"extends: generic\n{said}\n") == []


def test_a_mapping_with_a_mistake_is_not_judged_by_the_profile(edited: Edit) -> None:
    text = edited(PROFILE, **mapped("target: 'emails[', source: mail"))

    said = found(text, "extends: generic\nattributes: {unsupported: [emails]}\n")

    assert said == ["bad-path"]
