"""
What planning makes of a profile, seen from outside: on a real server, to the empty second plan.

The server is always the sandbox; where a profile says that a service does something
else, the test lets it.
"""

import pytest

from reconciler.states import ResourceType
from tests.contract.firm import SAFETY
from tests.e2e.company import ENTERPRISE, USER_MAPPINGS, Company, Sandbox

ADA = "ada@contoso.example"
KEEP = {"leaves_scope": "keep", "deleted_at_source": "keep"}


def knows(company: Company, text: str) -> None:
    """Let the company's target have a profile."""
    company.folder.mkdir(parents=True, exist_ok=True)
    (company.folder / "own.yaml").write_text(f"extends: generic\n{text}\n", "utf-8")
    company.target = {**company.target, "profile": "own.yaml"}


def warnings(company: Company, code: str) -> list[str]:
    """Return the warnings of the newest plan with a code."""
    return [one["message"] for one in company.body()["warnings"] if one["code"] == code]


def by_hand(sandbox: Sandbox, name: str, path: str, value: object) -> None:
    """Let somebody else change an account."""
    change = [{"op": "replace", "path": path, "value": value}]
    with sandbox.by_hand() as target:
        target.patch(ResourceType.USER, sandbox.users()[name]["id"], change)


# attributes


def test_what_the_service_does_not_keep_is_never_sent(company: Company, sandbox: Sandbox) -> None:
    knows(company, f"attributes: {{unsupported: [title, roles, '{ENTERPRISE}']}}")
    company.people["ada"].update(jobTitle="Boss", department="Ops", manager="bob")
    company.settle()

    ada = sandbox.users()[ADA]
    assert not {"title", "roles", ENTERPRISE} & set(ada)
    by_hand(sandbox, ADA, "title", "Countess")
    company.plan("--detailed-exitcode")
    assert company.operations() == []
    assert warnings(company, "not-kept") == [
        "attributes of users that are neither compared nor written, because by its profile the "
        'service does not keep them: title, roles[primary eq "True"].value, '
        f"{ENTERPRISE}:department, {ENTERPRISE}:manager"
    ]
    told = company.run("explain", "--offline", "--app", "app", ADA)
    assert "title: left out, the service does not keep it" in told.words


def test_what_a_create_alone_can_write_is_written_once(company: Company, sandbox: Sandbox) -> None:
    knows(company, "attributes: {immutable: [title, userName]}")
    company.people["ada"]["jobTitle"] = "Boss"
    company.settle()
    assert sandbox.users()[ADA]["title"] == "Boss"

    company.people["ada"].update(jobTitle="Countess", userPrincipalName="eva@contoso.example")
    company.plan("--detailed-exitcode")

    assert company.operations() == []
    assert [one.partition(" ")[0] for one in warnings(company, "not-sent")] == ["title", "userName"]
    assert ADA in sandbox.users()


def test_what_accounts_are_matched_on_must_be_kept(company: Company, sandbox: Sandbox) -> None:
    knows(company, "attributes: {unsupported: [externalId]}")

    for ended in (company.plan(code=3), company.run("validate")):
        assert ended.code == 3
        assert "error[unfit-profile]: `externalId` is matched on" in ended.err
    assert sandbox.requests == []


# members


def test_members_that_the_service_does_not_show_are_left_alone(
    company: Company, sandbox: Sandbox
) -> None:
    knows(company, "members: {readable: false}")
    company.settle()

    assert not sandbox.groups()["Staff"].get("members")
    ada = sandbox.users()[ADA]["id"]
    with sandbox.by_hand() as target:
        added = [{"op": "add", "path": "members", "value": [{"value": ada, "type": "User"}]}]
        target.patch(ResourceType.GROUP, sandbox.groups()["Staff"]["id"], added)
    company.group("Staff")["members"].remove("ada")
    company.application["assignments"] = [
        {"group": "Staff", "role": "User"},
        {"user": ADA, "role": "User"},
    ]
    company.plan("--detailed-exitcode")

    assert company.operations() == []
    assert "members of groups are neither compared" in warnings(company, "not-kept")[0]


# a service that deletes whoever is disabled


@pytest.fixture
def deleting(company: Company, sandbox: Sandbox) -> Company:
    """Six people in place, at a service that deletes whoever is disabled."""
    knows(company, "deprovision: {active_false: deletes}")
    company.settle()

    def gone(method: str, path: str) -> None:
        storage = sandbox._app.storage
        with storage.operation():  # all are taken away and put back: nobody may look in between
            everybody = storage.resources
            storage.resources = [
                one for one in everybody if getattr(one, "active", None) is not False
            ]

    sandbox.after = gone
    return company


def test_whoever_is_disabled_is_gone_and_the_next_plan_is_empty(
    deleting: Company, sandbox: Sandbox
) -> None:
    deleting.people["ada"]["accountEnabled"] = "false"
    ended = deleting.plan()

    assert deleting.operations() == [("remove_members", "Staff"), ("disable", ADA)]
    assert "the service deletes whoever is disabled" in ended.words
    assert "1 of 6 users of ours would be deleted" in ended.words

    deleting.apply()
    assert ADA not in sandbox.users()
    deleting.plan("--detailed-exitcode")
    assert deleting.operations() == []


def all_disabled(company: Company) -> Company:
    """Let everybody be disabled, and so deleted."""
    company.application["safety"] = SAFETY
    for person in company.people.values():
        person["accountEnabled"] = "false"
    company.settle()
    return company


def test_whom_we_disabled_and_so_deleted_is_not_missed(deleting: Company, sandbox: Sandbox) -> None:
    all_disabled(deleting).plan()

    assert sandbox.users() == {}
    assert deleting.operations() == []


def test_a_run_that_was_cut_off_after_its_last_disable_is_resumed(
    deleting: Company, sandbox: Sandbox
) -> None:
    all_disabled(deleting)
    journal = next(deleting.store.glob(deleting.newest().name.replace(".plan.json", ".journal.*")))
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    done = [n for n, line in enumerate(lines) if '"kind":"done"' in line]
    journal.write_text("".join(lines[: done[-1]]), "utf-8")

    deleting.apply()

    assert sandbox.users() == {}
    assert deleting.journal()[-1]["kind"] == "run_end"


def test_disables_that_delete_are_blocked_as_deletes(deleting: Company) -> None:
    deleting.application["safety"] = {"delete_users": {"at_most": 0}}
    deleting.people["ada"]["accountEnabled"] = "false"

    ended = deleting.plan(code=5)

    assert "1 of 6 users of ours would be deleted; more than the 0 allowed" in ended.words


def test_ruling_17_a_plan_of_another_profile_disables_nobody(
    company: Company, sandbox: Sandbox
) -> None:
    knows(company, "deprovision: {active_false: suspends}")
    company.application["safety"] = {"delete_users": {"at_most": 0}}
    company.settle()
    company.lose("ada")
    company.plan()
    sandbox.requests.clear()
    knows(company, "deprovision: {active_false: deletes}")

    ended = company.apply(code=6)

    assert "lifecycle or profile; plan again" in ended.err
    assert sandbox.writes == []


# what the service cannot do


@pytest.mark.parametrize(
    ("profile", "lifecycle", "said"),
    [
        ("{active_false: unsupported}", {}, "nothing-disables"),
        ("{delete: forbidden}", {"leaves_scope": "delete"}, "deletes-not-allowed"),
        ("{active_false: deletes}", {"actions": ["create", "update"]}, "deletes-not-allowed"),
    ],
)
def test_a_lifecycle_that_the_service_cannot_carry_out(
    profile: str, lifecycle: dict[str, object], said: str, company: Company, sandbox: Sandbox
) -> None:
    knows(company, f"deprovision: {profile}")
    company.application["lifecycle"] = lifecycle

    assert f"error[{said}]" in company.plan(code=3).err
    assert sandbox.requests == []


def test_who_is_disabled_at_the_source_is_named_where_nobody_can_be_disabled(
    company: Company, sandbox: Sandbox
) -> None:
    knows(company, "deprovision: {active_false: unsupported, delete: forbidden}")
    company.application["lifecycle"] = KEEP
    company.settle()
    company.people["ada"]["accountEnabled"] = "false"

    company.plan("--detailed-exitcode")

    assert company.operations() == []
    assert "the service cannot disable an account: ada@" in warnings(company, "not-disabled")[0]
    assert sandbox.users()[ADA]["active"]


def test_an_account_that_a_delete_has_switched_off_is_not_deleted_again(
    company: Company, sandbox: Sandbox
) -> None:
    knows(company, "deprovision: {delete: soft}")
    company.application.update(ownership="all", lifecycle={"deleted_at_source": "delete"})
    company.settle()
    with sandbox.by_hand() as target:
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "old"}
        target.create(ResourceType.USER, {**user, "active": False})

    company.plan("--detailed-exitcode")
    knows(company, "deprovision: {delete: hard}")
    company.plan("--detailed-exitcode", code=2)

    assert company.operations() == [("delete", "old")]


# a service that declares no PATCH


@pytest.fixture
def patchless(company: Company, sandbox: Sandbox) -> Company:
    """People alone, at a service that says that it has no PATCH."""
    manager = f"{ENTERPRISE}:manager"
    users = [line for line in USER_MAPPINGS if line["target"] != manager]
    company.application["mappings"] = {"users": users}
    sandbox.stop_patching()
    return company


def test_without_patch_people_are_created_and_changes_are_refused_at_once(
    patchless: Company, sandbox: Sandbox
) -> None:
    patchless.settle()
    patchless.plan("--detailed-exitcode")
    [said] = warnings(patchless, "no-patch")
    assert "users that exist cannot be changed" in said
    patchless.people["ada"]["jobTitle"] = "Boss"
    sandbox.requests.clear()

    ended = patchless.plan(code=3)

    assert "error[no-patch]" in ended.err
    assert "this plan would change 1" in ended.err
    assert "`write: {user_update: put}`" in ended.err
    assert sandbox.writes == []


def test_a_profile_that_says_patch_is_believed(patchless: Company, sandbox: Sandbox) -> None:
    patch = sandbox._app.provider.config.patch

    def denied(method: str, path: str) -> None:
        patch.supported = path != "/ServiceProviderConfig"

    sandbox.before = denied
    knows(patchless, "write: {user_update: patch}")
    patchless.settle()
    patchless.people["ada"]["jobTitle"] = "Boss"
    patchless.settle()

    assert sandbox.users()[ADA]["title"] == "Boss"
    patchless.plan("--detailed-exitcode")
    assert (patchless.operations(), warnings(patchless, "no-patch")) == ([], [])


# listings


def test_a_service_that_lists_nobody_is_said_so_once(company: Company, sandbox: Sandbox) -> None:
    knows(company, "list: {complete: false}")

    ended = company.plan(code=9)

    assert ended.err.count("no listing of this service shows everybody") == 1
    assert "hint: nothing was concluded" in ended.err
    assert sandbox.writes == []
