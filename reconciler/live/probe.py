"""
Test Connection: can this service be worked with, and does it tell the truth?

Reads only. It asks what Entra's Test Connection asks (a filter that must find
nobody, entra.md, section 9.3) and more: whether the filter finds somebody who
is there, and whether small pages add up to the whole. What only makes things
slower is a warning; what makes a plan impossible is a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reconciler.live.client import ScimTarget
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import TargetError
from reconciler.states import Listing, ResourceType

SMALL_PAGE: Final = 25
"""Resources a page while paging is tested; small enough to need several."""
SMALL_TENANT: Final = 500
"""Up to here the paging test reads everybody in small pages."""


class Outcome(StrEnum):
    """What a check found."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of the probe."""

    title: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """Everything that the probe found, in the order in which it looked."""

    findings: tuple[Finding, ...]
    capabilities: Capabilities = field(repr=False)
    users: Listing = field(repr=False)
    groups: Listing | None = field(repr=False)
    """None when they could not be listed."""

    @property
    def usable(self) -> bool:
        """Whether nothing failed."""
        return all(finding.outcome is not Outcome.FAIL for finding in self.findings)


def probe(target: ScimTarget, nobody: str) -> ProbeReport:
    """
    Try the service out.

    Args:
        target: The service.
        nobody: A userName that nobody can have, e.g. a random UUID.

    Raises:
        TargetError: The service cannot be reached, refuses the credential, or
            does not answer in SCIM; there is nothing to report on then.
    """
    capabilities = target.discover()
    users = target.list(ResourceType.USER)
    groups, of_groups = _groups(target)
    findings = [
        Finding("credential", Outcome.OK, "the target accepts the secret token"),
        *_capability_findings(capabilities),
        *_filter_findings(target, users, nobody),
        _paging_finding(target, users, capabilities),
        _listing_finding("users", users),
        of_groups,
    ]
    return ProbeReport(tuple(findings), capabilities, users, groups)


def _capability_findings(capabilities: Capabilities) -> Iterator[Finding]:
    """Report what the service says of itself."""
    for name in capabilities.missing:
        yield Finding("discovery", Outcome.WARN, f"/{name} is missing; the RFC's defaults stand")
    can = [word for word in ("patch", "filter", "bulk", "etag") if getattr(capabilities, word)]
    outcome = Outcome.OK if capabilities.patch else Outcome.WARN
    sentence = f"the target says that it supports {', '.join(can) or 'nothing'}"
    yield Finding("capabilities", outcome, sentence)
    urns = capabilities.schemas.urns(ResourceType.USER.value)
    yield Finding("schemas", Outcome.OK, f"users have {', '.join(urns)}")


def _filter_findings(target: ScimTarget, users: Listing, nobody: str) -> Iterator[Finding]:
    """Report whether the filter finds who is there, and nobody else."""
    path = ResourceType.USER.named_by
    search = target.searching(ResourceType.USER, path)
    rows = search.filtered(nobody)
    if rows is None:
        sentence = f"the filter on {path} is refused, or finds who does not match"
        yield Finding("filter", Outcome.WARN, f"{sentence}; whole listings are read instead")
        return
    known = search.known_value(users.resources)
    if known is None:
        sentence = f"a {path} that nobody has finds nobody; there is nobody to be found yet"
        yield Finding("filter", Outcome.OK, sentence)
    elif search.finds(*known):
        sentence = f"a {path} that nobody has finds nobody, and one that somebody has finds them"
        yield Finding("filter", Outcome.OK, sentence)
    else:
        sentence = f"the filter on {path} does not find a user who is there, or minds case"
        what_now = "whole listings are read instead; `--write-profile` measures which of the two"
        yield Finding("filter", Outcome.WARN, f"{sentence}; {what_now}")


def _paging_finding(target: ScimTarget, users: Listing, capabilities: Capabilities) -> Finding:
    """Report whether small pages add up to the same people as large ones."""
    how = "by cursor" if capabilities.pages_by_cursor else "by index"
    if len(users.resources) > SMALL_TENANT:
        return Finding("paging", Outcome.OK, f"pages go {how}; tested with the listing of users")
    size = max(1, min(SMALL_PAGE, len(users.resources) // 3))
    small = target.list(ResourceType.USER, page_size=size)
    if not small.complete:
        return Finding("paging", Outcome.FAIL, f"in pages of {size}: {small.problem}")
    if users.complete and {r["id"] for r in small.resources} != {r["id"] for r in users.resources}:
        sentence = f"pages of {size} list other users than large pages do"
        return Finding("paging", Outcome.FAIL, sentence)
    return Finding("paging", Outcome.OK, f"pages go {how}, and add up in pages of {size}")


def _listing_finding(kind: str, listing: Listing) -> Finding:
    """Report whether a listing was proved complete."""
    if listing.complete:
        sentence = f"{len(listing.resources):,} {kind}, proved complete"
        return Finding(kind, Outcome.OK, sentence)
    return Finding(kind, Outcome.FAIL, f"the listing of {kind} is not complete: {listing.problem}")


def _groups(target: ScimTarget) -> tuple[Listing | None, Finding]:
    """List the groups, and report on them; a service may have none at all."""
    try:
        groups = target.list(ResourceType.GROUP)
    except TargetError as exc:
        return None, Finding("groups", Outcome.WARN, f"groups cannot be listed: {exc}")
    return groups, _listing_finding("groups", groups)
