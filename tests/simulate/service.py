"""
A SCIM service in memory, written for the simulator and sharing nothing with the program.

What it holds, how it reads a request, and what it writes into its own log. Its
peculiarities are :class:`Traits`: one value of each class per run. What goes
wrong on a single request is not decided here but in :mod:`tests.simulate.road`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.simulate.clock import Clock

Resource = dict[str, Any]
KINDS = {"Users": "User", "Groups": "Group"}
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
NAMES = {"User": "userName", "Group": "displayName"}
FILTER = re.compile(r'^(\S+) eq (".*")$')
PATH = re.compile(
    r"^(?:(?P<urn>urn:[^ \[]+):)?(?P<name>[A-Za-z$]+)"
    r'(?:\[(?P<by>\w+) eq (?P<value>"[^"]*"|\w+)\])?(?:\.(?P<sub>[A-Za-z$]+))?$'
)


@dataclass(frozen=True)
class Traits:
    """What kind of service it is."""

    unique: str = "exact"
    """`exact`: userName is unique as it is written; `folded`: without case; `none`."""
    version: str = "none"
    """`none`, `strong`, `constant`, or `restless`: another one on each read."""
    lag: float = 0.0
    """Seconds until a read shows what was written."""
    replica: float = 0.0
    """How often a read is answered by who is behind by `lag`; 1 is always."""
    late: float = 0.0
    """Seconds, at most, until a request is carried out whose sender has given up."""
    page: int = 100
    """Resources a page, at most."""


@dataclass
class Entry:
    """One line of the service's log: a change that was asked for, or that an administrator made."""

    actor: str
    """`client` or `admin`."""
    method: str
    kind: str
    id: str | None
    body: Any
    version: str | None
    """What `If-Match` said."""
    sent: int
    """When it arrived, in microseconds; a late one was sent long before it is done."""
    done: int | None = None
    """When it was carried out; None when it was not."""
    status: int | None = None
    answered: bool = False
    """Whether the client was told so."""
    found: Resource | None = None
    """What was there when it arrived."""
    meant: Resource | None = None
    """What it would have made of that."""
    before: Resource | None = None
    """What was there when it was carried out."""
    after: Resource | None = None
    """What was made of that."""
    meant_then: Resource | None = None
    """What should have been."""
    quirk: str | None = None


@dataclass
class Look:
    """One resource as a read has shown it to the client."""

    at: int
    kind: str
    id: str
    shown: Resource | None
    status: int


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, scim_type: str | None = None) -> None:
        self.status, self.scim_type = status, scim_type
        super().__init__(str(status))


@dataclass
class Service:
    """What it holds, and what has become of it."""

    traits: Traits
    clock: Clock
    chance: Random
    held: dict[str, dict[str, Resource]] = field(default_factory=lambda: {"User": {}, "Group": {}})
    past: dict[str, dict[str, list[tuple[int, Resource | None]]]] = field(
        default_factory=lambda: {"User": {}, "Group": {}}
    )
    """By kind and id, every state that a resource has had, and since when; None is gone."""
    log: list[Entry] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    number: int = 0
    versions: int = 0
    calm: bool = False
    """Whether reads show what is there, whatever the traits say."""

    # -- what is there ------------------------------------------------------------------

    def keep(self, kind: str, resource_id: str, resource: Resource | None) -> None:
        """Let *resource* be what is held under an id from now on."""
        past = self.past[kind].setdefault(resource_id, [])
        past.append((self.clock.tick(), resource))
        if resource is None:
            self.held[kind].pop(resource_id, None)
        else:
            self.versions += 1
            if self.traits.version != "none":
                stamp = "1" if self.traits.version == "constant" else str(self.versions)
                resource["meta"] = {"version": f'W/"{stamp}"'}
            self.held[kind][resource_id] = resource

    def take_over(self, past: dict[str, dict[str, list[tuple[int, Resource | None]]]]) -> None:
        """Begin with what another service held, and had held before."""
        for kind, states in past.items():
            for resource_id, changes in states.items():
                self.past[kind][resource_id] = list(changes)
                self.number += 1
                resource = changes[-1][1]
                if resource is not None:
                    self.keep(kind, resource_id, dict(resource))
        self.clock.sleep(3600)

    def new_id(self) -> str:
        self.number += 1
        return f"id-{self.number}"

    def seen(self, kind: str, resource_id: str, behind: bool) -> Resource | None:
        """Return one resource as a read shows it."""
        if not behind:
            return self.held[kind].get(resource_id)
        moment = self.clock.micros - round(self.traits.lag * 1e6)
        shown = None
        for since, state in self.past[kind].get(resource_id, ()):
            if since > moment:
                break
            shown = state
        return shown

    def behind(self) -> bool:
        """Decide whether a read is answered by a machine that is behind."""
        traits = self.traits
        if self.calm or not traits.lag:
            return False
        return traits.replica >= 1 or self.chance.random() < traits.replica

    def rows(self, kind: str, behind: bool) -> list[Resource]:
        """Return all of a kind, in the order in which they were made."""
        ids = self.past[kind] if behind else self.held[kind]
        found = (self.seen(kind, one, behind) for one in ids)
        return [one for one in found if one is not None]

    # -- reads --------------------------------------------------------------------------

    def read(self, path: str) -> tuple[int, Any]:
        """Answer a GET; the path may have a query."""
        parts = urlsplit(path)
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        if steps[0] not in KINDS:
            return self._discovery(steps[0])
        kind = KINDS[steps[0]]
        if len(steps) == 1:
            return 200, self._page(kind, dict(parse_qsl(parts.query)))
        shown = self.seen(kind, steps[1], self.behind())
        status = 404 if shown is None else 200
        self.looks.append(Look(self.clock.micros, kind, steps[1], shown, status))
        return status, {"detail": "no such resource"} if shown is None else self._told(shown)

    def _told(self, resource: Resource) -> Resource:
        if self.traits.version != "restless":
            return resource
        return {**resource, "meta": {"version": f'W/"r{self.clock.micros}"'}}

    def _discovery(self, name: str) -> tuple[int, Any]:
        if name == "ServiceProviderConfig":
            return 200, {"etag": {"supported": self.traits.version != "none"}}
        if name == "Schemas" and self.traits.unique == "none":
            attributes = [{"name": "userName", "uniqueness": "none"}]
            core = "urn:ietf:params:scim:schemas:core:2.0:User"
            return 200, [{"id": core, "attributes": attributes}]
        return 404, {"detail": "not here"}

    def _page(self, kind: str, query: dict[str, str]) -> Resource:
        behind = self.behind()
        rows = self.rows(kind, behind)
        if "filter" in query:
            rows = [row for row in rows if self._fits(kind, row, query["filter"])]
        start = int(query.get("startIndex", 1))
        count = min(int(query.get("count", 100)), self.traits.page)
        shown = rows[start - 1 : start - 1 + count]
        return {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(rows),
            "startIndex": start,
            "itemsPerPage": len(shown),
            "Resources": [self._told(row) for row in shown],
        }

    def _fits(self, kind: str, row: Resource, text: str) -> bool:
        found = FILTER.match(text)
        if found is None:
            raise Refusal(400)
        have, want = row.get(found[1]), json.loads(found[2])
        return isinstance(have, str) and have.lower() == want.lower()

    # -- writes -------------------------------------------------------------------------

    def arrives(self, entry: Entry) -> None:
        """Write down what a change means at the moment it arrives, whatever becomes of it."""
        self.log.append(entry)
        entry.found = self.held[entry.kind].get(entry.id or "")
        if entry.found is not None:
            entry.meant = self._meant(entry, entry.found)

    def write(self, entry: Entry, quirk: str | None = None) -> tuple[int, Any]:
        """Carry out a change that somebody asked for, with a *quirk* perhaps, and log it."""
        entry.quirk = quirk
        try:
            body = self._write(entry, quirk)
            entry.status = {"POST": 201, "DELETE": 204}.get(entry.method, 200)
        except Refusal as refusal:
            entry.status = refusal.status
            entry.quirk = None
            body = {"detail": "refused", "scimType": refusal.scim_type}
        return entry.status, body

    def _write(self, entry: Entry, quirk: str | None) -> Any:
        kind = entry.kind
        if entry.method == "POST":
            made = {"id": self.new_id(), **deepcopy(entry.body)}
            self._require_free(kind, made)
            entry.id = made["id"]
            if quirk == "ignored":
                return made
            entry.after = entry.meant_then = self._commit(entry, made)
            return made
        resource_id = str(entry.id)
        before = self.held[kind].get(resource_id)
        if before is None:
            raise Refusal(404)
        entry.before = before
        meant = self._meant(entry, before)
        self._require_version(entry, before)
        if meant is not None:
            self._require_free(kind, meant)
        entry.meant_then = meant
        if quirk == "ignored":
            entry.after, entry.done = before, self.clock.tick()
            return before
        after = _overreach(meant, entry) if quirk == "overreach" and meant else meant
        entry.after = self._commit(entry, after)
        return after

    def _commit(self, entry: Entry, after: Resource | None) -> Resource | None:
        self.keep(entry.kind, str(entry.id), after)
        entry.done = self.clock.micros
        if entry.kind == "User" and after is None:
            self._leave_groups(str(entry.id))
        return after

    def _leave_groups(self, user_id: str) -> None:
        """Take somebody who is deleted out of all groups, as services do."""
        for group_id, group in list(self.held["Group"].items()):
            kept = [m for m in group.get("members", ()) if m["value"] != user_id]
            if len(kept) != len(group.get("members", ())):
                self.keep("Group", group_id, {**group, "members": kept})

    def _meant(self, entry: Entry, before: Resource) -> Resource | None:
        if entry.method == "DELETE":
            return None
        if entry.method == "PUT":
            return {**deepcopy(entry.body), "id": entry.id}
        after = deepcopy(before)
        for operation in entry.body["Operations"]:
            patch(after, operation)
        return after

    def _require_version(self, entry: Entry, before: Resource) -> None:
        held = before.get("meta", {}).get("version")
        if entry.version is None or self.traits.version == "none":
            return
        if self.traits.version == "restless" or entry.version != held:
            raise Refusal(412)

    def _require_free(self, kind: str, resource: Resource) -> None:
        """Refuse a userName that somebody else has."""
        if kind != "User" or self.traits.unique == "none":
            return
        fold = str.lower if self.traits.unique == "folded" else str
        wanted = fold(str(resource["userName"]))
        for other in self.held["User"].values():
            if other["id"] != resource["id"] and fold(str(other["userName"])) == wanted:
                raise Refusal(409, "uniqueness")


def _overreach(meant: Resource, entry: Entry) -> Resource:
    """Return what a service makes of a change that takes more than it was asked to."""
    after = deepcopy(meant)
    before = entry.before or {}
    if entry.kind == "Group":
        was = {member["value"] for member in before.get("members", ())}
        kept = [m for m in after.get("members", ()) if m["value"] not in was]
        after["members"] = kept
    else:
        after.pop("nickName", None)
    return after


def patch(resource: Resource, operation: Resource) -> None:
    """Carry out one operation of a PATCH (RFC 7644, section 3.5.2), in place."""
    kind, path, value = operation["op"].lower(), operation.get("path"), operation.get("value")
    if path is None:
        for name, part in (value or {}).items():
            patch(resource, {"op": kind, "path": name, "value": part})
        return
    found = PATH.match(path)
    if found is None:
        raise Refusal(400, "invalidPath")
    holder = resource
    if found["urn"] and not found["urn"].endswith((":core:2.0:User", ":core:2.0:Group")):
        if kind == "remove" and found["urn"] not in resource:
            return
        holder = resource.setdefault(found["urn"], {})
    if found["by"]:
        _patch_elements(holder, found, kind, value)
    else:
        _patch_attribute(holder, found, kind, value)
    if holder is not resource and not holder:
        resource.pop(found["urn"], None)


def _patch_attribute(holder: Resource, found: re.Match[str], kind: str, value: Any) -> None:
    name, sub = found["name"], found["sub"]
    if sub:
        holder = holder.setdefault(name, {})
        name = sub
    if kind == "remove":
        if isinstance(value, list):
            gone = {one["value"] for one in value}
            holder[name] = [one for one in holder.get(name, ()) if one["value"] not in gone]
        else:
            holder.pop(name, None)
    elif kind == "add" and isinstance(value, dict) and isinstance(holder.get(name), dict):
        holder[name] = {**holder[name], **deepcopy(value)}
    elif kind == "add" and isinstance(value, list):
        there = holder.get(name) or []
        holder[name] = there + [deepcopy(one) for one in value if one not in there]
    else:
        holder[name] = deepcopy(value)


def _patch_elements(holder: Resource, found: re.Match[str], kind: str, value: Any) -> None:
    wanted = json.loads(found["value"].lower() if found["value"][0] != '"' else found["value"])
    elements = holder.setdefault(found["name"], [])
    hit = [one for one in elements if _same(one.get(found["by"]), wanted)]
    if kind == "remove":
        for one in hit:
            if found["sub"]:
                one.pop(found["sub"], None)
            else:
                elements.remove(one)
    else:
        if not hit:
            hit = [{found["by"]: wanted}]
            elements.extend(hit)
        for one in hit:
            if found["sub"]:
                one[found["sub"]] = deepcopy(value)
            else:
                one.update(deepcopy(value))
    if not elements:
        holder.pop(found["name"])


def _same(have: Any, want: Any) -> bool:
    return str(have).lower() == str(want).lower()


def flat(resource: Resource | None) -> Iterator[tuple[str, str]]:
    """Yield every value of a resource with its place, for a reader."""
    for name, value in sorted((resource or {}).items()):
        if name not in {"schemas", "meta", "id"}:
            yield name, json.dumps(value, sort_keys=True)
