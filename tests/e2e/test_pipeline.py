"""
The shipped GitHub Actions templates, run step by step against the sandbox.

What runs is the text of ``examples/ci/github/*.yml`` itself (see
:mod:`tests.e2e.actions` for what stands in for GitHub): a pull request, its
plan, the merge, the apply, and everything that must be refused on the way.
"""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.actions import git
from tests.e2e.company import command
from tests.e2e.hub import TOKEN, Application, Hub, edit

pytestmark = pytest.mark.slow

MARKER = "<!-- reconciler-review "
HILDA = "p-1006,hilda@contoso.example,Hilda,Mises,hilda@contoso.example,Clerk,Employee,true,false\n"


def hire(row: str) -> Any:
    """Return a change that adds a person to the source, and to the group Staff."""

    def change(folder: Path) -> None:
        people, groups = folder / "people.csv", folder / "groups.yaml"
        people.write_text(people.read_text("utf-8") + row, "utf-8")
        edit(groups, "p-1005]", f"p-1005, {row.split(',')[0]}]")

    return change


def nothing(folder: Path) -> None:
    """Change nothing: a pull request that only asks what is left to do."""


def review(hub: Hub, number: int) -> dict[str, Any]:
    """Return what the first line of the newest comment says."""
    first = hub.comments(number)[-1]["body"].splitlines()[0]
    said: dict[str, Any] = json.loads(first.removeprefix(MARKER).removesuffix(" -->"))
    return said


def journals(hub: Hub) -> list[str]:
    """Return the names of the journals on main."""
    return [name for name in hub.files() if name.endswith(".journal.jsonl")]


@pytest.fixture(scope="module")
def application_of_story() -> Iterator[Application]:
    application = Application()
    yield application
    application.close()


@pytest.fixture
def application() -> Iterator[Application]:
    application = Application()
    yield application
    application.close()


@pytest.fixture
def hub(tmp_path: Path, application: Application) -> Hub:
    return Hub(tmp_path, application.tenant_url)


class Story:
    """A pull request that is planned, changed, planned again, merged and applied."""

    def __init__(self, folder: Path, application: Application) -> None:
        self.application = application
        self.hub = Hub(folder, application.tenant_url)
        self.hub.pull_request(1, nothing)
        self.first_plan = self.hub.plan(1)
        self.first_review = review(self.hub, 1)
        self.hub.pull_request(1, hire(HILDA))
        self.second_plan = self.hub.plan(1)
        self.before_merge = application.users()
        self.reviewed = review(self.hub, 1)
        self.merge = self.hub.merge(1)
        self.applied = self.hub.apply(self.merge)
        self.tip = git(self.hub.origin, "rev-parse", "main")
        self.last_push = self.hub.direct(nothing)
        self.second_apply = self.hub.apply(self.last_push)
        self.last_tip = git(self.hub.origin, "rev-parse", "main")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, application_of_story: Application) -> Story:
    return Story(tmp_path_factory.mktemp("story"), application_of_story)


def test_a_pull_request_is_planned_without_writing_anything(story: Story) -> None:
    assert (story.second_plan.code, story.second_plan.failed) == (0, None)
    assert story.before_merge == []


def test_the_comment_shows_the_plan_and_its_operations_digest(story: Story) -> None:
    comment = story.hub.comments(1)[0]["body"]

    assert "hilda@contoso.example" in comment
    assert comment.count(story.reviewed["operations"]["example-app"]) >= 2


def test_a_newer_commit_replaces_the_comment(story: Story) -> None:
    assert story.first_plan.code == 0
    assert len(story.hub.comments(1)) == 1
    assert story.first_review["commit"] != story.reviewed["commit"]
    assert story.first_review["operations"] != story.reviewed["operations"]


def test_ruling_15_the_merge_applies_exactly_the_reviewed_operations(story: Story) -> None:
    [journal] = journals(story.hub)
    begun = json.loads(story.hub.text(journal).splitlines()[0])

    assert (story.applied.code, story.applied.failed) == (0, None)
    assert begun["operations_digest"] == story.reviewed["operations"]["example-app"]
    assert story.application.users() == [
        "ada@contoso.example",
        "grace@contoso.example",
        "hilda@contoso.example",
        "sofia@contoso.example",
    ]


def test_ruling_16_the_plan_and_its_journal_are_committed_on_main(story: Story) -> None:
    stored = [name for name in story.hub.files() if name.startswith("plans/")]
    [journal] = journals(story.hub)

    assert stored == sorted([journal, journal.replace(".journal.jsonl", ".plan.json")])
    assert git(story.hub.origin, "rev-parse", f"{story.tip}^") == story.merge


def test_the_commit_of_the_store_starts_no_workflow(story: Story) -> None:
    assert "[skip ci]" in git(story.hub.origin, "log", "-1", "--format=%s", story.tip)


def test_a_push_that_changes_nobody_applies_nothing_and_commits_nothing(story: Story) -> None:
    assert (story.second_apply.code, story.second_apply.outputs["Apply"]) == (0, "")
    assert story.last_tip == story.last_push


def test_no_step_prints_the_token(story: Story) -> None:
    for ran in (story.first_plan, story.second_plan, story.applied, story.second_apply):
        assert TOKEN not in ran.output


def test_ruling_17_a_pull_request_cannot_send_the_token_elsewhere(
    hub: Hub, application: Application
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        url = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/v2"
        hub.pull_request(
            1, lambda folder: edit(folder / "provisioning.yaml", application.tenant_url, url)
        )
        ran = hub.plan(1)
        elsewhere.setblocking(False)

        assert (ran.failed, ran.code) == ("Plan", 3)
        assert "policy-target" in ran.outputs["Plan"]
        with pytest.raises(BlockingIOError):  # nobody waits to be accepted
            elsewhere.accept()
    assert review(hub, 1)["operations"] == {}


def test_a_plan_that_fails_replaces_the_comment_of_the_one_before(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, nothing)
    hub.plan(1)
    hub.pull_request(
        1,
        lambda folder: edit(
            folder / "provisioning.yaml", application.tenant_url, "https://x.example"
        ),
    )
    hub.plan(1)
    [comment] = hub.comments(1)

    assert "There is no plan of this commit" in comment["body"]
    assert hub.apply(hub.merge(1)).code != 0


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("plans/README.md", id="the store"),
        pytest.param("plans", id="a file in place of the store"),
        pytest.param("elsewhere/example-app/x.journal.jsonl", id="a journal elsewhere"),
        pytest.param("x.plan.json", id="a plan elsewhere"),
    ],
)
def test_ruling_16_a_pull_request_that_touches_the_store_is_refused(hub: Hub, path: str) -> None:
    def change(folder: Path) -> None:
        folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(path).write_text("{}", "utf-8")

    hub.pull_request(1, change)
    ran = hub.plan(1)

    assert ran.failed == "Refuse changes to the store"
    assert path in ran.output
    assert hub.comments(1) == []


def test_a_store_that_grew_on_main_is_no_change_of_the_pull_request(hub: Hub) -> None:
    hub.pull_request(1, nothing)

    def record(folder: Path) -> None:
        folder.joinpath("plans").mkdir()
        folder.joinpath("plans", "README.md").write_text("plans and journals", "utf-8")

    hub.direct(record)

    assert hub.plan(1).failed is None


def test_other_operations_than_the_reviewed_ones_are_refused(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, hire(HILDA))
    hub.plan(1)
    hub.direct(lambda folder: edit(folder / "people.csv", "Head of Analysis", "Director"))
    ran = hub.apply(hub.merge(1))

    assert (ran.failed, ran.code) == ("Apply", 6)
    assert review(hub, 1)["operations"]["example-app"] in ran.outputs["Apply"]
    assert application.users() == []
    assert journals(hub) == []


def test_a_plan_of_another_commit_than_the_merged_one_is_no_review(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, hire(HILDA))
    hub.plan(1)
    hub.pull_request(1, nothing)
    ran = hub.apply(hub.merge(1))

    assert (ran.failed, ran.code) == ("Find what was reviewed", 6)
    assert application.users() == []


def test_what_nobody_reviewed_is_not_applied(hub: Hub, application: Application) -> None:
    ran = hub.apply(hub.direct(hire(HILDA)))

    assert (ran.failed, ran.code) == ("Find what was reviewed", 6)
    assert application.users() == []


def test_a_comment_of_somebody_else_is_no_review(hub: Hub, application: Application) -> None:
    hub.pull_request(1, hire(HILDA))
    hub.plan(1)
    [comment] = hub.comments(1)
    hub.write("comments", "1", [{**comment, "user": {"login": "mallory"}}])
    ran = hub.apply(hub.merge(1))

    assert (ran.failed, ran.code) == ("Find what was reviewed", 6)
    assert application.users() == []


def test_what_is_left_to_do_is_reviewed_by_an_empty_pull_request(
    hub: Hub, application: Application
) -> None:
    hub.direct(hire(HILDA))
    hub.pull_request(1, nothing)
    hub.plan(1)

    assert hub.apply(hub.merge(1)).code == 0
    assert "hilda@contoso.example" in application.users()


def test_a_push_that_is_no_longer_the_newest_is_left_to_the_newer_one(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, hire(HILDA))
    hub.plan(1)
    merge = hub.merge(1)
    hub.direct(lambda folder: edit(folder / "people.csv", "Head of Analysis", "Director"))
    ran = hub.apply(merge)

    assert (ran.failed, ran.code) == ("Leave it to a newer push", 6)
    assert application.users() == []


def test_an_apply_that_was_cut_short_is_resumed_by_running_the_job_again(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, hire(HILDA))
    hub.plan(1)
    merge = hub.merge(1)
    application.refusing = "hilda@"
    first = hub.apply(merge)
    between = application.users()
    application.refusing = None
    again = hub.apply(merge)

    assert (first.failed, first.code) == ("Apply", 7)
    assert "hilda@contoso.example" not in between
    assert (again.failed, again.code) == (None, 0)
    assert "Resumed" in again.outputs["Apply"]
    assert application.users() == sorted([*between, "hilda@contoso.example"])
    assert len(journals(hub)) == 1


def test_journals_that_main_refuses_are_kept_on_a_branch(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, hire(HILDA))
    hub.plan(1)
    merge = hub.merge(1)
    hook = hub.origin / "hooks" / "update"
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n', "utf-8")
    hook.chmod(0o755)
    ran = hub.apply(merge)
    rescued = hub.files("provisioning-store-77-1")

    assert (ran.failed, ran.code) == ("Commit the store", 1)
    assert journals(hub) == []
    assert [name for name in rescued if name.endswith(".journal.jsonl")]


def lose_two(folder: Path) -> None:
    """Let two of three leave, by a filter."""
    edit(folder / "people.csv", "Engineer,Employee", "Engineer,Contractor")
    edit(folder / "people.csv", ",,Employee", ",,Contractor")


def test_a_journal_that_main_has_continued_otherwise_is_kept_on_a_branch(
    hub: Hub, application: Application
) -> None:
    hub.pull_request(1, nothing)
    hub.plan(1)
    hub.apply(hub.merge(1))
    hub.pull_request(2, lose_two)
    hub.plan(2)
    merge = hub.merge(2)
    kept, theirs = "plans/example-app/attempts.jsonl", '{"of": "another job"}'
    application.meanwhile = lambda: hub.direct(
        lambda folder: (folder / kept).write_text(theirs, "utf-8")
    )
    ran = hub.apply(merge)

    assert (ran.failed, ran.code) == ("Apply", 5)
    assert hub.text(kept) == theirs
    assert '"kind":"blocked"' in hub.text(kept, "provisioning-store-77-1")
    assert "bring the branch provisioning-store-77-1 there" in ran.output


def test_a_guard_that_blocks_fails_the_check_and_the_comment_shows_it(hub: Hub) -> None:
    hub.pull_request(1, nothing)
    hub.plan(1)
    hub.apply(hub.merge(1))
    hub.pull_request(2, lose_two)
    ran = hub.plan(2)

    assert (ran.failed, ran.code) == ("Plan", 5)
    assert "accidental_deletions" in hub.comments(2)[0]["body"]


def test_an_approval_on_main_lets_a_blocked_plan_pass(hub: Hub, application: Application) -> None:
    hub.pull_request(1, nothing)
    hub.plan(1)
    hub.apply(hub.merge(1))
    before = application.active()
    hub.pull_request(2, lose_two)
    hub.plan(2)
    merge = hub.merge(2)

    blocked = hub.apply(merge)
    between = application.active()
    hub.direct(approve_in)
    ran = hub.apply(merge)

    assert (blocked.failed, blocked.code) == ("Apply", 5)
    assert between == before
    assert (ran.failed, ran.code) == (None, 0)
    assert len(application.active()) == len(before) - 2
    assert [name for name in hub.files() if name.endswith(".approval.json")]


def approve_in(folder: Path) -> None:
    """Plan in a checkout, and approve every guard that blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCIM_TOKEN", TOKEN)
        config, plan = ("--config", folder / "provisioning.yaml"), folder.parent / "plan.json"
        assert command(*config, "plan", "--no-store", "--out", plan, "example-app").code == 5
        for guard in json.loads(plan.read_text("utf-8"))["body"]["guards"]:
            if guard["blocked"]:
                said = ("--guard", guard["id"], "--count", str(guard["count"]), "--reason", "meant")
                ended = command(*config, "approve", plan, *said)
                assert ended.code == 0, ended.text


def test_a_pull_request_from_a_fork_is_checked_and_gets_no_plan(hub: Hub) -> None:
    hub.pull_request(1, hire(HILDA))
    ran = hub.plan(1, repository="mallory/access")

    assert ran.skipped
    assert hub.comments(1) == []
