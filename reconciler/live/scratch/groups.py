"""
Trials on one group of two users: is it read whole, and how does one leave it?

Every way of removing a member is tried with somebody who is to stay: services are
known that take the form of another and empty the whole group (scim.md, 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from reconciler.live.measure import Measured
from reconciler.live.scratch.bench import (
    GROUP,
    WORKS,
    Bench,
    CannotTell,
    member,
    refused,
    said_of,
    works,
)
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.scim.errors import TargetError
from reconciler.scim.messages import ListResponse
from reconciler.scim.paths import AttributePath

CHUNK: Final = "it takes more members than are made here"


@dataclass
class Trial:
    """The group, who is to stay in it, and who is to leave."""

    bench: Bench
    group: str
    name: str
    stays: str
    leaves: str

    @property
    def both(self) -> frozenset[str]:
        """Everybody."""
        return frozenset({self.stays, self.leaves})

    def becomes(self, members: frozenset[str]) -> bool:
        """Say whether the group comes to have exactly these members."""
        return self.bench.pad.becomes(
            GROUP, self.group, lambda found: found is not None and live_members(found) == members
        )

    def patch(self, operation: Mapping[str, Any]) -> TargetError | None:
        """Send one PATCH with one operation; gives the refusal."""
        return refused(lambda: self.bench.pad.patch(GROUP, self.group, [operation]))

    def refill(self) -> None:
        """Bring the group back to two members."""
        missing = self.both - self.bench.members(self.group)
        if missing and self.bench.forms.get(GROUP) == "put":
            rows = [member(each) for each in sorted(self.both)]
            self.bench.by_put(GROUP, self.group, MEMBERS, rows)
        elif missing:
            rows = [member(each) for each in sorted(missing)]
            self.patch({"op": "add", "path": MEMBERS, "value": rows})
        if not self.becomes(self.both):
            raise CannotTell("members who were added do not come into the group")


def try_groups(bench: Bench) -> Iterator[Measured]:
    """Create a group of two, and try everything out on it."""
    if not bench.cleans or not bench.user or not bench.other:
        raise CannotTell("there are no two users to put into a group")
    name = bench.new_name()
    group = bench.make_group(name, [bench.user, bench.other])
    trial = Trial(bench, group, name, bench.user, bench.other)
    yield _readable(trial)
    yield from _listed(trial)
    yield _update(trial)
    yield _removal(trial)
    yield Measured("members.chunk", None, CHUNK)


def _readable(trial: Trial) -> Measured:
    """Tell whether a group shows its members, given at its creation or later."""
    key = "members.readable"
    if trial.becomes(trial.both):
        return Measured(key, True, "a new group shows its two members")
    try:
        trial.refill()
    except CannotTell:
        if trial.bench.members(trial.group):
            raise
        return Measured(key, False, "neither a new group nor one that is added to shows members")
    return Measured(key, True, "a group shows who is added to it; a create leaves members out")


def _listed(trial: Trial) -> Iterator[Measured]:
    """Tell whether the listing has the members, if the group is on its first page."""
    try:
        page = ListResponse.model_validate(trial.bench.pad.asking().page(GROUP, {}))
    except (TargetError, ValidationError):
        return
    for row in page.resources or ():
        if row.get("id") == trial.group:
            there = live_members(row) == trial.both
            why = "the group of two is listed " + ("with them" if there else "without them")
            yield Measured("list.members", "listed" if there else "one_by_one", why)


def _update(trial: Trial) -> Measured:
    """Change the name of the group with PATCH, and with PUT; nobody may get lost."""
    bench, said = trial.bench, dict[str, str]()
    for form, send in (("patch", bench.by_patch), ("put", bench.by_put)):
        name = f"{trial.name}-{form}"
        refusal = send(GROUP, trial.group, "displayName", name)
        shown = bench.shows(GROUP, trial.group, "displayName", name)
        said[form] = works(refusal, shown=shown)
        if shown and not trial.becomes(trial.both):
            said[form] = "loses members"
        elif said[form] == WORKS:
            bench.forms.setdefault(GROUP, form)
        with suppress(CannotTell):  # what follows looks for itself
            trial.refill()
    why = f"PATCH: {said['patch']}; PUT: {said['put']}"
    return Measured("write.group_update", bench.forms.get(GROUP), why)


def _removal(trial: Trial) -> Measured:
    """Remove one of the two in every form, and see who is left."""
    said: dict[str, str] = {}
    for form, send in FORMS.items():
        said[form] = _tried(trial, send)
    why = "; ".join(f"{form}: {what}" for form, what in said.items())
    works = [form for form, what in said.items() if what == WORKS]
    return Measured("members.remove", works[0] if works else None, why)


def _tried(trial: Trial, send: Callable[[Trial], TargetError | None]) -> str:
    """Remove one member in one form, and say what became of the group."""
    try:
        trial.refill()
    except CannotTell as exc:
        return str(exc)
    refusal = send(trial)
    if trial.becomes(frozenset({trial.stays})):
        return works(refusal, shown=True)
    left = trial.bench.members(trial.group)
    if not left:
        return "empties the whole group"
    return said_of(refusal) if left == trial.both else "leaves the wrong members"


def _by_filter(trial: Trial) -> TargetError | None:
    path = AttributePath(None, MEMBERS, (("value", trial.leaves),), None)
    return trial.patch({"op": "remove", "path": str(path)})


def _by_value_list(trial: Trial) -> TargetError | None:
    return trial.patch({"op": "remove", "path": MEMBERS, "value": [{"value": trial.leaves}]})


def _by_replace(trial: Trial) -> TargetError | None:
    return trial.patch({"op": "replace", "path": MEMBERS, "value": [member(trial.stays)]})


def _by_put(trial: Trial) -> TargetError | None:
    return trial.bench.by_put(GROUP, trial.group, MEMBERS, [member(trial.stays)])


FORMS: Final[Mapping[str, Callable[[Trial], TargetError | None]]] = {
    "filter": _by_filter,
    "value_list": _by_value_list,
    "replace": _by_replace,
    "put": _by_put,
}
"""By the value of `members.remove`, the best first: how somebody is removed."""
