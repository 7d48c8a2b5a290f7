"""``revert``, seen from outside: what an apply did is undone by a plan like any other."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from reconciler.states import ResourceType
from tests.e2e.company import Company, Ended, Sandbox
from tests.servers import free_port

USER = ResourceType.USER
EFFECTS = ("accidental_deletions", "rename_users", "enable_users", "remove_members")
ANYTHING: dict[str, Any] = {
    **{effect: {"at_most": 99, "percent": 100} for effect in EFFECTS},
    "revoke_roles": {"at_most": 99, "percent": 100},
    "min_admins": 0,
}


@pytest.fixture
def changed(settled: Company) -> Company:
    """A company after an ordinary week: everything that can be undone was done once."""
    settled.application = {
        "safety": ANYTHING,
        "assignments": [
            {"group": "Staff", "role": "User"},
            {"user": "dan", "role": "Administrator"},
        ],
    }
    people = settled.people
    people["ada"]["jobTitle"] = "Boss"
    people["bob"]["accountEnabled"] = "false"
    people["cleo"]["userPrincipalName"] = "cleopatra@contoso.example"
    people["eve"]["manager"] = "fay"
    people["fay"] |= {"surname": "Fox", "mail": "fay@fox.example", "department": "Dens"}
    settled.group("Staff")["members"].remove("dan")
    settled.plan()
    return settled


def revert(company: Company, plan: Path, *arguments: str | Path, code: int = 0) -> Ended:
    """Make the plan that undoes another one, and expect an exit code."""
    ended = company.run("revert", *arguments, plan)
    assert ended.code == code, ended.text
    return ended


def undo(company: Company, plan: Path) -> dict[str, Any]:
    """Undo a plan, and return the body of the plan that did."""
    revert(company, plan)
    body: dict[str, Any] = company.body()
    company.apply()
    return body


def state(sandbox: Sandbox) -> dict[str, Any]:
    """Return everything on the target by id, but for when it was changed."""
    found = {one["id"]: one for one in (*sandbox.users().values(), *sandbox.groups().values())}
    for one in found.values():
        del one["meta"]
        one["members"] = sorted(member["value"] for member in one.get("members") or ())
    return deepcopy(found)


def skipped(body: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return who is left as they are: key, code and why."""
    return [(one["key"], one["code"], one["detail"]) for one in body["skipped"]]


def test_0_what_was_applied_and_reverted_is_as_it_was_and_the_next_plan_does_it_again(
    changed: Company, sandbox: Sandbox
) -> None:
    before, plan, done = state(sandbox), changed.newest(), changed.operations()
    digest = changed.body()["operations_digest"]
    changed.apply()
    assert state(sandbox) != before

    body = undo(changed, plan)

    assert state(sandbox) == before
    assert body["inputs"]["reverts"] == json.loads(plan.read_text("utf-8"))["digest"]
    assert [(one["action"], one["key"], one["reason"]) for one in body["operations"]] == [
        ("enable", "bob@contoso.example", f"undoes disable of plan {plan.name[-22:-10]}"),
        ("update", "ada@contoso.example", f"undoes update of plan {plan.name[-22:-10]}"),
        ("update", "cleopatra@contoso.example", f"undoes update of plan {plan.name[-22:-10]}"),
        ("update", "fay@contoso.example", f"undoes update of plan {plan.name[-22:-10]}"),
        ("add_members", "Staff", f"undoes remove_members of plan {plan.name[-22:-10]}"),
        ("update", "eve@contoso.example", f"undoes update of plan {plan.name[-22:-10]}"),
        ("revoke", "dan@contoso.example", f"undoes update of plan {plan.name[-22:-10]}"),
    ]
    assert (body["skipped"], [one["code"] for one in body["warnings"]]) == ([], ["done-again"])
    assert changed.run("drift", "app").code == 0
    changed.plan()
    assert (changed.operations(), changed.body()["operations_digest"]) == (done, digest)
    assert changed.run("audit", "verify").code == 0


def test_0_a_revert_is_read_from_the_journals_and_shown_like_any_plan(changed: Company) -> None:
    changed.apply()
    plan = changed.newest()

    shown = revert(changed, plan)

    digest = json.loads(plan.read_text("utf-8"))["digest"]
    assert f"undoes plan {digest}" in shown.words
    assert "revert the commit that led to it too, or the next plan will do it again" in shown.words
    assert f"Apply it with: reconciler apply {changed.newest()}" in shown.out
    assert "source" not in shown.out.partition("Wave")[0]
    markdown = changed.run("show", "--format", "markdown", changed.newest())
    assert f"undoes disable of plan {digest[:12]}" in markdown.out


@pytest.mark.slow
def test_0_a_reverted_revert_is_the_plan_again(changed: Company, sandbox: Sandbox) -> None:
    plan = changed.newest()
    changed.apply()
    after = state(sandbox)
    undo(changed, plan)

    body = undo(changed, changed.newest())

    assert state(sandbox) == after
    assert (body["skipped"], body["warnings"]) == ([], [])
    changed.plan()
    assert changed.operations() == []


def test_0_it_is_made_while_the_source_is_broken(changed: Company, sandbox: Sandbox) -> None:
    before, plan = state(sandbox), changed.newest()
    changed.apply()
    (changed.folder / "people.csv").write_text("nonsense\n", "utf-8")
    assert changed.run("plan", "app").code == 3

    undo(changed, plan)

    assert state(sandbox) == before
    [begin] = [record for record in changed.journal() if record["kind"] == "run_begin"]
    assert (begin["users"], begin["groups"]) == (6, 1)  # what the next plan is compared with
    assert begin["filled"]["userPrincipalName"] == 6


def test_0_without_removals_only_what_gives_is_undone(changed: Company, sandbox: Sandbox) -> None:
    plan = changed.newest()
    changed.apply()

    revert(changed, plan, "--no-removals")

    assert ("revoke", "dan@contoso.example") not in changed.operations()
    assert [one["key"] for one in changed.body()["withheld"]] == ["dan@contoso.example"]
    changed.apply("--expect", changed.body()["operations_digest"])
    assert sandbox.users()["bob@contoso.example"]["active"] is True


@pytest.mark.parametrize("removals", [True, False], ids=["whole", "without removals"])
def test_0_a_revert_and_its_revert_are_for_whom_the_plan_was(
    changed: Company, removals: bool
) -> None:
    changed.plan(*() if removals else ("--no-removals",))
    for _ in range(3):
        plan = changed.newest()
        changed.apply()
        assert changed.journal()[0]["everybody"] is removals
        revert(changed, plan)


def test_0_it_can_be_written_elsewhere_and_the_same_inputs_give_the_same_bytes(
    changed: Company, tmp_path: Path
) -> None:
    plan, out, again = changed.newest(), tmp_path / "a.json", tmp_path / "b.json"
    changed.apply()

    for path in (out, again):
        revert(changed, plan, "--no-store", "--out", path)

    bodies = [json.loads(path.read_text("utf-8"))["body"] for path in (out, again)]
    assert bodies[0] == bodies[1]
    assert len(changed.plans()) == 2
    assert changed.run("apply", "--auto-approve", out).code == 0
    assert len(changed.plans()) == 3


def test_0_what_somebody_changed_since_is_left_and_named(
    changed: Company, sandbox: Sandbox
) -> None:
    plan = changed.newest()
    changed.apply()
    ids = {name: user["id"] for name, user in sandbox.users().items()}
    with sandbox.by_hand() as target:
        title = [{"op": "replace", "path": "title", "value": "Chief"}]
        target.patch(USER, ids["ada@contoso.example"], title)
        target.delete(USER, ids["bob@contoso.example"])

    body = undo(changed, plan)

    assert skipped(body) == [
        ("ada@contoso.example", "EntryConflict", "changed since the plan: title"),
        (
            "bob@contoso.example",
            "InvalidAnchor",
            "not there any more: it was deleted since",
        ),
    ]
    told = json.loads(changed.run("history", "--format", "json", "app").out)
    assert told["plans"][-1]["reverts"] == told["plans"][-2]["digest12"] == plan.name[-22:-10]
    statuses = {one["provisioningStatusInfo"]["status"] for one in told["value"][-8:]}
    assert statuses == {"success", "skipped"}
    assert sandbox.users()["ada@contoso.example"]["title"] == "Chief"
    assert "cleo@contoso.example" in sandbox.users()


@pytest.mark.parametrize(
    ("leaves_scope", "expected"),
    [
        ("disable", [("disable", "gil@contoso.example")]),
        ("delete", [("delete", "Team"), ("delete", "gil@contoso.example")]),
        pytest.param("keep", [], marks=pytest.mark.slow),
    ],
)
def test_0_what_was_created_goes_as_the_configuration_lets_people_go(
    settled: Company, sandbox: Sandbox, leaves_scope: str, expected: list[tuple[str, str]]
) -> None:
    limits = {
        name: {"at_most": 9, "percent": 100}
        for name in (*EFFECTS, "delete_users", "delete_groups", "empty_groups")
    }
    settled.application = {
        "lifecycle": {"leaves_scope": leaves_scope},
        "safety": {**limits, "min_admins": 0},
        "assignments": [{"group": "Staff", "role": "User"}, {"group": "Team"}],
    }
    settled.hire("gil")
    settled.group("Team")["members"] = ["ada", "gil"]
    settled.settle()

    body = undo(settled, settled.newest())

    operations = [(one["action"], one["key"]) for one in body["operations"]]
    assert [one for one in operations if one[0] != "remove_members"] == expected
    assert ("remove_members", "Staff") in operations
    gil = sandbox.users().get("gil@contoso.example")
    assert (gil is None) is (leaves_scope == "delete")
    assert gil is None or gil["active"] is (leaves_scope == "keep")
    assert (body["skipped"] == []) is (leaves_scope == "delete")


def test_0_what_was_deleted_is_named_and_does_not_come_back(
    settled: Company, sandbox: Sandbox
) -> None:
    limits = {name: {"at_most": 9, "percent": 100} for name in (*EFFECTS, "delete_users")}
    settled.application = {"lifecycle": {"deleted_at_source": "delete"}, "safety": limits}
    settled.lose("eve")
    settled.settle()

    revert(settled, settled.newest())

    assert settled.operations() == []
    [(staff, member), (eve, gone)] = [(key, why) for key, _, why in skipped(settled.body())]
    assert (staff, member) == (
        "Staff",
        "members not there any more, so not put back: eve@contoso.example",
    )
    assert (eve, gone[:20]) == ("eve@contoso.example", "deleted by the plan:")


def test_3_a_plan_that_was_never_applied(changed: Company, sandbox: Sandbox) -> None:
    sandbox.requests.clear()

    ended = revert(changed, changed.newest(), code=3)

    assert "error[never-applied]" in ended.err
    assert "hint: `reconciler history app` says which plans were applied" in ended.err
    assert sandbox.requests == []


def test_3_an_application_that_is_not_configured_any_more(changed: Company) -> None:
    plan = changed.newest()
    changed.apply()
    text = changed.file.read_text("utf-8")
    changed.file.write_text(text.replace('"app":', '"other":'), "utf-8")

    assert "error[unknown-application]" in revert(changed, plan, code=3).err


def test_3_a_plan_that_nobody_knows(changed: Company) -> None:
    assert "no plan" in revert(changed, Path("0123456789ab"), code=3).err


def test_5_a_guard_blocks_a_revert_too(changed: Company, sandbox: Sandbox) -> None:
    plan = changed.newest()
    changed.apply()
    changed.application["safety"] = {**ANYTHING, "protected": ["dan@contoso.example"]}
    changed.write()

    ended = revert(changed, plan, code=5)

    assert "Blocked by protected" in ended.out
    assert len(changed.plans()) == 3
    revert(changed, plan, "--no-removals", code=5)


def test_6_a_damaged_journal(changed: Company, sandbox: Sandbox) -> None:
    plan = changed.newest()
    changed.apply()
    journal = plan.with_name(plan.name.replace(".plan.json", ".journal.jsonl"))
    journal.write_bytes(journal.read_bytes().replace(b"verified", b"recorded", 1))
    sandbox.requests.clear()

    ended = revert(changed, plan, code=6)

    assert "does not follow the line before" in ended.err
    assert sandbox.requests == []


@pytest.mark.parametrize("whose", ["its own", "a later run's"])
def test_6_a_lost_journal(changed: Company, sandbox: Sandbox, whose: str) -> None:
    """Also its own: a plan whose journal is gone is not one that was never applied."""
    plan = changed.newest()
    changed.apply()
    changed.hire("gil")
    changed.settle()
    lost = plan if whose == "its own" else changed.newest()
    lost.with_name(lost.name.replace(".plan.json", ".journal.jsonl")).unlink()
    sandbox.requests.clear()

    ended = revert(changed, plan, code=6)

    assert "a journal is missing, or the end of one" in ended.err
    assert sandbox.requests == []


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_history_tells_of_a_lost_journal_and_lists_the_rest(changed: Company, form: str) -> None:
    whole = changed.run("history", "--format", form, "app")
    changed.apply()
    changed.hire("gil")
    changed.settle()
    lost = changed.newest()
    lost.with_name(lost.name.replace(".plan.json", ".journal.jsonl")).unlink()

    ended = changed.run("history", "--format", form, "app")

    assert (whole.code, whole.err) == (0, "")
    assert ended.code == 0
    assert lost.name[-22:-10] in ended.out
    warning, hint = ended.err.splitlines()
    assert warning.startswith("warning: a journal is missing, or the end of one: run 3 wrote to")
    assert "reconciler audit verify" in hint


def test_6_an_altered_plan(changed: Company) -> None:
    plan = changed.newest()
    changed.apply()
    plan.chmod(0o600)
    plan.write_bytes(plan.read_bytes().replace(b"Boss", b"boss", 1))

    assert "altered" in revert(changed, plan, code=6).err


def test_6_a_plan_for_another_tenant(changed: Company, sandbox: Sandbox) -> None:
    plan = changed.newest()
    changed.apply()
    sandbox.requests.clear()
    changed.target = {"tenant_url": f"http://127.0.0.1:{free_port()}/v2"}
    changed.write()

    ended = revert(changed, plan, code=6)

    assert f"the plan was for {sandbox.url}" in ended.err
    assert sandbox.requests == []


def test_7_what_failed_in_the_plan_is_not_undone_and_what_changed_later_is_a_conflict(
    changed: Company, sandbox: Sandbox
) -> None:
    plan, ids = changed.newest(), {name: u["id"] for name, u in sandbox.users().items()}
    title = [{"op": "replace", "path": "title", "value": "Chief"}]
    with sandbox.by_hand() as target:
        target.patch(USER, ids["ada@contoso.example"], title)
    changed.apply(code=7)

    revert(changed, plan)

    assert ("update", "ada@contoso.example") not in changed.operations()
    codes = [one["code"] for one in changed.body()["warnings"]]
    assert (changed.body()["skipped"], codes) == ([], ["done-again", "not-finished"])
    with sandbox.by_hand() as target:
        active = [{"op": "replace", "path": "active", "value": True}]
        target.patch(USER, ids["bob@contoso.example"], active)
    changed.apply(code=7)
    assert sandbox.users()["cleo@contoso.example"]["id"] == ids["cleo@contoso.example"]


@pytest.mark.usefixtures("hurried")
def test_7_a_revert_that_was_cut_short_is_resumed_by_the_same_command(
    changed: Company, sandbox: Sandbox
) -> None:
    changed.target = {"concurrency": 1}
    changed.write()
    before, plan = state(sandbox), changed.newest()
    changed.apply()
    revert(changed, plan)
    sandbox.requests.clear()

    def hang_up(method: str, path: str) -> None:
        if len(sandbox.writes) >= 2:
            raise ConnectionError

    sandbox.before = hang_up
    changed.apply(code=7)
    sandbox.before = lambda method, path: None

    assert "Resumed" in changed.apply().out
    assert state(sandbox) == before


def test_9_a_service_that_cannot_be_read(
    changed: Company, sandbox: Sandbox, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = changed.newest()
    changed.apply()
    before = changed.plans()
    sandbox.reset([])

    assert "shows nobody" in revert(changed, plan, code=9).err
    assert changed.plans() == before


def test_the_help_has_an_example(company: Company) -> None:
    ended = company.run("revert", "--help")

    assert ended.code == 0
    assert "Example:\n    reconciler revert " in ended.out
