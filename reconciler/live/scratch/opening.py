"""From an application and what a probe found to a bench, on which nothing is made yet."""

from __future__ import annotations

from reconciler.config.model import Application
from reconciler.expr import Chance
from reconciler.live.client import ScimTarget
from reconciler.live.probe import ProbeReport
from reconciler.live.scratch.bench import Bench, Mapped
from reconciler.live.scratch.names import DOMAIN, TOKEN_BYTES, is_leftover, name_of, new_name
from reconciler.live.scratch.pad import Pad
from reconciler.ports import Clock
from reconciler.scim.paths import parse_path
from reconciler.states import ResourceType


def bench_on(
    target: ScimTarget,
    application: Application,
    report: ProbeReport,
    clock: Clock,
    chance: Chance,
) -> Bench:
    """
    Return what a service is tried out on: objects of its own.

    Whoever is there by *report* is a stranger, but for what an earlier run has left behind.
    """
    listings = {ResourceType.USER: report.users, ResourceType.GROUP: report.groups}
    there = [(kind, row) for kind, rows in listings.items() if rows for row in rows.resources]
    leftovers = [(kind, row) for kind, row in there if is_leftover(kind, row)]
    ours = {row["id"] for _, row in leftovers}
    domain = (application.registered_domains or (DOMAIN,))[0]
    pad = Pad(target, clock, domain, {row["id"] for _, row in there} - ours)
    for kind, row in leftovers:
        pad.take_over(kind, row["id"])
    lines = application.mappings.users
    return Bench(
        pad,
        lambda: new_name(chance.token(TOKEN_BYTES)),
        [Mapped(parse_path(line.target), line.constant) for line in lines],
        report.capabilities,
        leftovers=[f"{kind.value} {name_of(kind, row)}" for kind, row in leftovers],
    )
