"""
A plan from its file, its signature verified before anything of it is parsed.

The bytes are read once; what was verified is what is parsed (INV-24). Who may
sign comes from the configuration that the command is given (ruling 17).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.plan.document import Plan
from reconciler.signing.keys import Signer, Trusted
from reconciler.signing.plans import lacks_signature, signer_of, verify_plan
from reconciler.signing.statements import SignatureRefused
from reconciler.workflow.keys import trusted_by
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring

if TYPE_CHECKING:
    from reconciler.workflow.wiring import Location


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan, where it lies, and who signed it."""

    plan: Plan
    path: Location
    signature: bytes | None
    """Its envelope, verified; None when there is none."""
    signer: Signer | None
    unsigned: bool = False
    """Nobody signed it, and `trust` says that somebody has to: only :func:`look_at` opens it."""


Verify = Callable[[bytes, bytes | None, Trusted], Signer | None]
"""Returns who signed a plan's file, and refuses a signature that is not good."""


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
    return _opened(project, name, wiring, trust or trusted_by(project), verify_plan)


def look_at(project: Project, name: str, wiring: Wiring) -> OpenPlan:
    """
    Return the plan that *name* names for whoever only reads it, also where it lacks a signature.

    It says so then (`unsigned`), and is no plan to approve or to apply.

    Raises:
        ReconcilerError: As :func:`open_plan`, but for a signature that is missing.
    """
    return _opened(project, name, wiring, trusted_by(project), signer_of)


def _opened(
    project: Project, name: str, wiring: Wiring, trust: Trusted, verify: Verify
) -> OpenPlan:
    """Return a plan once *verify* has taken the signature beside it, or that there is none."""
    file = wiring.plan_file(project, name)
    try:
        signer = verify(file.data, file.signature, trust)
    except SignatureRefused as exc:
        raise SignatureRefused(f"{file.path}: {exc}") from exc
    unsigned = lacks_signature(file.signature, trust)
    return OpenPlan(wiring.parsed(file), file.path, file.signature, signer, unsigned)


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
