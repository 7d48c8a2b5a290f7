"""
What a run did, held against what it promised.

Reads the plan files, the lines of the journals and the service's own log, and nothing
else; shares no code with the program (``tests/simulate/test_checker.py`` holds that).
The numbers are those of the invariants in reliability.md, section 2; each violation
also says which of the four figures it counts for: *lost*, *duplicate*, *unplanned*,
*falsely done*.

Where a service keeps no names unique, a duplicate is not the only thing to look for:
what is promised there is that a create of which nobody knows what became of it is not
sent again before it can no longer be carried out late (section 2.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulate.reading import (
    MEMBERS,
    Ids,
    added_beside,
    between,
    carried_out,
    leaves,
    lost,
    members,
    plain,
    shows,
    value_at,
)

Resource = dict[str, Any]
ENDS = ("done", "conflict", "failed")
METHODS = {"POST": ("create",), "DELETE": ("delete",)}
PUT_OR_PATCH = (
    "link",
    "enable",
    "update",
    "add_members",
    "remove_members",
    "revoke",
    "disable",
)


@dataclass(frozen=True)
class Violation:
    """One promise that was not kept."""

    invariant: str
    what: str
    figure: str | None = None
    """`lost`, `duplicate`, `unplanned` or `falsely done`."""


@dataclass(frozen=True)
class History:
    """Everything that the checker may look at."""

    start: datetime
    """The moment from which the log counts microseconds."""
    plans: list[bytes]
    journals: list[bytes]
    log: list[dict[str, Any]]
    """The service's: who, method, kind, id, body, found, meant, before, after, times in us."""
    looks: list[dict[str, Any]]
    """Single resources that the service has shown, and when."""
    past: dict[str, dict[str, list[tuple[int, Resource | None]]]]
    """Every state of every resource, and since when."""
    people: list[dict[str, Any]]
    """Who is to have an account in the end: anchor, name, and groups by anchor."""
    unique: bool
    """Whether the service keeps user names unique."""
    lag: int
    """Microseconds until a read shows what was written."""
    settle: int
    """Microseconds after which nothing is carried out late any more, by the profile."""
    protected: frozenset[str]
    privileged: frozenset[str]
    min_admins: int
    rested: bool
    """Whether the run came to rest; only then is everybody counted."""


@dataclass
class Journaled:
    """One record of a journal."""

    at: int
    data: Resource


@dataclass
class Run:
    """One run of a plan, as its journal tells it."""

    began: int
    digest: str
    records: list[Journaled] = field(default_factory=list)

    def of(self, operation: str, *kinds: str) -> list[Journaled]:
        return [
            one
            for one in self.records
            if one.data.get("op") == operation and one.data["kind"] in kinds
        ]


@dataclass
class Sent:
    """A change that the service was asked for, and the operation that it belongs to."""

    entry: dict[str, Any]
    run: Run
    operation: Resource


class Checker:
    """Judges one history; see :func:`check`."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.found: list[Violation] = []
        self.plans: dict[str, Resource] = {}
        for data in history.plans:
            plan = json.loads(data)
            self.plans[plan["digest"]] = plan
        self.runs: list[Run] = []
        for data in history.journals:
            self._read(data)
        self.runs.sort(key=lambda run: run.began)
        self.ids: dict[str, dict[tuple[str, str], str]] = {}
        """By plan, the ids that its journal has for anchors."""
        self.sent: list[Sent] = []

    def check(self) -> list[Violation]:
        for run in self.runs:
            self._learn(run)
        for entry in self.history.log:
            if entry["actor"] == "client":
                self._place(entry)
        for one in self.sent:
            self._judge_what(one)
            self._judge_when(one)
            self._judge_effect(one)
        self._judge_creates()
        self._judge_order()
        self._judge_done()
        self._judge_ends()
        if self.history.rested:
            self._count_everybody()
        return self.found

    def say(self, invariant: str, what: str, figure: str | None = None) -> None:
        self.found.append(Violation(invariant, what, figure))

    # -- the journals -------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        """Read one journal and its chain; half a line at the end was never written."""
        lines = data.split(b"\n")[:-1]
        before = "0" * 64
        for number, line in enumerate(lines):
            try:
                record = json.loads(line)
            except ValueError:
                if number + 1 != len(lines):
                    self.say("27", f"line {number + 1} of a journal is no record")
                return
            said = record.pop("sum")
            if record["prev"] != before or record["seq"] != number or said != _sum(record):
                self.say("27", f"line {number + 1} of a journal does not fit the chain")
            before = hashlib.sha256(line).hexdigest()
            self._add(record)

    def _add(self, record: Resource) -> None:
        span = datetime.fromisoformat(record["at"]) - self.history.start
        at = (span.days * 86400 + span.seconds) * 1_000_000 + span.microseconds
        if record["kind"] == "run_begin":
            self.runs.append(Run(at, record["plan_digest"]))
        self.runs[-1].records.append(Journaled(at, record))

    def _learn(self, run: Run) -> None:
        """Take in the ids that a run has found out."""
        known = self.ids.setdefault(run.digest, {})
        for one in run.records:
            data = one.data
            if data["kind"] == "done" and data["source_id"] and data["target_id"]:
                known[data["resource_type"], data["source_id"]] = data["target_id"]

    # -- what was sent ------------------------------------------------------------------

    def _operations(self, digest: str) -> list[Resource]:
        plan = self.plans.get(digest)
        found: list[Resource] = plan["body"]["operations"] if plan else []
        return found

    def _place(self, entry: dict[str, Any]) -> None:
        """Find the operation that a change belongs to (INV-7, 12, 27)."""
        began = [run for run in self.runs if run.began < entry["sent"]]
        if not began:
            self.say("27", f"{_told(entry)} was sent, and no run had begun")
            return
        run = began[-1]
        fits = [one for one in self._operations(run.digest) if self._fits(one, entry, run)]
        if not fits:
            self.say("7", f"{_told(entry)} is no operation of the plan", "unplanned")
            return
        meant = [one for one in fits if self._open(run, one["id"], entry["sent"])]
        if not meant:
            self.say("12", f"{_told(entry)} was sent without an intent ({fits[0]['id']})")
            return
        self.sent.append(Sent(entry, run, meant[-1]))

    def _fits(self, operation: Resource, entry: dict[str, Any], run: Run) -> bool:
        if operation["resource_type"] != entry["kind"]:
            return False
        if operation["action"] not in METHODS.get(entry["method"], PUT_OR_PATCH):
            return False
        ids = self.ids[run.digest]
        if entry["method"] == "POST":
            made = carried_out(operation, {}, ids)
            return leaves(made) == leaves(entry["body"])
        known = ids.get((operation["resource_type"], operation["source_id"] or ""))
        return bool(entry["id"] == (operation["target_id"] or known))

    def _open(self, run: Run, operation: str, moment: int) -> bool:
        """Say whether an operation has been begun, and not ended, at a moment."""
        begun = False
        for one in run.of(operation, "intent", *ENDS):
            if one.at < moment:
                begun = one.data["kind"] == "intent"
        return begun

    def _judge_what(self, one: Sent) -> None:
        """A change means what its operation says, and nothing else (INV-7)."""
        entry, ids = one.entry, self.ids[one.run.digest]
        if entry["method"] not in {"PATCH", "PUT"} or entry["found"] is None:
            return
        found, look = entry["found"], self._look_before(entry, one.run)
        if entry["method"] == "PUT" and look is not None and look["shown"] is not None:
            found = look["shown"]  # whoever replaces a resource sends back what was read
        wrong = between(found, carried_out(one.operation, found, ids), entry["meant"])
        wrong = [place for place in wrong if not self._is_beside(one, place, look)]
        if wrong:
            self.say("7", f"{_told(entry)} also changes {wrong}", "unplanned")

    def _is_beside(self, one: Sent, place: str, look: dict[str, Any] | None) -> bool:
        """
        Say whether a PATCH adds to a list beside what an administrator has just put there.

        What is sent is what the plan says: nothing was seen there, so it is added. A PATCH
        cannot say that nothing may be there; a version can, and then the service refuses it.
        What the program put there itself and has not seen again is no excuse, nor is
        anything that takes from the list.
        """
        entry = one.entry
        if entry["method"] != "PATCH" or look is None or look["shown"] is None:
            return False
        seen, found = look["shown"], entry["found"]
        wanted = carried_out(one.operation, seen, self.ids[one.run.digest])
        unseen = any(
            other["actor"] == "admin"
            and (other["kind"], other["id"]) == (entry["kind"], entry["id"])
            and look["at"] - self.history.lag <= other["done"] <= entry["sent"]
            and leaves(other["before"]).get(place) == leaves(seen).get(place)
            and leaves(other["after"]).get(place) == leaves(found).get(place)
            for other in self.history.log
        )
        return unseen and added_beside(place, seen, wanted, found, entry["meant"])

    def _judge_when(self, one: Sent) -> None:
        """What is changed was looked at just before, and was as planned (INV-17)."""
        entry, operation = one.entry, one.operation
        if entry["method"] == "POST":
            return
        look = self._look_before(entry, one.run)
        if look is None:
            self.say("17", f"{_told(entry)} was sent without a look")
            return
        shown = look["shown"]
        tried = any(
            other.operation["id"] == operation["id"] and other.entry["sent"] < entry["sent"]
            for other in self.sent
            if other.run.digest == one.run.digest
        ) or self._begun_before(operation["id"], one.run)
        if shown is None:
            if not tried:
                self.say("17", f"{_told(entry)} was sent to what was not there")
            return
        wrong = list(self._not_as_planned(operation, shown, begun=tried))
        if wrong:
            self.say("17", f"{_told(entry)} was sent, and {wrong} was not as planned")

    def _begun_before(self, operation: str, run: Run) -> bool:
        """
        Say whether an earlier run of the plan meant to send an operation, and did not say its end.

        Whether it was sent before that run died, its program could not write down.
        """
        earlier = [
            one
            for other in self.runs
            if other.digest == run.digest and other.began < run.began
            for one in other.of(operation, "intent", *ENDS)
        ]
        return bool(earlier) and earlier[-1].data["kind"] == "intent"

    def _not_as_planned(
        self, operation: Resource, shown: Resource, *, begun: bool
    ) -> Iterator[str]:
        for change in operation["changes"]:
            path, value = change["path"], value_at(shown, change["path"])
            if path.lower() == MEMBERS:
                there, named = members(shown), {str(m["value"]) for m in change["after"] or ()}
                bound = operation["precondition"] is not None  # what the plan makes has none
                if bound and not begun and (not lost(operation) <= there or named & there):
                    yield path
            elif value != plain(change["before"]) and not (
                begun and value == plain(change["after"])
            ):
                absent_is_active = path == "active" and value is None
                if not (absent_is_active and plain(change["before"]) in {"true", None}):
                    yield path
        if operation["action"] == "delete":
            name = shown.get("userName") or shown.get("displayName")
            if plain(name) != plain(operation["key"]):
                yield "the name"

    def _look_before(self, entry: dict[str, Any], run: Run) -> dict[str, Any] | None:
        looks = [
            look
            for look in self.history.looks
            if run.began < look["at"] < entry["sent"]
            and (look["kind"], look["id"]) == (entry["kind"], entry["id"])
        ]
        return looks[-1] if looks else None

    def _hidden(self, entry: dict[str, Any]) -> bool:
        """Say whether an administrator wrote to it before the program looked at it again."""
        place = entry["kind"], entry["id"]
        looked = [
            look["at"]
            for look in self.history.looks
            if (look["kind"], look["id"]) == place and look["at"] >= entry["done"]
        ]
        return any(
            other["actor"] == "admin"
            and (other["kind"], other["id"]) == place
            and entry["done"] <= other["sent"] <= min(looked, default=other["sent"])
            for other in self.history.log
        )

    def _judge_effect(self, one: Sent) -> None:
        """What a service took that nobody asked for ends the run (INV-10)."""
        entry = one.entry
        if entry["quirk"] != "overreach" or leaves(entry["meant_then"]) == leaves(entry["after"]):
            return
        could_see = entry["answered"] and not self.history.lag and not self._hidden(entry)
        if not could_see or _disables(one.operation):
            return
        later = [
            other.entry
            for other in self.sent
            if other.run is one.run
            and other.entry["sent"] > entry["sent"]
            and other.operation["id"] != one.operation["id"]
        ]
        done = [record.at for record in one.run.of(one.operation["id"], "done")]
        went_on = min([*done, *(other["sent"] for other in later)], default=None)
        if went_on is None or self._is_given_back(entry, went_on):
            return
        if later:
            self.say("10", f"{_told(later[0])} was sent after a loss by {_told(entry)}")
        else:
            self.say("10", f"{_told(entry)} took more than asked, and is called done")

    def _is_given_back(self, entry: dict[str, Any], moment: int) -> bool:
        """
        Say whether the last look before a moment showed that nothing is lost any more.

        A request of before that is carried out late can bring back what was taken. Whoever
        looks more than once cannot tell that from a machine that was behind, and goes by
        the last look; an earlier one, or a return that nobody looked at, proves nothing.
        """
        shown = [
            look["shown"]
            for look in self.history.looks
            if entry["done"] <= look["at"] < moment
            and (look["kind"], look["id"]) == (entry["kind"], entry["id"])
        ]
        return bool(shown) and leaves(shown[-1]) == leaves(entry["meant_then"])

    def _judge_creates(self) -> None:
        """No create is carried out twice, nor sent again blindly (INV-13)."""
        made: dict[tuple[str, str], str] = {}
        doubtful: dict[tuple[str, str], int] = {}
        for one in self.sent:
            entry, key = one.entry, (one.run.digest, one.operation["id"])
            if entry["method"] != "POST":
                continue
            unique = self.history.unique and entry["kind"] == "User"
            soon = entry["sent"] - doubtful.get(key, 0) < self.history.settle
            if not unique and key in doubtful and soon:
                self.say("13", f"{_told(entry)} was sent again, blindly", "duplicate")
            if entry["done"] is not None:
                before = made.get(key)
                if before and self._was(entry["kind"], before, entry["done"]):
                    self.say("13", f"{_told(entry)} was carried out twice", "duplicate")
                made[key] = str(entry["id"])
            if not (entry["answered"] and (entry["status"] or 0) >= 400):
                doubtful[key] = entry["sent"]

    def _was(self, kind: str, resource_id: str, moment: int) -> bool:
        """Say whether a resource was there at a moment, and nobody had deleted it."""
        return _state(self.history.past[kind].get(resource_id, []), moment) is not None

    def _judge_order(self) -> None:
        """What takes comes after what gives, and nobody is locked out by the way (INV-16)."""
        waves: dict[int, int] = {}
        for one in self.sent:
            wave, run = one.operation["wave"], one.run.began
            if wave < waves.get(run, 0):
                self.say("16", f"{_told(one.entry)} was sent after what takes away")
            waves[run] = max(wave, waves.get(run, 0))
            if one.entry["done"] is not None and one.entry["kind"] == "User":
                self._judge_prefix(one)

    def _judge_prefix(self, one: Sent) -> None:
        entry, before, after = one.entry, one.entry["before"], one.entry["after"]
        if before is None or entry["quirk"]:
            return
        name = str(before.get("userName")).lower()
        harmed = (
            after is None
            or (self._on(before) and not self._on(after))
            or (self._admin(before) and not self._admin(after))
        )
        if name in self.history.protected and harmed:
            self.say("16", f"{_told(entry)} harms {name}, who is protected")
        if self._admin(before) and not self._admin(after):
            left = self._admins(entry["done"])
            others = any(
                other["actor"] == "admin" and one.run.began < other["sent"] < entry["done"]
                for other in self.history.log
            )
            if left < self.history.min_admins and not others:
                self.say("16", f"{_told(entry)} leaves {left} administrators")

    def _on(self, resource: Resource | None) -> bool:
        return resource is not None and plain(resource.get("active", True)) == "true"

    def _admin(self, resource: Resource | None) -> bool:
        roles = (resource or {}).get("roles") or ()
        held = {str(role.get("value")).lower() for role in roles}
        return self._on(resource) and bool(held & self.history.privileged)

    def _admins(self, moment: int) -> int:
        return sum(
            self._admin(_state(states, moment)) for states in self.history.past["User"].values()
        )

    # -- what is called done ------------------------------------------------------------

    def _judge_done(self) -> None:
        """What is called done was there at some moment since it was begun (INV-14)."""
        first: dict[tuple[str, str], int] = {}
        for run in self.runs:
            by_id = {one["id"]: one for one in self._operations(run.digest)}
            for record in run.records:
                data = record.data
                key = (run.digest, str(data.get("op")))
                if data["kind"] == "intent":
                    first.setdefault(key, record.at)
                if data["kind"] != "done" or data["op"] not in by_id:
                    continue
                since = min(first.get(key, run.began), run.began) - self.history.lag
                if not self._was_there(
                    by_id[data["op"]], data, self.ids[run.digest], since, record.at
                ):
                    told = f"{data['op']} ({data['action']} {data['key']})"
                    self.say("14", f"{told} is called done and never was", "falsely done")

    def _was_there(
        self, operation: Resource, done: Resource, ids: Ids, since: int, until: int
    ) -> bool:
        states = self.history.past[done["resource_type"]].get(str(done["target_id"]), [])
        seen = [_state(states, since)]
        seen += [state for at, state in states if since < at <= until]
        return any(shows(operation, state, ids) for state in seen)

    def _judge_ends(self) -> None:
        """A plan that is done is never carried out again (INV-21, 25)."""
        ended: dict[str, int] = {}
        for run in self.runs:
            if run.digest in ended:
                for one in self.sent:
                    if one.run is run:
                        self.say("25", f"{_told(one.entry)} was sent for a plan that was done")
            for record in run.records:
                if record.data["kind"] == "run_end" and record.data["status"] == "done":
                    ended[run.digest] = record.at

    # -- who is there in the end --------------------------------------------------------

    def _count_everybody(self) -> None:
        """Everybody who is to have an account has one, and no more than one."""
        users, groups = self._marked("User"), self._marked("Group")
        for person in self.history.people:
            account = users.get(person["anchor"])
            if account is None or not self._on(account):
                self.say("15", f"{person['name']} has no account in the end", "lost")
                continue
            if plain(account["userName"]) != plain(person["name"]):
                self.say("15", f"{person['name']} is called {account['userName']}", "lost")
            for group in person["groups"]:
                if group in groups and account["id"] not in members(groups[group]):
                    self.say("15", f"{person['name']} is not in {group}", "lost")

    def _marked(self, kind: str) -> dict[str, Resource]:
        """Return what there is in the end, by our mark; two of one mark are a duplicate."""
        found: dict[str, Resource] = {}
        for states in self.history.past[kind].values():
            one = states[-1][1]
            if one is None or "externalId" not in one:
                continue
            mark = str(one["externalId"])
            if mark in found:
                self.say("13", f"{kind} {mark} is there twice", "duplicate")
            found[mark] = one
        return found


def _sum(record: Resource) -> str:
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _disables(operation: Resource) -> bool:
    return any(
        change["path"].lower() == "active" and plain(change["after"]) == "false"
        for change in operation["changes"]
    )


def _state(states: list[tuple[int, Resource | None]], moment: int) -> Resource | None:
    """Return the state that held at a moment."""
    found = None
    for at, state in states:
        if at > moment:
            break
        found = state
    return found


def _told(entry: dict[str, Any]) -> str:
    return f"{entry['method']} {entry['kind']} {entry['id'] or ''} at {entry['sent']}"


def check(history: History) -> list[Violation]:
    """Return every promise that a history breaks."""
    return Checker(history).check()
