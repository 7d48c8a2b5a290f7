"""
May this plan run now?

Everything that can be known before the first request is judged here; what can
only be known per resource is a precondition of its operation. The target, the
limits and the switches come from the configuration that ``apply`` is given,
never from the plan, or a doctored plan could send our token to a stranger or
raise its own limits (ruling 17).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from reconciler.apply.memory import Memory
from reconciler.config.model import Application
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.document import Plan, Verdict
from reconciler.plan.guards import run_guards
from reconciler.plan.population import Counts, Population, count_population
from reconciler.states import LiveState, Recorded

_COUNTS: TypeAdapter[Counts] = TypeAdapter(Counts)


class PlanRefused(ReconcilerError):
    """The plan does not fit: another target, too old, or not what was reviewed."""


class SwitchedOff(ReconcilerError):
    """The application is switched off in the configuration."""


class GuardsBlock(ReconcilerError):
    """At least one guard blocks; carries every verdict."""

    def __init__(self, verdicts: tuple[Verdict, ...]) -> None:
        self.verdicts = verdicts
        blocked = [verdict for verdict in verdicts if verdict.blocked]
        super().__init__("\n".join(f"{v.id}: {v.sentence}" for v in blocked))


@dataclass(frozen=True, slots=True)
class Terms:
    """What the person at the command asked for."""

    now: datetime
    max_age: timedelta
    expect: str | None = None
    """The operations digest that was reviewed."""


def verify_offline(plan: Plan, name: str, application: Application, terms: Terms) -> None:
    """
    Check what needs no request.

    Raises:
        SwitchedOff: `enabled: false`.
        PlanRefused: Another target, another digest than expected, or too old.
    """
    if not application.enabled:
        raise SwitchedOff(f"{name} has `enabled: false`: nothing is applied to it")
    body = plan.body
    found, expected = body.target, application.target
    if (found.tenant_url, found.profile) != (expected.tenant_url, expected.profile):
        raise PlanRefused(
            f"the plan is for {found.tenant_url}, the configuration says {expected.tenant_url}"
        )
    if terms.expect is not None and body.operations_digest != terms.expect:
        raise PlanRefused(
            f"the operations are not the reviewed ones: expected {terms.expect}, "
            f"found {body.operations_digest}"
        )
    age = terms.now - datetime.fromisoformat(plan.header.created_at)
    if age > terms.max_age:
        raise PlanRefused(f"the plan is {age.days} days old; plan again, or raise --max-age")


def verify_live(
    plan: Plan, application: Application, live: LiveState, recorded: Recorded, memory: Memory
) -> Population:
    """
    Check the plan against fresh counts, and return them.

    A resumed run is judged on the counts that its first run began with: what it
    has already done must not make the rest look like more.

    Raises:
        PlanRefused: The target is not the service that the plan was made on.
        GuardsBlock: A guard blocks, on the plan or now; the stricter holds.
    """
    body = plan.body
    if live.capabilities.digest != body.target.capabilities_digest:
        raise PlanRefused("the target's schemas or capabilities changed since the plan; plan again")
    source = (body.inputs.users, body.inputs.groups)
    population = count_population(application, live, recorded, body.operations, source)
    if memory.begun:
        population = replace(population, counts=_COUNTS.validate_python(memory.populations))
    fresh = run_guards(body.operations, population, application.safety)
    blocked = {verdict.id for verdict in body.guards if verdict.blocked}
    verdicts = tuple(
        replace(verdict, blocked=verdict.blocked or verdict.id in blocked) for verdict in fresh
    )
    if any(verdict.blocked for verdict in verdicts):
        raise GuardsBlock(verdicts)
    return population
