"""Ruling 17: the base branch's file pins the target, and the stricter limits hold."""

from typing import Any

import pytest

from reconciler.config.model import Application, Target
from reconciler.config.policy import check_roots, stricter, under_policy
from reconciler.config.safety import Safety
from reconciler.diagnostics import ConfigError
from tests.worlds import application

TARGET = {"tenant_url": "https://crm.example/scim/v2", "secret_token": {"env": "CRM_TOKEN"}}
BASE = application(target=TARGET)
LIMITS = (
    "delete_users",
    "delete_groups",
    "empty_groups",
    "remove_members",
    "group_members",
    "revoke_roles",
    "rename_users",
    "enable_users",
    "create_users",
)


def safety(**values: Any) -> Safety:
    """Return limits of which some are given."""
    return Safety.model_validate_json(Safety.model_validate(values).model_dump_json())


def wanted(**target: Any) -> Application:
    """Return what a pull request says of the target."""
    return application(target={**TARGET, **target})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tenant_url", "https://evil.example/scim/v2"),
        ("tenant_url", "https://crm.example/scim/v3"),
        ("tenant_url", "https://crm.example.evil.example/scim/v2"),
        ("profile", "another"),
        ("secret_token", {"env": "OTHER_TOKEN"}),
        ("secret_token", {"file": "CRM_TOKEN"}),
        ("auth", {"kind": "basic", "username": "reconciler"}),
        ("auth", {"kind": "oauth", "client_id": "a", "token_url": "https://evil.example/token"}),
        ("ca_bundle", "evil.pem"),
        ("proxy", "http://evil.example:3128"),
    ],
)
def test_ruling_17_another_target_is_refused_before_any_request(key: str, value: object) -> None:
    with pytest.raises(ConfigError) as refused:
        under_policy("crm", wanted(**{key: value}), BASE)

    [complaint] = refused.value.diagnostics
    assert complaint.code == "policy-target"
    assert f"crm: `target.{key}`" in complaint.message
    assert complaint.hint


def test_ruling_17_every_key_of_target_is_either_pinned_or_only_about_pace() -> None:
    """A new key of `target` must be put into one of the two sets."""
    assert set(Target.model_fields) == {
        *("tenant_url", "profile", "secret_token", "auth", "ca_bundle", "proxy"),
        *("rate_limit", "concurrency"),
    }


@pytest.mark.parametrize("target", [{}, {"rate_limit": 1}, {"concurrency": 64}])
def test_ruling_17_the_same_target_at_another_pace_is_fine(target: dict[str, int]) -> None:
    assert under_policy("crm", wanted(**target), BASE).target == wanted(**target).target


OAUTH = {"kind": "oauth", "token_url": "https://login.example/token", "client_id": "reconciler"}


@pytest.mark.parametrize(
    "changed",
    [
        {"token_url": "https://evil.example/token"},
        {"client_id": "another"},
        {"scope": "everything"},
        {"audience": "another"},
        {"credentials_in": "body"},
    ],
    ids=str,
)
def test_ruling_17_each_key_of_auth_is_pinned(changed: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"`target\.auth` is not what the policy file says"):
        under_policy("crm", wanted(auth={**OAUTH, **changed}), wanted(auth=OAUTH))


def test_ruling_17_a_default_that_is_written_out_is_no_change() -> None:
    spelled = wanted(auth={"kind": "bearer"})

    assert under_policy("crm", spelled, BASE).target.auth == BASE.target.auth


def test_ruling_17_other_certificates_under_the_same_name_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"`target\.ca_bundle` is not that of the") as refused:
        check_roots("crm", "theirs", "ours")

    assert [one.code for one in refused.value.diagnostics] == ["policy-target"]


@pytest.mark.parametrize("roots", [None, "ours"])
def test_ruling_17_the_same_certificates_are_fine(roots: str | None) -> None:
    check_roots("crm", roots, roots)


def test_ruling_17_an_application_that_the_policy_does_not_know_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        under_policy("crm", BASE, None)

    [complaint] = refused.value.diagnostics
    assert (complaint.code, "crm" in complaint.message) == ("policy-target", True)


def test_ruling_17_a_refusal_does_not_name_the_secret() -> None:
    with pytest.raises(ConfigError) as refused:
        under_policy("crm", wanted(secret_token={"env": "PRODUCTION_TOKEN"}), BASE)

    assert "PRODUCTION_TOKEN" not in str(refused.value)


def test_ruling_17_everything_but_target_and_safety_is_what_the_pull_request_says() -> None:
    changed = application(target=TARGET, ownership="all", safety={"min_admins": 0})

    found = under_policy("crm", changed, BASE)

    assert found.ownership == "all"
    assert found.safety.min_admins == 1


# the stricter limit


@pytest.mark.parametrize("guard", LIMITS)
def test_ruling_17_the_stricter_half_of_each_limit_holds(guard: str) -> None:
    one = safety(**{guard: {"at_most": 9, "percent": 50}})
    other = safety(**{guard: {"at_most": 99, "percent": 5}})

    for found in (stricter(one, other), stricter(other, one)):
        limit = getattr(found, guard)
        assert (limit.at_most, limit.percent) == (9, 5)


def test_every_limit_has_its_rule() -> None:
    special = {
        "accidental_deletions",
        "half_gone",
        "single_cause",
        "rolling_window",
        "source_shrinks",
        "protected",
        "min_admins",
    }

    assert set(Safety.model_fields) == {*LIMITS, *special}


ON = {"enabled": True, "at_most": 9, "percent": 50}
OFF = {"enabled": False, "at_most": 1, "percent": 1}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(ON, {**ON, "at_most": 99, "percent": 5}, (True, 9, 5), id="both on"),
        pytest.param(ON, OFF, (True, 9, 50), id="one is off: it limits nothing"),
        pytest.param(OFF, {**OFF, "at_most": 7}, (False, 1, 1), id="both off"),
    ],
)
def test_ruling_17_accidental_deletions_cannot_be_switched_off_by_a_pull_request(
    one: dict[str, Any], other: dict[str, Any], expected: tuple[bool, int, int]
) -> None:
    first, second = safety(accidental_deletions=one), safety(accidental_deletions=other)

    for found in (stricter(first, second), stricter(second, first)):
        limit = found.accidental_deletions
        assert (limit.enabled, limit.at_most, limit.percent) == expected


@pytest.mark.parametrize(
    ("key", "one", "other", "expected"),
    [
        ("min_admins", 1, 3, 3),
        ("protected", ("a", "b"), ("b", "c"), {"a", "b", "c"}),
        ("protected", (), ("b",), {"b"}),
    ],
)
def test_ruling_17_what_must_remain_is_what_either_says(
    key: str, one: Any, other: Any, expected: object
) -> None:
    for pair in ((one, other), (other, one)):
        found = getattr(stricter(*(safety(**{key: value}) for value in pair)), key)
        assert (set(found) if isinstance(found, tuple) else found) == expected


def test_ruling_17_the_source_may_shrink_by_the_smaller_share() -> None:
    one, other = safety(source_shrinks={"percent": 5}), safety(source_shrinks={"percent": 50})

    assert stricter(one, other).source_shrinks.percent == 5
    assert stricter(other, one).source_shrinks.percent == 5


def test_ruling_17_columns_may_go_empty_by_the_smaller_share() -> None:
    one, other = (
        safety(source_shrinks={"column_percent": 5}),
        safety(source_shrinks={"column_percent": 50}),
    )

    for found in (stricter(one, other), stricter(other, one)):
        assert (found.source_shrinks.column_percent, found.source_shrinks.percent) == (5, 10)


def test_ruling_17_the_smaller_share_of_anything_may_go() -> None:
    one, other = safety(half_gone={"percent": 20}), safety(half_gone={"percent": 100})

    assert stricter(one, other).half_gone.percent == 20
    assert stricter(other, one).half_gone.percent == 20


def test_ruling_17_the_smaller_share_of_one_rule_and_the_fewer_slices_hold() -> None:
    one = safety(single_cause={"percent": 5}, rolling_window={"day": 1, "week": 9})
    other = safety(single_cause={"percent": 50}, rolling_window={"day": 3, "week": 2})

    for found in (stricter(one, other), stricter(other, one)):
        assert found.single_cause.percent == 5
        assert (found.rolling_window.day, found.rolling_window.week) == (1, 2)


def test_the_stricter_of_two_equal_is_the_same() -> None:
    assert stricter(safety(), safety()) == safety()
