"""
`probe --scratch`: what it measures, that it touches nobody else, and that it leaves nothing.

On real servers, over a socket; with faults, on a real one that has them. What is stored
is compared before and after, all of it.
"""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import SourceText, load_profile
from reconciler.live.client import ScimTarget
from reconciler.live.scratch.names import PREFIX
from reconciler.profiles import Profile
from reconciler.sandbox import make_app
from reconciler.states import ResourceType
from reconciler.store.lock import hold
from reconciler.testing import Fault, FaultyScim, Inject, Reply, Request, Turn
from reconciler.testing.fault import DELETES, GROUP_CHANGES, ONE, USER_CHANGES
from reconciler.testing.schedule import Line
from reconciler.workflow.wiring import SystemClock
from tests.contract.services import SERVICES, Service, param
from tests.e2e.company import ENTERPRISE, TOKEN_NAME, USER, USER_MAPPINGS, Company, Ended, command
from tests.proxy import recorded
from tests.servers import TOKEN, FaultServer, open_target

GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
SCRATCH = ("--scratch", "--auto-approve")
BUDGET = 75
"""Requests that writing may take, on a service that takes everything."""


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: None)


def profile_in(file: Path) -> Profile:
    return load_profile("own.yaml", lambda path: SourceText(path, file.read_text("utf-8")))


def guarded(requests: list[Request]) -> bool:
    """Say whether each change and delete follows a read of the same resource, and nothing else."""
    looked = [
        (before.method, before.path) == ("GET", each.path)
        for before, each in pairwise(requests)
        if each.method in ("PATCH", "PUT", "DELETE")
    ]
    return bool(looked) and all(looked)


# every kind of server


EXPECTED: dict[str, dict[str, Any]] = {
    "etags": {"concurrency.etag": "if_declared"},
    "no-patch": {
        "write.user_update": "put",
        "write.group_update": "put",
        "members.remove": "put",
    },
    "scimmy-express4": {"filter.case_sensitive": True},
}
"""What is measured otherwise than on a server that follows the RFC and has no ETags."""
BY_THE_RFC: dict[str, Any] = {
    "filter.case_sensitive": False,
    "list.members": "listed",
    "write.user_update": "patch",
    "write.group_update": "patch",
    "write.patch_filter_path": True,
    "write.atomic": True,
    "members.readable": True,
    "members.remove": "filter",
    "deprovision.active_false": "suspends",
    "deprovision.delete": "hard",
    "attributes.unsupported": (),
    "concurrency.etag": "never",
    "concurrency.read_after_write.retries": 2,
    "errors.duplicate": (409,),
}
EVERY_TIME = ("etags", "no-patch")
SERVERS = {(str(s.config), s.express): s for s in reversed(SERVICES)}.values()
"""Each server once, whatever else a profile says of it."""


@pytest.mark.parametrize("service", [param(s, always=s.name in EVERY_TIME) for s in SERVERS])
def test_what_is_measured(service: Service, tmp_path: Path) -> None:
    file, company = tmp_path / "own.yaml", Company(tmp_path / "company", "")
    with (
        service.running(tmp_path) as opened,
        recorded(opened("t")) as proxy,
        open_target(proxy.url) as target,
    ):
        _fill(target)
        before = _everything(target)
        proxy.requests.clear()
        company.url = proxy.url
        company.write()

        ended = company.run("probe", *SCRATCH, "--write-profile", file, "app")

        requests = list(proxy.requests)
        assert _everything(target) == before
    assert ended.code == 0, ended.text
    assert "left behind" not in ended.err
    assert guarded(requests)
    first_write = next(n for n, each in enumerate(requests) if each.writes)
    assert len(requests) - first_write <= BUDGET
    profile = profile_in(file)
    assert {key: _flag(profile, key) for key in BY_THE_RFC} == {
        **BY_THE_RFC,
        **EXPECTED.get(service.name, {}),
    }


def _fill(target: ScimTarget) -> None:
    people = [
        target.create(ResourceType.USER, {"schemas": [USER], "userName": f"{n}@contoso.example"})
        for n in ("ada", "bob")
    ]
    members = [{"value": each["id"], "type": "User"} for each in people]
    group = {"schemas": [GROUP_URN], "displayName": "Sales", "members": members}
    target.create(ResourceType.GROUP, group)


def _everything(target: ScimTarget) -> list[str]:
    listings = [target.list(kind) for kind in ResourceType]
    return sorted(repr(row) for listing in listings for row in listing.resources)


def _flag(profile: Profile, key: str) -> Any:
    found: Any = profile
    for step in key.split("."):
        found = getattr(found, step)
    return found


# one server, with faults


@dataclass
class Bench:
    """A settled company on a service with faults."""

    scim: FaultyScim
    app: Any
    company: Company

    def stored(self) -> dict[str, Any]:
        return {each.id: each.model_dump() for each in self.app.storage.resources}

    def probe(self, *schedule: Line, arguments: tuple[str | Path, ...] = ()) -> Ended:
        self.scim.arm(*schedule)
        self.company.write()
        return self.company.run("probe", *SCRATCH, *arguments, "app")


@dataclass(frozen=True)
class Served:
    scim: FaultyScim
    app: Any
    url: str
    resources: list[Any]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    app: Any = make_app(TOKEN)
    scim = FaultyScim(app)
    with scim.serve() as url:
        with open_target(url) as target:
            _fill(target)
        yield Served(scim, app, url, deepcopy(list(app.storage.resources)))


@pytest.fixture
def bench(served: Served, tmp_path: Path) -> Bench:
    served.app.storage.resources = deepcopy(served.resources)
    served.scim.arm()
    return Bench(served.scim, served.app, Company(tmp_path / "company", served.url))


def _soft_delete(request: Request, turn: Turn) -> Reply:
    off = {"op": "replace", "path": "active", "value": False}
    return turn.meddle(request, request.path, off)


def _off_is_gone(request: Request, turn: Turn) -> Reply:
    reply = turn.forward(request)
    shown = turn.look(request, request.path).json() or {}
    if shown.get("active") is False:
        turn.app(Request("DELETE", request.path, {}, request.headers))
    return reply


def _value_list_wipes(request: Request, turn: Turn) -> Reply:
    said = request.json() or {}
    operations = said.get("Operations", [])
    wiped = [_without_value(each) for each in operations]
    if wiped == operations:
        named = any(each.get("op") == "remove" for each in operations)
        return Reply.error(400, "no paths here", "invalidPath") if named else turn.forward(request)
    return turn.forward(request.saying({**said, "Operations": wiped}))


def _without_value(operation: dict[str, Any]) -> dict[str, Any]:
    if (operation.get("op"), operation.get("path")) != ("remove", "members"):
        return operation
    return {"op": "remove", "path": "members"}


def _lags(request: Request, turn: Turn) -> Reply:
    """Show somebody who is new only when asked for the third time."""
    asked = turn.memory[request.path] = turn.memory.get(request.path, 0) + 1
    return Reply.error(404, "not yet") if asked < 3 else turn.forward(request)


def fault(name: str, where: Any, act: Callable[[Request, Turn], Reply]) -> Fault:
    return Fault(name, "", "", where, act)


SOFT = fault("soft-delete", DELETES, _soft_delete)
GONE = fault("off-is-gone", USER_CHANGES, _off_is_gone)
WIPES = fault("value-list-wipes", GROUP_CHANGES, _value_list_wipes)
LAGS = fault("lags", ONE, _lags)


@pytest.mark.parametrize(
    ("schedule", "code", "left", "lines"),
    [
        pytest.param(
            ["change-ignored"],
            0,
            0,
            ["write.user_update: could not be measured: PATCH: accepted, and nothing changes"],
            id="changes are ignored",
        ),
        pytest.param(
            ["half-then-error"],
            0,
            0,
            ["write.user_update: put (PATCH: carried out, and refused with 400; PUT: works)"],
            id="what is carried out is refused",
        ),
        pytest.param(
            ["members-wiped"],
            0,
            0,
            [
                "write.group_update: put (PATCH: loses members; PUT: works)",
                "members.remove: replace (filter: empties the whole group;",
            ],
            id="whoever is not named is lost",
        ),
        pytest.param(
            [WIPES],
            0,
            0,
            [
                "members.remove: replace (filter: refused with 400; "
                "value_list: empties the whole group; replace: works; put: works)"
            ],
            id="a value list empties the group",
        ),
        pytest.param(
            ["delete-ignored"],
            7,
            1,
            [
                "deprovision.delete: could not be measured: a DELETE is accepted, and nothing",
                "members.remove: could not be measured: there are no two users",
            ],
            id="deletes are ignored",
        ),
        pytest.param(
            [SOFT], 7, 1, ["deprovision.delete: soft (whoever is deleted"], id="deletes switch off"
        ),
        pytest.param(
            [GONE], 0, 0, ["deprovision.active_false: deletes"], id="whoever is off is gone"
        ),
        pytest.param(
            [LAGS],
            0,
            0,
            ["concurrency.read_after_write.retries: 2 (the slowest change showed after 1.5 s)"],
            id="reads lag behind",
        ),
        pytest.param(
            [Inject("lost-answer", method="POST")],
            0,
            0,
            ["members.remove: filter", "deprovision.delete: hard"],
            id="answers to creates are lost",
        ),
        pytest.param(["lost-answer"], 0, 0, ["write.user_update: patch"], id="answers are lost"),
        pytest.param(
            ["conflict-after-commit"],
            0,
            0,
            ["write.user_update: could not be measured: no user could be created"],
            id="creates are carried out and refused",
        ),
        pytest.param(
            ["create-ignored"],
            7,
            0,
            ["errors.duplicate: could not be measured: no user could be created"],
            id="creates are made up",
        ),
        pytest.param([Inject("status-403", method="POST")], 4, 0, [], id="nothing may be created"),
        pytest.param(
            [Inject("status-403", method="DELETE")],
            7,
            1,
            ["deprovision.delete: forbidden (a DELETE is refused with 403)"],
            id="nothing may be deleted",
        ),
    ],
)
def test_faults(schedule: list[Line], code: int, left: int, lines: list[str], bench: Bench) -> None:
    before = bench.stored()

    ended = bench.probe(*schedule)

    after = bench.stored()
    new = {each for each in after if each not in before}
    assert "Traceback" not in ended.text
    assert ended.code == code, ended.text
    assert {each: after[each] for each in before} == before
    assert len(new) == left
    assert [each for each in new if f"left behind: User {each}" not in ended.err] == []
    assert [line for line in lines if line not in ended.words] == [], ended.out


def pressing(patch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Press Ctrl-C once the writes of these numbers are carried out, before they are answered."""
    count = 0

    def pressed(method: Callable[..., Any]) -> Callable[..., Any]:
        def send(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            answer, count = method(*arguments, **more), count + 1
            if count in numbers:
                signal.raise_signal(signal.SIGTERM)
            return answer

        return send

    for name in ("create", "patch", "put", "delete"):
        patch.setattr(ScimTarget, name, pressed(getattr(ScimTarget, name)))


FIRST_CLEARED = 20
"""Number of the first write that was carried out in order to clear away."""


@pytest.mark.parametrize("number", [1, 5, 12, FIRST_CLEARED - 1, FIRST_CLEARED])
def test_ctrl_c_at_any_write_leaves_nothing(
    number: int, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bench.stored()
    pressing(monkeypatch, number)

    ended = bench.probe()

    assert ended.code == 130
    assert "left behind" not in ended.err
    assert bench.stored() == before
    assert len(bench.scim.effects) >= number


def test_whoever_insists_on_ctrl_c_is_told_what_is_left(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bench.stored()
    pressing(monkeypatch, FIRST_CLEARED, FIRST_CLEARED + 1)

    ended = bench.probe()

    new = [each for each in bench.stored() if each not in before]
    assert ended.code == 130
    assert len(new) == 1
    assert f"left behind: User {new[0]}: it was not removed yet" in ended.err


def test_a_service_that_goes_away_is_named_with_all_that_is_left(bench: Bench) -> None:
    before = bench.stored()

    ended = bench.probe(Inject("status-503", nth=range(30, 10_000)))

    new = [each for each in bench.stored() if each not in before]
    assert ended.code == 7
    assert len(new) == 1
    assert f"left behind: User {new[0]}" in ended.err
    assert f"Remove by hand what is called {PREFIX}…" in ended.err


# who is touched


def _add(bench: Bench, kind: ResourceType, **values: str) -> str:
    urn = USER if kind is ResourceType.USER else GROUP_URN
    with open_target(bench.company.url) as target:
        return str(target.create(kind, {"schemas": [urn], **values})["id"])


def test_what_an_earlier_run_left_goes_first_and_who_only_looks_like_it_stays(
    bench: Bench,
) -> None:
    stem = f"{PREFIX}0123456789ab"
    ours = [
        _add(bench, ResourceType.USER, userName=f"{stem}@example.invalid", externalId=stem),
        _add(bench, ResourceType.USER, userName=f"{PREFIX}ba9876543210@contoso.example"),
        _add(bench, ResourceType.GROUP, displayName=f"{stem}-patch", externalId=stem),
    ]
    theirs = [
        _add(bench, ResourceType.USER, userName=f"{PREFIX}team@contoso.example"),
        _add(bench, ResourceType.USER, userName=f"{PREFIX}aaaaaaaaaaaa@x.example", externalId="7"),
        _add(bench, ResourceType.GROUP, displayName=f"{PREFIX}people"),
    ]
    before = bench.stored()

    ended = bench.probe()

    assert ended.code == 0
    assert f"    User {stem}@example.invalid\n" in ended.err
    assert f"    Group {stem}-patch\n" in ended.err
    assert f"{PREFIX}team" not in ended.err
    assert bench.stored() == {each: row for each, row in before.items() if each not in ours}
    touched = {each.resource_id for each in bench.scim.writes}
    assert touched.isdisjoint(theirs)
    first = [each.resource_id for each in bench.scim.writes][:3]
    assert (first[0], set(first)) == (ours[-1], set(ours)), "groups go before people"


def test_names_have_a_registered_domain_and_no_mail_address(bench: Bench) -> None:
    bench.company.application = {"registered_domains": ["contoso.example"], "enabled": False}

    ended = bench.probe()

    created = [each.json() for each in bench.scim.writes if each.path == "/Users"]
    assert ended.code == 0
    assert {each["userName"].partition("@")[2] for each in created} == {"contoso.example"}
    assert all(each["externalId"] == each["userName"].partition("@")[0] for each in created)
    assert [each for each in created if "emails" in each or "roles" in each] == []
    assert len({each["userName"] for each in created}) == 2


def test_attributes_that_are_refused_are_found_one_by_one(bench: Bench, tmp_path: Path) -> None:
    badge = "urn:contoso:params:scim:schemas:own:2.0:User:badge"
    lines = [*USER_MAPPINGS, {"target": badge, "source": "jobTitle"}]
    bench.company.application = {"mappings": {"users": lines}}
    file = tmp_path / "own.yaml"

    ended = bench.probe(arguments=("--write-profile", file))

    assert ended.code == 0, ended.text
    assert profile_in(file).attributes.unsupported == (badge,)
    assert "set one by one, as all together are refused with 400" in ended.out


def test_samples_are_neither_rights_nor_addresses_nor_made_up_references(bench: Bench) -> None:
    more: list[dict[str, Any]] = [
        {"target": "preferredLanguage", "constant": "de-DE"},
        {"target": "timezone", "source": "timezone"},
        {"target": 'addresses[type eq "work"].country', "source": "country"},
        {"target": 'phoneNumbers[type eq "work"].value', "source": "phone"},
        {"target": "profileUrl", "source": "url"},
        {"target": "entitlements", "constant": "everything"},
    ]
    bench.company.application = {"mappings": {"users": [*USER_MAPPINGS, *more]}}

    ended = bench.probe()

    assert ended.code == 0, ended.text
    sample = [each.json() for each in bench.scim.writes if each.path == "/Users"][-1]
    assert "9 of 9 are kept, created with each" in ended.out
    assert (sample["preferredLanguage"], sample["timezone"]) == ("de-DE", "Etc/UTC")
    assert sample["addresses"] == [{"type": "work", "country": "US"}]
    assert sample["phoneNumbers"] == [{"type": "work", "value": "+1 202 555 0103"}]
    assert sample[ENTERPRISE] == {"department": "Scratch"}
    assert {"emails", "roles", "entitlements"}.isdisjoint(sample)
    assert "entitlements (they are rights)" in ended.out


# consent


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code", "writes"), [("yes\n", 0, True), ("no\n", 3, False)])
def test_it_says_what_it_will_do_and_asks(
    typed: str, code: int, writes: bool, bench: Bench
) -> None:
    bench.company.write()

    ended = command(
        "--config", bench.company.file, "probe", "--scratch", "app", stdin=Keyboard(typed)
    )

    assert ended.code == code
    assert f"--scratch writes to {bench.company.url}:" in ended.err
    assert f"{PREFIX}…@example.invalid" in ended.err
    assert bool(bench.scim.writes) is writes
    assert ("nothing was written" in ended.err) is not writes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--scratch",), "there is no terminal to ask on"),
        (("--auto-approve",), "--auto-approve goes with --scratch"),
        (("--scratch", "--auto-approve", "--write-profile", "{file}"), "already-there"),
    ],
)
def test_what_is_refused_before_any_request(
    arguments: tuple[str, ...], words: str, bench: Bench
) -> None:
    bench.company.write()
    named = [each.format(file=bench.company.file) for each in arguments]

    ended = bench.company.run("probe", *named, "app")

    assert (ended.code, words in ended.err) == (3, True)
    assert bench.scim.requests == []


def test_an_apply_that_runs_keeps_it_from_writing(bench: Bench) -> None:
    bench.company.write()
    with hold(bench.company.folder / "plans", "app"):
        ended = bench.probe()

    assert (ended.code, bench.scim.writes) == (8, [])


def test_a_service_that_cannot_be_read_is_not_written_to(bench: Bench) -> None:
    ended = bench.probe("total-high")

    assert (ended.code, bench.scim.writes) == (9, [])
    assert "not measured by writing" in ended.err


def test_a_service_that_takes_no_writes(tmp_path: Path) -> None:
    with FaultServer() as server:
        company = Company(tmp_path / "company", server.url)
        company.write()

        ended = company.run("probe", *SCRATCH, "app")

    assert ended.code == 4
    assert [each.method for each in server.writes] == ["POST"]
