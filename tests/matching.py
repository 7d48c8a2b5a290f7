"""People and accounts for tests of matching, and what came of it."""

from typing import Any, Literal

from reconciler.diff import Comparator, Matcher, Pairing, split_live
from reconciler.scim.schema import CORE, Schemas
from reconciler.states import Candidate, DesiredResource, Recorded, ResourceType, Standing

W, S, L = Standing.WANTED, Standing.SKIPPED, Standing.LEAVES_SCOPE
Ownership = Literal["recorded", "all"]


def one(
    anchor: str, name: str | None = None, standing: Standing = W, *, known: bool = True, **more: str
) -> Candidate:
    """Return somebody who is matched by userName, then by externalId, then by title."""
    name = anchor if name is None else name
    values = {"userName": name or None, "externalId": anchor, **more}
    written = {path: value for path, value in values.items() if value}
    desired = DesiredResource(written, written) if standing is W else None
    return Candidate(
        anchor,
        name,
        standing,
        "because",
        tuple(values.items()),
        matching_known=known,
        external_id=anchor,
        code="InvalidDomain" if standing is S else None,
        desired=desired,
    )


def paired(
    candidates: list[Candidate],
    live: dict[str, dict[str, Any]],
    links: dict[str, str] | None = None,
    ownership: Ownership = "recorded",
    schemas: Schemas = CORE,
) -> Pairing:
    """Return who has which account; *links* are ids by anchor."""
    resources = [{"id": target, **resource} for target, resource in live.items()]
    recorded = Recorded({(ResourceType.USER, a): t for a, t in (links or {}).items()})
    split = split_live(resources, recorded, ownership, ResourceType.USER)
    return Matcher(candidates, split, Comparator("User", schemas)).pair()


def pairs(pairing: Pairing) -> dict[str, str]:
    """Return account ids by anchor."""
    return {candidate.source_id: target for candidate, target in pairing.pairs}


def codes(pairing: Pairing) -> dict[str, str]:
    """Return the code of everybody who is rejected."""
    return {rejected.candidate.source_id: rejected.code for rejected in pairing.rejected}


def leaving(pairing: Pairing) -> list[tuple[str | None, str]]:
    """Return who leaves; None for who is in the source no more."""
    return [(c.source_id if c else None, target) for c, target in pairing.leaving]
