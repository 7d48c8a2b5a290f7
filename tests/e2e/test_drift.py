"""``drift``, seen from outside: what was changed by hand, and nothing else."""

import json
from typing import Any

import pytest

from reconciler.states import ResourceType
from reconciler.testing import FAULTS
from tests.e2e.company import GROUP_MAPPINGS, USER_MAPPINGS, Company, Sandbox, account
from tests.servers import FaultServer, free_port

USER, GROUP = ResourceType.USER, ResourceType.GROUP
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def change(sandbox: Sandbox, who: str, **values: Any) -> None:
    """Change attributes of somebody on the target by hand."""
    changes = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    with sandbox.by_hand() as target:
        target.patch(USER, sandbox.users()[f"{who}@contoso.example"]["id"], changes)


def drift(company: Company, *arguments: str, code: int = 0) -> Any:
    """Return what `drift` says of the application, with the exit code that is expected."""
    ended = company.run("drift", "--format", "json", *arguments, "app")
    assert ended.code == code, ended.text
    (found,) = json.loads(ended.out)["applications"]
    assert found["drift"] is (code == 2)
    return found


def told(found: Any) -> dict[str, Any]:
    """Return by key what differs: path, what was applied, what is live."""
    return {
        one["key"]: "gone"
        if one["gone"]
        else [(each["path"], each["applied"], each["live"]) for each in one["changes"]]
        for one in found["accounts"]
    }


def test_0_after_an_apply_nothing_has_drifted_and_nothing_is_written(
    settled: Company, sandbox: Sandbox
) -> None:
    sandbox.requests.clear()
    before = settled.files()

    found = drift(settled)

    assert found["compared"] == {"User": 6, "Group": 1}
    assert (found["accounts"], found["doubtful"]) == ([], 0)
    assert (sandbox.writes, settled.files()) == ([], before)


def test_0_where_nothing_was_applied_nothing_can_drift(company: Company, sandbox: Sandbox) -> None:
    company.write()
    with sandbox.by_hand() as target:
        target.create(USER, account("root@contoso.example"))

    found = drift(company)

    assert found["compared"] == {"User": 0, "Group": 0}
    assert found["unmanaged"]["labels"] == {"local": 1}


def test_2_what_was_changed_by_hand_is_told_and_what_the_source_changed_is_not(
    settled: Company, sandbox: Sandbox
) -> None:
    settled.people["bob"]["jobTitle"] = "Director"
    settled.write()
    change(sandbox, "ada", displayName="Countess", active=False)

    found = drift(settled, code=2)

    assert told(found) == {
        "ada@contoso.example": [("active", True, False), ("displayName", "Ada", "Countess")]
    }


def test_2_also_what_a_plan_would_not_touch(settled: Company, sandbox: Sandbox) -> None:
    """`title` has a default, which only a create writes."""
    change(sandbox, "cleo", title="Empress")
    settled.plan()
    assert settled.operations() == []

    assert told(drift(settled, code=2)) == {
        "cleo@contoso.example": [("title", "Employee", "Empress")]
    }


def test_0_an_attribute_without_a_mapping_is_not_looked_at(
    settled: Company, sandbox: Sandbox
) -> None:
    change(sandbox, "ada", nickName="Addie", title="Countess")
    lines = [one for one in USER_MAPPINGS if one["target"] != "title"]
    settled.application = {"mappings": {"users": lines, "groups": GROUP_MAPPINGS}}
    settled.write()

    assert drift(settled)["accounts"] == []


def test_the_newest_value_that_was_applied_counts(settled: Company, sandbox: Sandbox) -> None:
    for title in ("Director", "Chief"):
        settled.people["bob"]["jobTitle"] = title
        settled.settle()
    assert drift(settled)["accounts"] == []

    change(sandbox, "bob", title="Director")

    assert told(drift(settled, code=2)) == {"bob@contoso.example": [("title", "Chief", "Director")]}


def test_2_accounts_that_are_gone_and_members_that_came_and_went(
    settled: Company, sandbox: Sandbox
) -> None:
    with sandbox.by_hand() as target:
        users = {name.partition("@")[0]: user["id"] for name, user in sandbox.users().items()}
        group = sandbox.groups()["Staff"]["id"]
        root = target.create(USER, account("root@contoso.example"))["id"]
        path = f'members[value eq "{users["dan"]}"]'
        target.patch(GROUP, group, [{"op": "remove", "path": path}])
        target.patch(GROUP, group, [{"op": "add", "path": "members", "value": [{"value": root}]}])
        target.delete(USER, users["eve"])

    found = drift(settled, code=2)

    assert told(found)["eve@contoso.example"] == "gone"
    ((path, without, extra),) = told(found)["Staff"]
    assert path == "members"
    assert "dan@contoso.example" in {one["display"] for one in without}
    assert extra == [{"value": root, "display": root}]
    assert found["unmanaged"]["sample"] == [
        {"key": "root@contoso.example", "target_id": root, "label": "local"}
    ]


def test_references_are_compared_by_the_id_that_they_had(
    company: Company, sandbox: Sandbox
) -> None:
    company.people["bob"]["manager"] = "ada"
    company.settle()
    assert drift(company)["accounts"] == []
    users = sandbox.users()

    change(
        sandbox, "bob", **{f"{ENTERPRISE}:manager": {"value": users["cleo@contoso.example"]["id"]}}
    )

    assert told(drift(company, code=2)) == {
        "bob@contoso.example": [
            (
                f"{ENTERPRISE}:manager",
                users["ada@contoso.example"]["id"],
                users["cleo@contoso.example"]["id"],
            )
        ]
    }


def test_labels_say_what_the_source_knows(settled: Company, sandbox: Sandbox) -> None:
    for who in ("ada", "bob", "cleo"):
        change(sandbox, who, displayName="Somebody")
    settled.group("Staff")["members"].remove("bob")
    settled.lose("cleo")
    settled.write()

    found = drift(settled, code=2)

    assert {one["key"]: one["label"] for one in found["accounts"]} == {
        "ada@contoso.example": "assigned",
        "bob@contoso.example": "unassigned",
        "cleo@contoso.example": "local",
    }


def test_whoever_was_deleted_by_us_or_has_a_new_account_is_no_drift(
    settled: Company, sandbox: Sandbox
) -> None:
    settled.application = {"lifecycle": {"deleted_at_source": "delete"}}
    settled.lose("bob")
    settled.settle()
    with sandbox.by_hand() as target:
        target.delete(USER, sandbox.users()["cleo@contoso.example"]["id"])
    assert told(drift(settled, code=2))["cleo@contoso.example"] == "gone"
    settled.settle()

    assert drift(settled)["accounts"] == []


def test_of_a_group_that_was_there_before_only_what_we_did_is_known(
    company: Company, sandbox: Sandbox
) -> None:
    with sandbox.by_hand() as target:
        root = target.create(USER, account("root@contoso.example"))["id"]
        target.create(GROUP, {"displayName": "Staff", "members": [{"value": root}]})
        target.create(USER, account("ada@contoso.example", displayName="Ada"))
    company.settle()
    assert drift(company)["accounts"] == []

    with sandbox.by_hand() as target:
        users = sandbox.users()
        path = f'members[value eq "{users["ada@contoso.example"]["id"]}"]'
        group = sandbox.groups()["Staff"]["id"]
        target.patch(GROUP, group, [{"op": "remove", "path": path}])

    assert told(drift(company, code=2)) == {
        "Staff": [
            (
                "members",
                [{"value": users["ada@contoso.example"]["id"], "display": "ada@contoso.example"}],
                None,
            )
        ]
    }


def test_values_that_redact_hides_stay_hidden(company: Company, sandbox: Sandbox) -> None:
    lines = [one for one in USER_MAPPINGS if one["target"] != "title"]
    lines.append({"target": "title", "expression": "Redact([jobTitle])"})
    company.application = {"mappings": {"users": lines, "groups": GROUP_MAPPINGS}}
    company.people["ada"]["jobTitle"] = "hush-before"
    company.settle()
    change(sandbox, "ada", title="hush-after")

    assert told(drift(company, code=2)) == {
        "ada@contoso.example": [("title", "[Redact]", "[Redact]")]
    }
    for form in ("text", "json", "markdown"):
        assert "hush" not in company.run("drift", "--format", form).text


def test_a_plan_that_was_thrown_away_leaves_doubt_and_no_drift(
    settled: Company, sandbox: Sandbox
) -> None:
    change(sandbox, "ada", displayName="Countess")
    settled.newest().unlink()

    found = drift(settled)

    assert found["doubtful"] == 7


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("text", ["app: 1 changed by hand", 'displayName: "Ada" → "<b>`x`</b>"', "(assigned)"]),
        ("markdown", ["### app: 1 changed by hand", "- User `ada@contoso.example` (assigned)"]),
    ],
)
def test_forms_for_people(form: str, words: list[str], settled: Company, sandbox: Sandbox) -> None:
    change(sandbox, "ada", displayName="<b>`x`</b>")
    with sandbox.by_hand() as target:
        target.create(USER, account("root@contoso.example"))

    ended = settled.run("drift", "--format", form)

    assert ended.code == 2
    assert [each for each in words if each not in ended.out] == []
    assert "not ours, and not compared: 1 local: root@contoso.example (local)" in ended.out


def test_9_a_read_that_proves_nothing_is_no_drift(settled: Company) -> None:
    with FaultServer(FAULTS["total-high"]) as server:
        settled.url = server.url
        settled.write()

        ended = settled.run("drift")

    assert (ended.code, ended.out) == (9, "")
    assert "app: not compared" in ended.err


def test_several_applications_end_with_the_worst(settled: Company, sandbox: Sandbox) -> None:
    change(sandbox, "ada", displayName="Countess")
    settled.write()
    assert settled.run("drift").code == 2
    nobody = {"target": {**settled.settings()["applications"]["app"]["target"]}}
    nobody["target"]["tenant_url"] = f"http://127.0.0.1:{free_port()}/v2"
    settled.others = {"beta": nobody}
    settled.write()

    ended = settled.run("drift", "--format", "json")

    assert ended.code == 9
    assert [one["application"] for one in json.loads(ended.out)["applications"]] == ["app"]


def test_6_a_store_that_was_changed_is_not_compared_with(settled: Company) -> None:
    plan = settled.newest()
    plan.write_bytes(plan.read_bytes().replace(b"ada@contoso", b"eda@contoso", 1))

    assert settled.run("drift").code == 6
