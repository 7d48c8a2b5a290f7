"""A service that shows nobody, although our journals know somebody there (INV-4, F40)."""

import json
import shutil
from pathlib import Path

import pytest

from reconciler.states import Listing, LiveState, Recorded, ResourceType
from reconciler.workflow.make_plan import ReadIncomplete, require_somebody
from tests.contract.firm import SAFETY
from tests.e2e.company import Company, Sandbox
from tests.worlds import CAPABILITIES

USER, GROUP = ResourceType.USER, ResourceType.GROUP


@pytest.fixture
def lonely(sandbox: Sandbox, tmp_path: Path) -> Company:
    """One account of ours, whose person is about to leave; another person has none."""
    made = Company(tmp_path / "company", sandbox.url)
    made.hire("ada")
    made.hire("bob")
    made.group("Staff")["members"] = ["ada"]
    made.application = {"lifecycle": {"leaves_scope": "delete"}, "safety": SAFETY}
    made.settle()
    made.group("Staff")["members"] = []
    return made


def test_whom_we_deleted_ourselves_is_not_missed(lonely: Company, sandbox: Sandbox) -> None:
    lonely.settle()

    lonely.plan()

    assert sandbox.users() == {}
    assert lonely.operations() == []


def test_a_run_that_was_cut_off_after_its_last_delete_is_resumed(
    lonely: Company, sandbox: Sandbox
) -> None:
    lonely.settle()
    journal = next(lonely.store.glob(lonely.newest().name.replace(".plan.json", ".journal.*")))
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if is_delete(line))
    journal.write_text("".join(lines[:cut]), "utf-8")

    lonely.apply()

    assert sandbox.users() == {}
    assert lonely.journal()[-1]["kind"] == "run_end"


def is_delete(line: str) -> bool:
    record = json.loads(line)
    return (record["kind"], record.get("action")) == ("done", "delete")


@pytest.mark.parametrize("command", [("plan", "app"), ("explain", "ada")], ids=" ".join)
def test_a_service_that_was_emptied_is_not_filled_again(
    lonely: Company, sandbox: Sandbox, command: tuple[str, str]
) -> None:
    sandbox.reset()

    ended = lonely.run(*command)

    assert ended.code == 9
    said = " ".join(ended.text.split())
    assert "the listing of users shows nobody, and by our journals 1 of ours are there" in said
    assert "may the credential still read users?" in said
    assert sandbox.writes == []


def test_with_another_store_an_emptied_service_is_a_new_one(
    lonely: Company, sandbox: Sandbox
) -> None:
    sandbox.reset()
    lonely.group("Staff")["members"] = ["ada"]
    shutil.move(lonely.folder / "plans", lonely.folder / "old-plans")

    lonely.plan()

    assert [act for act, _ in lonely.operations()] == ["create", "create", "add_members"]


def shown(*ids: str) -> Listing:
    return Listing(tuple({"id": each} for each in ids), len(ids), complete=True)


def links(*accounts: tuple[ResourceType, str]) -> Recorded:
    return Recorded(links={(kind, f"of {each}"): each for kind, each in accounts})


@pytest.mark.parametrize(
    ("users", "groups", "recorded"),
    [
        pytest.param(shown(), shown(), links(), id="nobody was ever there"),
        pytest.param(shown("u1"), shown(), links((USER, "u1")), id="no groups of ours"),
        pytest.param(shown("u9"), None, links((USER, "u1")), id="somebody is there"),
        pytest.param(shown("u1"), None, links((GROUP, "g1")), id="groups are not read"),
        pytest.param(shown(), None, links((USER, "in doubt")), id="perhaps deleted by us"),
    ],
)
def test_an_empty_listing_that_can_be(
    users: Listing, groups: Listing | None, recorded: Recorded
) -> None:
    require_somebody(LiveState(CAPABILITIES, users, groups), recorded, {"in doubt"})


@pytest.mark.parametrize(
    ("users", "groups", "noun"),
    [(shown(), shown("g1"), "users"), (shown("u1"), shown(), "groups")],
)
def test_an_empty_listing_that_cannot_be(users: Listing, groups: Listing, noun: str) -> None:
    recorded = links((USER, "u1"), (USER, "u2"), (GROUP, "g1"), (GROUP, "g2"))
    live = LiveState(CAPABILITIES, users, groups)

    with pytest.raises(ReadIncomplete, match=f"{noun} shows nobody, and by our journals 2 of ours"):
        require_somebody(live, recorded)
