"""
Trials on one user: how it is created, found, and changed.

Each trial yields flags of a profile; see :mod:`reconciler.live.scratch.run` for
what becomes of one that cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.live.measure import Measured
from reconciler.live.scratch.bench import (
    EMAILS,
    SHOWN,
    USER,
    VERSION,
    WORKS,
    Bench,
    CannotTell,
    is_lost,
    refused,
    said_of,
    works,
)
from reconciler.live.scratch.pad import Shows
from reconciler.scim.errors import (
    NotAuthorized,
    NotFound,
    TargetError,
    TargetRefused,
    Throttled,
)
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import reader
from reconciler.states import Resource

NOT_ABOUT_THE_BODY: Final = (NotAuthorized, NotFound, Throttled)
"""Refusals of a create that another body would meet as well."""
PLAIN: Final = ("displayName", "name.familyName", "name.givenName")
"""Attributes that updates are tried out with: the first that the service keeps."""
LISTS: Final = (("phoneNumbers", "value", "+1 202 555 0"), ("addresses", "locality", "Town "))
"""Lists whose elements are tried out, with a part and its values; the numbers are nobody's."""
BAD: Final[tuple[dict[str, Any], ...]] = (
    {"op": "replace", "path": "reconcilerScratch", "value": "x"},
    {"op": "replace", "path": 'emails[type eq "reconciler-scratch"].value', "value": "x"},
    {"op": "remove"},
)
"""Operations to be refused: no such attribute, no such element, nothing to remove."""

CHANGED_MEANWHILE: Final = 412
"""What a change under an old version is to be refused with (RFC 7644, section 3.14)."""


def create(bench: Bench) -> Iterator[Measured]:
    """Create the user; with an address only where it is mapped, and asked for."""
    bench.name = bench.new_name()
    try:
        bench.user = bench.make_user(bench.name)
    except NOT_ABOUT_THE_BODY:
        raise
    except TargetRefused:
        if all(each.path.attribute != EMAILS for each in bench.mapped):
            raise
        bench.mailed = True
        bench.user = bench.make_user(bench.name)
    bench.first_version = VERSION(bench.now(USER, bench.user))
    return iter(())


def look_up(bench: Bench) -> Iterator[Measured]:
    """Ask for the user by its name, as it is written and in another case."""
    key, path = "filter.case_sensitive", USER.named_by
    user, name = bench.the_user(), f"{bench.name}@{bench.pad.domain}"
    search = bench.pad.asking().searching(USER, path)
    if search.case_exact:
        raise CannotTell(f"its schema says that case counts in {path}")
    found = {
        asked: [row["id"] for row in search.filtered(asked) or ()]
        for asked in (name, name.swapcase())
    }
    if user not in found[name]:
        raise CannotTell(f"the filter does not find the new user by its {path}")
    if user in found[name.swapcase()]:
        yield Measured(key, False, f"{path}: found in another case too")
    else:
        yield Measured(key, True, f"{path}: found as it is written, and in no other case")


def create_again(bench: Bench) -> Iterator[Measured]:
    """Create the same user once more."""
    bench.the_user()
    refusal = refused(lambda: bench.pad.create(USER, bench.body(bench.name)))
    if refusal is None:
        raise CannotTell("a second user of the same name is not refused")
    if isinstance(refusal, TargetRefused) and not isinstance(refusal, NotFound):
        why = "the answer to a second user of the same name"
        yield Measured("errors.duplicate", (refusal.status,), why)
    else:
        raise CannotTell(f"a second user of the same name is {said_of(refusal)}")


def update(bench: Bench) -> Iterator[Measured]:
    """Change a plain attribute with PATCH, and with PUT."""
    user, path = bench.the_user(), _kept(bench)
    said: dict[str, str] = {}
    for form, send in (("patch", bench.by_patch), ("put", bench.by_put)):
        value = f"{SHOWN} ({form})"
        refusal = send(USER, user, path, value)
        said[form] = works(refusal, shown=bench.shows(USER, user, path, value))
        if said[form] == WORKS:
            bench.forms.setdefault(USER, form)
    why = f"PATCH: {said['patch']}; PUT: {said['put']}"
    if USER not in bench.forms:
        raise CannotTell(why)
    yield Measured("write.user_update", bench.forms[USER], why)


def _kept(bench: Bench) -> str:
    """Return the first plain attribute that the user shows."""
    shown = bench.now(USER, bench.the_user())
    for path in PLAIN:
        if reader(parse_path(path))(shown) is not None:
            return path
    raise CannotTell(f"a new user shows neither of {', '.join(PLAIN)}")


def name_an_element(bench: Bench) -> Iterator[Measured]:
    """Change one of two elements of a list by a path that names it."""
    key = "write.patch_filter_path"
    user = _patched(bench)
    for attribute, part, text in LISTS:
        rows = [{"type": "work", part: f"{text}100"}, {"type": "home", part: f"{text}101"}]
        _send(bench, {"op": "add", "path": attribute, "value": rows})
        if not bench.pad.becomes(USER, user, _has(attribute, part, f"{text}100", f"{text}101")):
            continue
        path = f'{attribute}[type eq "work"].{part}'
        refusal = bench.by_patch(USER, user, path, f"{text}102")
        works = bench.pad.becomes(USER, user, _has(attribute, part, f"{text}102", f"{text}101"))
        why = "changes this element alone" if works else f"is {said_of(refusal)}"
        yield Measured(key, works, f"a PATCH of {path} {why}")
        return
    raise CannotTell("no list was kept that it could be tried out with")


def _send(bench: Bench, *operations: Mapping[str, Any]) -> TargetError | None:
    """Send one PATCH for the user; gives the refusal."""
    return refused(lambda: bench.pad.patch(USER, bench.user, operations))


def _has(attribute: str, part: str, work: str, home: str) -> Shows:
    """Return what says whether two elements have these values."""
    reads = [
        reader(parse_path(f'{attribute}[type eq "{kind}"].{part}')) for kind in ("work", "home")
    ]
    return lambda found: found is not None and [read(found) for read in reads] == [work, home]


def fail_half(bench: Bench) -> Iterator[Measured]:
    """Send a PATCH whose first operation is good and whose second is not."""
    user, path = _patched(bench), _kept(bench)
    for number, bad in enumerate(BAD):
        value = f"{SHOWN} (half {number})"
        refusal = _send(bench, {"op": "replace", "path": path, "value": value}, bad)
        half = bench.shows(USER, user, path, value)
        if refusal is None or (half and is_lost(refusal)):
            continue
        done = "carried out nevertheless" if half else "not carried out either"
        why = f"of a PATCH that was {said_of(refusal)}, the good operation was {done}"
        yield Measured("write.atomic", not half, why)
        return
    raise CannotTell("no PATCH with a bad operation was refused")


def _patched(bench: Bench) -> str:
    """Return the user, if PATCH changes users."""
    if bench.forms.get(USER) != "patch":
        raise CannotTell("PATCH does not change a user")
    return bench.the_user()


def match_versions(bench: Bench) -> Iterator[Measured]:
    """Change the user under an old version, and under the one that it has."""
    if USER not in bench.forms:
        raise CannotTell(f"neither PATCH nor PUT changes a {USER.value}")
    path, old = _kept(bench), bench.first_version
    now = VERSION(bench.now(USER, bench.the_user()))
    if not isinstance(old, str) or not isinstance(now, str):
        why = "users have no version"
    elif old == now:
        why = "the version of a user stays when the user changes"
    else:
        why = _distrust(bench, path, old)
    undeclared = "" if bench.capabilities.etag else "; not declared, so not used"
    good = f"a change under an old version is refused with {CHANGED_MEANWHILE}{undeclared}"
    yield Measured("concurrency.etag", "never" if why else "if_declared", why or good)


def _distrust(bench: Bench, path: str, old: str) -> str:
    """Say why If-Match is good for nothing; empty when it is."""
    user = bench.user
    refusal = bench.set(USER, user, path, f"{SHOWN} (old)", old)
    if bench.shows(USER, user, path, f"{SHOWN} (old)"):
        return "a change under an old version is carried out"
    if not isinstance(refusal, TargetRefused):
        raise CannotTell(f"a change under an old version is {said_of(refusal)}")
    if refusal.status != CHANGED_MEANWHILE:
        return f"a change under an old version is {said_of(refusal)}"
    now: Any = VERSION(bench.now(USER, user))
    refusal = bench.set(USER, user, path, f"{SHOWN} (new)", now)
    if not bench.shows(USER, user, path, f"{SHOWN} (new)"):
        return f"a change under the present version is {said_of(refusal)}"
    return ""


def is_off(found: Resource | None) -> bool:
    """Say whether an account is switched off."""
    return found is not None and str(reader(parse_path("active"))(found)).lower() == "false"
