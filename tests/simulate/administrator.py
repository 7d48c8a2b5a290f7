"""
Somebody with the service's own console open, who does as they please while a plan runs.

What they do goes past the road: it never fails, and is in the service's log under
their name.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.simulate.fate import Fate
from tests.simulate.service import Entry, Refusal, Resource, Service

WORDS = ("Alpha", "Beta", "Gamma")


@dataclass
class Administrator:
    """Does one thing at a time."""

    service: Service
    chance: Random
    fate: Fate
    names: tuple[str, ...]
    """User names that the company uses, or may come to use."""
    spared: frozenset[str] = frozenset()
    """User names of whom nobody touches."""

    def act(self) -> None:
        """Do something, if there is anything to do it to."""
        kind, deed = self.chance.choice(_DEEDS)
        self.fate.met[f"administrator: {kind}"] += 1
        deed(self)

    def _write(self, kind: str, resource_id: str | None, change: Any) -> None:
        service = self.service
        before = service.held[kind].get(resource_id or "")
        entry = Entry("admin", "", kind, resource_id, None, None, service.clock.tick())
        service.log.append(entry)
        after: Resource | None = None
        if change is not None:
            after = {**deepcopy(before or {}), **change}
            try:
                service._require_free(kind, after)
            except Refusal:
                service.log.pop()
                return
        entry.before = before
        entry.after = service._commit(entry, after)

    def _somebody(self, kind: str = "User") -> Resource | None:
        found = [
            one
            for one in self.service.held[kind].values()
            if one.get("userName") not in self.spared
        ]
        return self.chance.choice(found) if found else None

    def _edit(self) -> None:
        one = self._somebody()
        if one:
            name = self.chance.choice(("title", "displayName", "nickName"))
            self._write("User", one["id"], {name: self.chance.choice(WORDS)})

    def _switch(self) -> None:
        one = self._somebody()
        if one:
            self._write("User", one["id"], {"active": not one.get("active", True)})

    def _delete(self) -> None:
        one = self._somebody()
        if one and len(self.service.held["User"]) > 1:  # a listing of nobody proves nothing
            self._write("User", one["id"], None)

    def _create(self) -> None:
        made = {"id": self.service.new_id(), "userName": self.chance.choice(self.names)}
        self._write("User", made["id"], {**made, "displayName": "By Hand", "active": True})

    def _rename(self) -> None:
        one = self._somebody()
        if one:
            self._write("User", one["id"], {"userName": self.chance.choice(self.names)})

    def _role(self) -> None:
        one = self._somebody()
        if one:
            roles = self.chance.choice(([], [{"value": "user", "primary": True}]))
            self._write("User", one["id"], {"roles": roles})

    def _members(self) -> None:
        group, user = self._somebody("Group"), self._somebody()
        if group and user:
            members = [m for m in group.get("members", ()) if m["value"] != user["id"]]
            if len(members) == len(group.get("members", ())):
                members.append({"value": user["id"]})
            self._write("Group", group["id"], {"members": members})

    def _delete_group(self) -> None:
        group = self._somebody("Group")
        if group and len(self.service.held["Group"]) > 1:  # a listing of nobody proves nothing
            self._write("Group", group["id"], None)

    def _rename_group(self) -> None:
        group = self._somebody("Group")
        if group:
            self._write("Group", group["id"], {"displayName": self.chance.choice(WORDS)})


_DEEDS = (
    ("edits", Administrator._edit),
    ("edits", Administrator._edit),
    ("switches", Administrator._switch),
    ("deletes", Administrator._delete),
    ("creates", Administrator._create),
    ("renames", Administrator._rename),
    ("changes a role", Administrator._role),
    ("changes members", Administrator._members),
    ("changes members", Administrator._members),
    ("deletes a group", Administrator._delete_group),
    ("renames a group", Administrator._rename_group),
)
