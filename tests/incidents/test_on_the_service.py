"""The incidents that need an apply, or somebody's hands on the service, to be told."""

import json
from pathlib import Path

import pytest

from reconciler.plan.digest import digest
from reconciler.states import ResourceType
from reconciler.testing import Fault, Inject, Reply, Request, Turn
from reconciler.testing.fault import GROUP_CHANGES
from reconciler.testing.schedule import Line
from tests.e2e.company import GROUP
from tests.incidents.checks import check_harm, check_stop
from tests.incidents.naive import Naive
from tests.incidents.scenarios import DELETES, nothing_exported, renamed, unmap_members
from tests.incidents.scene import Harm, Scene
from tests.servers import TOKEN, open_target


def test_groups_that_we_never_made(scene: Scene) -> None:
    with open_target(scene.url) as service:
        for name in ("AWSControlTowerAdmins", "AWSLogArchive"):
            service.create(ResourceType.GROUP, {"schemas": [GROUP], "displayName": name})
    scene.keep()
    scene.company.application["lifecycle"] = DELETES
    before = scene.restore()

    check_stop(7, scene.plan(), scene)
    assert scene.apply().code == 0
    assert scene.state() == before

    scene.naive(deletes=True)
    check_harm(7, scene.state().harm_since(before))


def test_a_query_that_found_nothing(scene: Scene) -> None:
    scene.company.application["lifecycle"] = DELETES
    nothing_exported(scene.company)
    before = scene.restore()

    check_stop(13, scene.plan("--user", "bob@contoso.example"), scene)
    assert scene.state() == before

    scene.naive(deletes=True)
    check_harm(13, scene.state().harm_since(before))


def test_a_row_that_is_missing_once(scene: Scene) -> None:
    """By default the account is switched off, with all that it has, and comes back as it was."""
    before = scene.restore()
    bob = scene.company.people.pop("bob")
    scene.plan()
    check_stop(13, scene.apply(), scene, which=1)
    assert scene.state().harm_since(before) == Harm(accounts_disabled=1)

    scene.company.people["bob"] = bob
    scene.plan()
    assert scene.apply().code == 0
    assert scene.state().harm_since(before) == Harm()


def test_members_that_nobody_asked_us_to_own(scene: Scene) -> None:
    unmap_members(scene.company)
    before = scene.restore()

    check_stop(21, scene.plan(), scene)
    assert scene.apply().code == 0
    assert scene.state() == before

    scene.naive()
    check_harm(21, scene.state().harm_since(before))


def _put_without_members(request: Request, turn: Turn) -> Reply:
    if request.method != "PUT":
        return turn.forward(request)
    return turn.forward(request.saying({**request.json(), "members": []}))


NO_MEMBERS = Fault("no-members", "F31", "no member is stored", GROUP_CHANGES, _put_without_members)


@pytest.mark.parametrize(
    ("number", "fault", "puts"),
    [
        pytest.param(22, Inject(NO_MEMBERS), True, id="a group that is put has no members"),
        pytest.param(23, Inject("members-wiped"), False, id="a member comes, the others go"),
    ],
)
def test_a_service_that_takes_more_than_it_is_asked_to(
    number: int, fault: Line, puts: bool, scene: Scene
) -> None:
    """What one request has done is done; there is no second one, and nobody calls it done."""
    if puts:
        profile = scene.company.folder / "puts.yaml"
        profile.write_text("extends: generic\nwrite: {group_update: put}\n", "utf-8")
        scene.company.target["profile"] = "puts.yaml"
    for team, name in (("Desk", "dan"), ("Sales", "gus")):
        scene.company.group(team)["members"].append(name)
    before = scene.restore()
    scene.plan()
    scene.faulty.arm(fault)

    check_stop(number, scene.apply(), scene)
    assert len(scene.faulty.writes) == 1
    assert "done" not in {record["kind"] for record in scene.company.journal()}
    assert scene.state().harm_since(before) == Harm(memberships_lost=6)

    scene.restore(fault)
    scene.naive(puts=puts)
    check_harm(number, scene.state().harm_since(before))


def test_groups_are_not_put_unless_a_profile_says_so(scene: Scene) -> None:
    scene.company.group("Desk")["members"].append("dan")
    before = scene.restore(Inject(NO_MEMBERS))
    scene.plan()

    assert scene.apply().code == 0
    assert scene.state().harm_since(before) == Harm()


def doctored(path: Path, ids: dict[str, str], *, resealed: bool) -> None:
    """Put other ids into a plan, with digests that fit if it is *resealed*."""
    text = path.read_text("utf-8")
    for wrong, right in ids.items():
        text = text.replace(f'"target_id":"{right}"', f'"target_id":"{wrong}"')
    path.write_text(text, "utf-8")
    if resealed:
        said = json.loads(text)
        body = said["body"]
        plain = [{k: v for k, v in op.items() if k != "precondition"} for op in body["operations"]]
        made_of = [body["application"], body["target"]["tenant_url"], plain]
        body["operations_digest"] = digest(made_of)
        said["digest"] = digest(body)
        path.write_text(json.dumps(said), "utf-8")


@pytest.mark.parametrize("resealed", [False, True], ids=["edited", "with digests that fit"])
def test_the_right_script_with_the_wrong_ids(resealed: bool, scene: Scene) -> None:
    scene.company.application["lifecycle"] = DELETES
    scene.company.lose("gus", "hal")
    scene.company.application["safety"] = {"remove_members": {"at_most": 99, "percent": 99}}
    before = scene.restore()
    of = {user["externalId"]: each for each, user in before.users.items()}
    ids = {of["bob"]: of["gus"], of["cleo"]: of["hal"]}
    scene.plan()
    doctored(scene.company.newest(), ids, resealed=resealed)

    check_stop(25, scene.apply(), scene, which=int(resealed))
    assert before.users == scene.state().users

    before = scene.restore()
    naive = Naive(scene.url, TOKEN, deletes=True)
    for each in ids:
        naive.remove(each)
    check_harm(25, scene.state().harm_since(before))


def test_another_address_is_the_same_person(scene: Scene) -> None:
    renamed("bob")(scene.company)
    before = scene.restore()
    scene.plan()

    check_stop(27, scene.apply(), scene)
    after = scene.state()
    assert after.harm_since(before) == Harm()
    assert "bob@newco.example" in {user["userName"] for user in after.users.values()}

    scene.restore()
    scene.naive(deletes=True)
    check_harm(27, scene.state().harm_since(before))
