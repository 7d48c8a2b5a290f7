"""Each guard of the table on the wire: it blocks a plan, or an apply, and nothing is written."""

import pytest

from reconciler.states import ResourceType
from tests.e2e.company import ROLES, Company, Sandbox

GROUP, USER = ResourceType.GROUP, ResourceType.USER
WIDE = {"at_most": 1000, "percent": 100}


def blocked(company: Company) -> list[str]:
    """Return which guards block the newest plan."""
    return [guard["id"] for guard in company.body()["guards"] if guard["blocked"]]


@pytest.fixture
def team(company: Company, sandbox: Sandbox) -> Company:
    """Eighteen people in Staff, sixteen of them in Team, of whom three are to leave it."""
    for number in range(12):
        company.hire(f"p{number:02}")
    members = company.group("Team")["members"] = list(company.people)[:16]
    company.application = {
        "assignments": [{"group": "Staff", "role": "User"}, {"group": "Team"}],
        "safety": {"remove_members": WIDE, "group_members": {"at_most": 50, "percent": 20}},
    }
    company.settle()
    company.group("Team")["members"] = members[:-3]
    return company


def test_a_group_that_loses_too_many_blocks_the_plan(team: Company) -> None:
    team.group("Team")["members"] = team.group("Team")["members"][:-1]

    team.plan(code=5)

    assert blocked(team) == ["group_members"]


def test_a_group_of_which_nobody_knows_whose_it_is_any_more_loses_nobody(
    team: Company, sandbox: Sandbox
) -> None:
    """Between plan and apply the journal that says whose the group is was lost."""
    team.plan()
    sandbox.requests.clear()
    for path in team.store.glob("*.journal.jsonl"):
        path.unlink()

    ended = team.apply(code=6)

    assert "a journal is missing" in ended.err
    assert sandbox.writes == []


RAISED = {
    "accidental_deletions": {"enabled": True, **WIDE},
    "source_shrinks": {"percent": 100},
    "half_gone": {"percent": 50},
}


def test_more_than_half_blocks_the_plan_although_its_limit_was_raised(company: Company) -> None:
    company.application = {"safety": RAISED}
    company.settle()
    company.lose("ada", "bob", "cleo", "dan")

    company.plan(code=5)

    assert blocked(company) == ["half_gone"]


def test_more_than_half_blocks_the_apply_when_others_have_gone_since(
    company: Company, sandbox: Sandbox
) -> None:
    company.application = {"safety": RAISED}
    company.settle()
    company.lose("ada", "bob", "cleo")
    company.plan()
    with sandbox.by_hand() as target:
        target.delete(USER, sandbox.users()["eve@contoso.example"]["id"])
    sandbox.requests.clear()

    ended = company.apply(code=5)

    assert "half_gone: 3 of 5 active users of ours" in ended.err
    assert sandbox.writes == []


def lose_the_titles(company: Company) -> None:
    """Export everybody without their titles."""
    for cells in company.people.values():
        cells["jobTitle"] = ""


def test_a_column_that_went_empty_blocks_the_plan(company: Company) -> None:
    for cells in company.people.values():
        cells["jobTitle"] = "Clerk"
    company.settle()
    assert company.journal()[0]["filled"]["jobTitle"] == 6
    lose_the_titles(company)

    ended = company.plan(code=5)

    assert blocked(company) == ["source_shrinks"]
    assert '6 of 6 people have no "jobTitle" any more' in ended.words


def test_a_column_that_was_filled_by_another_apply_since_the_plan_blocks_the_apply(
    company: Company, sandbox: Sandbox
) -> None:
    """The older of two plans was made while nobody had a title; the newer was for one person."""
    company.settle()
    company.hire("gil")
    company.plan()
    older = company.newest()
    for cells in company.people.values():
        cells["jobTitle"] = "Clerk"
    company.plan("--user", "ada@contoso.example")
    company.apply()
    sandbox.requests.clear()

    ended = company.run("apply", "--auto-approve", older)

    assert ended.code == 5, ended.text
    assert '7 of 7 people have no "jobTitle" any more' in ended.err
    assert sandbox.writes == []


def forget(sandbox: Sandbox, *names: str) -> None:
    """Let the service lose accounts."""
    with sandbox.by_hand() as target:
        for name in names:
            target.delete(USER, sandbox.users()[f"{name}@contoso.example"]["id"])


def test_a_service_that_shows_a_part_of_our_accounts_blocks_the_plan(
    company: Company, sandbox: Sandbox
) -> None:
    company.settle()
    forget(sandbox, "ada", "bob", "cleo", "dan")

    company.plan(code=5)

    assert "create_users" in blocked(company)


def test_a_plan_that_creates_again_is_judged_by_the_journals_at_the_apply(
    company: Company, sandbox: Sandbox
) -> None:
    company.settle()
    forget(sandbox, "ada", "bob")
    company.plan()
    company.application = {"safety": {"create_users": {"at_most": 1, "percent": 10}}}
    company.write()
    sandbox.requests.clear()

    ended = company.apply(code=5)

    assert "create_users: 2 of 6 accounts that our journals say are there" in ended.err
    assert sandbox.writes == []


def test_administrators_who_change_places_at_once_block_the_plan(company: Company) -> None:
    """Bob loses a stronger role to become one, in the wave in which Ada stops being one."""
    staff = {"group": "Staff", "role": "User"}
    company.application = {
        "roles": [{"name": "Owner", "value": "owner"}, *ROLES],
        "assignments": [
            staff,
            {"user": "ada", "role": "Administrator"},
            {"user": "bob", "role": "Owner"},
        ],
    }
    company.settle()
    company.application["assignments"] = [staff, {"user": "bob", "role": "Administrator"}]

    ended = company.plan(code=5)

    assert blocked(company) == ["min_admins"]
    assert "1 now, 0 on the way, 1 after this plan; 1 needed" in ended.words
    company.plan("--user", "bob")
    company.apply()
    company.settle()
