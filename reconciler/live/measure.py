"""
What reading a service tells about it, as flags of a profile.

Used for ``probe --write-profile``, after :func:`reconciler.live.probe.probe`,
whose listings are looked at again. Reads only: of writing, it says what the
service declares; :mod:`reconciler.live.scratch` tries that out. What could not be
measured is said too, so that nobody takes a default for a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from pydantic import ValidationError

from reconciler.live.client import ScimTarget
from reconciler.live.members import hides_members
from reconciler.live.page_size import LARGEST_PAGE
from reconciler.live.probe import ProbeReport
from reconciler.plan.groups import live_members
from reconciler.scim.capabilities import CONFIG, Capabilities
from reconciler.scim.errors import AnswerTooLarge, NotAuthorized, TargetRefused
from reconciler.scim.messages import ListResponse
from reconciler.states import Listing, ResourceType

DOCUMENTS: Final = 3
"""Discovery documents of RFC 7644, section 4."""


class Answer(Enum):
    """What a filter does about somebody who is there."""

    LIE = auto()
    """It is refused, does not find them, or finds others."""
    IN_ANY_CASE = auto()
    AS_WRITTEN = auto()
    """It finds them in one case only, although the schema says that case does not count."""
    EXACT = auto()
    """It finds them, and the schema says that case counts."""


Value = str | bool | int | tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One flag of a profile, and what its value was seen by."""

    key: str
    """Its place in a profile: ``paging.max``."""
    value: Value | None
    """None when it could not be measured."""
    why: str


def measure(target: ScimTarget, report: ProbeReport, nobody: str) -> tuple[Measured, ...]:
    """
    Return the flags that reading can tell, in the order of a profile.

    Args:
        target: The service.
        report: What the probe has found.
        nobody: A value that nobody can have, e.g. a random UUID.

    Raises:
        TargetError: A request failed that the probe's did not.
    """
    capabilities = report.capabilities
    return (
        _discovery(capabilities),
        *_paging(target, report),
        *_filters(target, report, nobody),
        _members(target, report.groups),
        *_declared(capabilities),
    )


def together(read: Sequence[Measured], written: Sequence[Measured]) -> tuple[Measured, ...]:
    """Return what reading and what writing has told; of a flag that both tell, what was tried."""
    by_key = {one.key: one for one in read}
    for one in written:
        known = by_key.get(one.key, one)
        by_key[one.key] = one
        if one.value is None and known.value is not None:
            by_key[one.key] = replace(known, why=f"{known.why}; by writing: {one.why}")
    return tuple(by_key.values())


def _discovery(capabilities: Capabilities) -> Measured:
    """Tell which documents there are."""
    missing = capabilities.missing
    if not missing:
        return Measured("discovery", "full", "all three documents are there")
    mode = "none" if len(missing) == DOCUMENTS else "partial"
    return Measured("discovery", mode, f"missing: {', '.join(f'/{name}' for name in missing)}")


def _declared(capabilities: Capabilities) -> Iterator[Measured]:
    """Tell what only writing could prove."""
    silent = CONFIG in capabilities.missing
    for key, word, able, values in (
        ("write.user_update", "PATCH", capabilities.patch, ("put", None)),
        ("write.group_update", "PATCH", capabilities.patch, ("put", None)),
        ("concurrency.etag", "ETags", capabilities.etag, ("never", "if_declared")),
        ("bulk.use", "/Bulk", capabilities.bulk, ("never", "auto")),
    ):
        why = f"{word}: {'declared' if able else 'not declared'}"
        yield (
            Measured(key, None, f"{word}: no /{CONFIG}")
            if silent
            else Measured(key, values[able], why)
        )


def _paging(target: ScimTarget, report: ProbeReport) -> Iterator[Measured]:
    """Tell how pages were read, how large they get, and whether a size can be asked for."""
    capabilities, users = report.capabilities, report.users
    mode, start = "index", {"startIndex": "1"}
    if capabilities.pages_by_cursor:
        mode, start = "cursor", {"cursor": ""}
    if not users.complete:
        why = f"the listing of users is not complete: {users.problem}"
        yield from (Measured(f"paging.{key}", None, why) for key in ("mode", "max", "count_param"))
        return
    yield Measured("paging.mode", mode, f"users were listed by {mode}, proved complete")
    declared = [n for n in (capabilities.max_page_size, capabilities.filter_max_results) if n]
    everybody = len(users.resources)
    got = _rows(target, {**start, "count": str(LARGEST_PAGE)})
    if declared:
        yield Measured("paging.max", min(declared), "declared")
    elif got is not None and 0 < got < min(everybody, LARGEST_PAGE):
        why = f"of {everybody:,} users the first page held {got:,}"
        yield Measured("paging.max", got, why)
    else:
        why = f"one page held all {everybody:,} users" if got == everybody else "no limit was met"
        yield Measured("paging.max", None, why)
    yield _count_param(target, start, everybody, refused=got is None)


def _count_param(
    target: ScimTarget, start: dict[str, str], everybody: int, *, refused: bool
) -> Measured:
    """Tell whether `count` is understood: whoever asks for one gets one."""
    key = "paging.count_param"
    if refused:
        return Measured(key, False, "a request with `count` fails, and one without does not")
    if everybody < 2:
        return Measured(key, None, "there are too few users")
    got = _rows(target, {**start, "count": "1"})
    if got == 1:
        return Measured(key, True, "whoever asks for one user gets one")
    return Measured(key, False, f"whoever asks for one user gets {got if got else 'none'}")


def _rows(target: ScimTarget, query: dict[str, str]) -> int | None:
    """Return how many users are on the page that *query* asks for; None when it is refused."""
    try:
        page = ListResponse.model_validate(target.page(ResourceType.USER, query))
    except NotAuthorized:
        raise
    except (TargetRefused, ValidationError):
        return None
    except AnswerTooLarge:
        return 0
    return len(page.resources or [])


def _filters(target: ScimTarget, report: ProbeReport, nobody: str) -> Iterator[Measured]:
    """Tell by what people and groups can be looked up, and whether case counts."""
    people, groups = ResourceType.USER.named_by, ResourceType.GROUP.named_by
    found = {
        path: _answer(target, ResourceType.USER, path, report.users, nobody)
        for path in (people, "externalId")
    }
    if report.groups is not None:
        found[groups] = _answer(target, ResourceType.GROUP, groups, report.groups, nobody)
    yield _lookup(found)
    yield _case(found)


def _lookup(found: Mapping[str, Answer | None]) -> Measured:
    """Tell which attributes a filter may name; only where one of them may not."""
    key = "filter.lookup"
    true = tuple(path for path, answer in found.items() if answer not in {None, Answer.LIE})
    lies = [path for path, answer in found.items() if answer is Answer.LIE]
    if lies:
        return Measured(key, true, f"not {', '.join(lies)}: refused, or answered with a lie")
    why = f"nothing against {', '.join(true)}" if true else "there is nobody to be found yet"
    return Measured(key, None, why)


def _case(found: Mapping[str, Answer | None]) -> Measured:
    """Tell whether the service compares with case where its schema says that it does not."""
    key = "filter.case_sensitive"
    for answer, value, how in (
        (Answer.AS_WRITTEN, True, "found as it is written, and in no other case"),
        (Answer.IN_ANY_CASE, False, "found in another case too"),
    ):
        paths = [path for path, given in found.items() if given is answer]
        if paths:
            return Measured(key, value, f"{', '.join(paths)}: {how}")
    return Measured(key, None, "there is nobody to be found by a name without case")


def _answer(
    target: ScimTarget, kind: ResourceType, path: str, listing: Listing, nobody: str
) -> Answer | None:
    """Return what a filter by *path* does; None when nobody has it, and can be found by it."""
    search = target.searching(kind, path)
    try:
        if search.filtered(nobody) is None:
            return Answer.LIE
        known = search.known_value(listing.resources)
        if known is None:
            return None
        if search.finds(*known):
            return Answer.EXACT if search.case_exact else Answer.IN_ANY_CASE
        as_written = search.filtered(known[1]) or ()
    except NotAuthorized:
        raise
    except TargetRefused:
        return Answer.LIE
    return Answer.AS_WRITTEN if known[0] in [row["id"] for row in as_written] else Answer.LIE


def _members(target: ScimTarget, groups: Listing | None) -> Measured:
    """Tell whether the listing of groups has their members."""
    key = "list.members"
    rows = groups.resources if groups is not None else ()
    if any(live_members(row) for row in rows):
        return Measured(key, "listed", "the listing of groups has members")
    if hides_members(lambda group: target.get(ResourceType.GROUP, group), rows):
        return Measured(key, "one_by_one", "a group that is read alone has members, the list none")
    return Measured(key, None, "no group that was looked at has members")
