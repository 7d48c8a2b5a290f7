"""
A plan from its file, its signature verified before anything of it is parsed.

The bytes are read once; what was verified is what is parsed (INV-24). Who may
sign comes from the configuration that the command is given (ruling 17).
"""

from __future__ import annotations

from dataclasses import dataclass
from os.path import lexists
from pathlib import Path

from reconciler.plan.document import Plan
from reconciler.signing.keys import Signer, Trusted
from reconciler.signing.plans import verify_plan
from reconciler.signing.statements import SignatureRefused
from reconciler.workflow.keys import trusted_by
from reconciler.workflow.project import Project, open_project
from reconciler.workflow.wiring import Location, Wiring


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan, where it lies, and who signed it."""

    plan: Plan
    path: Location
    signature: bytes | None
    """Its envelope, verified; None when there is none."""
    signer: Signer | None


def open_plan(
    project: Project, name: str, wiring: Wiring, trust: Trusted | None = None
) -> OpenPlan:
    """
    Return the plan that *name* names: a path, or the start of its digest.

    Raises:
        SignatureRefused: The signature beside it is not good, or it needs one and has none.
        PlanAltered: The file is not what it says it is.
        ReconcilerError: It cannot be found or read.
    """
    file = wiring.plan_file(project, name)
    try:
        signer = verify_plan(file.data, file.signature, trust or trusted_by(project))
    except SignatureRefused as exc:
        raise SignatureRefused(f"{file.path}: {exc}") from exc
    return OpenPlan(wiring.parsed(file), file.path, file.signature, signer)


def require_signed(project: Project, name: str, wiring: Wiring, trust: Trusted) -> None:
    """
    Check that the stored plan *name* is signed, after it was to be.

    Raises:
        SignatureRefused: It was there before, made by somebody else or at another time, and
            nobody signed that; or its signature is not good.
    """
    # Asked first: that a signature is required says nobody how to get one.
    if wiring.plan_file(project, name).signature is None:
        raise SignatureRefused(
            f"{name} is this very plan, made before and not signed; what we did not make we do "
            "not sign. Remove that file and plan again"
        )
    open_plan(project, name, wiring, trust)


def plan_to_show(config: Path, name: str, wiring: Wiring) -> OpenPlan:
    """
    Return a plan to look at; a path needs a configuration only if there is one.

    A plan says everything that is shown of it. Who may sign it, only the file says, so that
    a signed plan without a configuration is not shown as if it were verified.

    Raises:
        ReconcilerError: As :func:`open_plan`.
    """
    if lexists(config) or not lexists(name):
        return open_plan(open_project(config), name, wiring)
    file = wiring.plan_at(Path(name))
    if file.signature is not None:
        return open_plan(open_project(config), name, wiring)
    return OpenPlan(wiring.parsed(file), file.path, None, None)
