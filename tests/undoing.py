"""Plans that undo plans, in a world in memory."""

from typing import Any

from reconciler.config.kept import kept
from reconciler.plan.document import Body, Header
from reconciler.plan.images import CarriedOut, Deeds
from reconciler.plan.plan_file import seal
from reconciler.plan.revert import RevertRequest, build_revert
from tests.worlds import FrozenClock, MemoryJournal, World

HEADER = Header("2026-11-23T00:00:00Z", "0", None, None)


def deeds_of(body: Body, journal: MemoryJournal) -> Deeds:
    """Return what a journal in memory says became of a plan."""
    by_id = {operation.id: operation for operation in body.operations}
    done = {
        line["op"]: CarriedOut(by_id[line["op"]], line["target_id"], "delete" in line["effects"])
        for line in journal.lines
        if line["kind"] == "done"
    }
    return Deeds(tuple(done.values()), (), bool(journal.lines))


def applied(world: World, body: Body) -> Deeds:
    """Carry *body* out, and return what was done."""
    journal = MemoryJournal()
    world.apply(body, journal)
    return deeds_of(body, journal)


def revert_of(world: World, body: Body, deeds: Deeds, **changes: Any) -> Body:
    """Return the plan that undoes *body* in the state that the world is in now."""
    values: dict[str, Any] = {
        "plan": seal(body, HEADER),
        "deeds": deeds,
        "application": kept(world.application, world.profile),
        "live": world.target.live(),
        "recorded": world.recorded,
        "as_of": FrozenClock().now(),
        "config_sha256": "0" * 64,
        "profile": world.profile,
    }
    return build_revert(RevertRequest(**{**values, **changes}))


def undone(world: World, body: Body, deeds: Deeds) -> Body:
    """Undo *body*, see that everything of it can be carried out, and return the plan."""
    back = revert_of(world, body, deeds)
    report = world.apply(back)
    assert [(o.operation.key, o.code, o.detail) for o in report.outcomes if not o.good] == []
    return back
