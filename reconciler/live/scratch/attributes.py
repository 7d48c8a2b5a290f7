"""
Trial on the attributes that the application maps: does the service keep them?

A second user is created with a sample in each; what it does not show then is not
kept. Where that create is refused as a whole, one attribute after the other is set.

Left out is what could do something: addresses that mail goes to, and roles, which
are rights; and what cannot be made up: references to others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.live.measure import Measured
from reconciler.live.scratch.bench import (
    EMAILS,
    USER,
    Bench,
    CannotTell,
    Mapped,
    said_of,
)
from reconciler.scim.errors import NotAuthorized, TargetRefused
from reconciler.scim.paths import AttributePath, refers
from reconciler.scim.resource import put, reader
from reconciler.scim.schema import Schemas
from reconciler.states import Resource

KEY: Final = "attributes.unsupported"
ONE_BY_ONE: Final = 10
"""Attributes that are set alone at most, each with two requests."""

_ALWAYS_THERE: Final = frozenset({"username", "externalid", "active", "id", "schemas", "meta"})
"""Tried out by the other trials, or the service's own."""
_LEFT_OUT: Final = {
    EMAILS: "mail goes there",
    "roles": "they are rights",
    "entitlements": "they are rights",
    "groups": "they are rights",
}
_BY_NAME: Final = {
    "preferredlanguage": "en-US",
    "locale": "en-US",
    "timezone": "Etc/UTC",
    "country": "US",
    "phonenumbers": "+1 202 555 0103",
    "ims": "scratch",
}
"""Samples of what has a form of its own, by the lower-case names of attribute or part."""
_BY_TYPE: Final[dict[str, Any]] = {
    "string": "Scratch",
    "boolean": True,
    "integer": 1,
    "decimal": 1,
    "dateTime": "2026-01-01T00:00:00Z",
    "reference": "https://example.invalid/scratch",
    "binary": "c2NyYXRjaA==",
}


@dataclass(frozen=True, slots=True)
class _Sample:
    path: AttributePath
    value: Any

    def kept(self, found: Resource) -> bool:
        """Say whether anything is shown in the place of the sample."""
        return reader(self.path)(found) is not None


def keep_attributes(bench: Bench) -> Iterator[Measured]:
    """Create a second user with a sample in each attribute that is mapped."""
    if not bench.cleans:
        raise CannotTell("a second user is made only where what is deleted is gone")
    samples, left_out = _samples(bench.mapped, bench.capabilities.schemas)
    name = bench.new_name()
    body = _filled(bench.body(name), samples)
    try:
        bench.other = bench.make_user(name, body)
        shown = bench.now(USER, bench.other)
        lost = [each for each in samples if not each.kept(shown)]
        how = "created with each"
    except NotAuthorized:
        raise
    except TargetRefused as exc:
        bench.other = bench.make_user(name)
        lost = [each for each in samples[:ONE_BY_ONE] if not _settable(bench, each)]
        left_out += [f"{each.path} (too many)" for each in samples[ONE_BY_ONE:]]
        how = f"set one by one, as all together are {said_of(exc)}"
    kept = len(samples) - len(lost)
    tried = f"{kept} of {len(samples)} are kept, {how}"
    more = f"; not tried: {', '.join(left_out)}" if left_out else ""
    yield Measured(KEY, tuple(str(each.path) for each in lost), f"{tried}{more}")


def _settable(bench: Bench, sample: _Sample) -> bool:
    """Set one attribute, and say whether it is kept."""
    bench.set(USER, bench.other, str(sample.path), sample.value)
    return bench.pad.becomes(
        USER, bench.other, lambda found: found is not None and sample.kept(found)
    )


def _filled(body: Resource, samples: Sequence[_Sample]) -> Resource:
    """Return *body* with the samples in it."""
    urns: list[str] = body["schemas"]
    for sample in samples:
        put(body, sample.path, sample.value)
        if sample.path.urn and sample.path.urn not in urns:
            urns.append(sample.path.urn)
    return body


def _samples(mapped: Sequence[Mapped], schemas: Schemas) -> tuple[list[_Sample], list[str]]:
    """Return a sample for each attribute that can be tried, and why the others cannot."""
    samples: dict[str, _Sample] = {}
    left_out: dict[str, str] = {}
    for each in mapped:
        why = _why_not(each.path, schemas)
        if why:
            left_out[str(each.path)] = why
        elif each.path.attribute.lower() not in _ALWAYS_THERE:
            samples[str(each.path)] = _Sample(each.path, _value(each, schemas))
    return list(samples.values()), [f"{path} ({why})" for path, why in left_out.items()]


def _why_not(path: AttributePath, schemas: Schemas) -> str | None:
    """Return why an attribute is not tried; None when it can be."""
    name = path.attribute.lower()
    if name in _LEFT_OUT:
        return _LEFT_OUT[name]
    if refers(path):
        return "it refers to somebody"
    definition = schemas.of(USER.value, path)
    if definition is not None and definition.returned in ("never", "request"):
        return "a read does not show it"
    if definition is not None and definition.mutability == "readOnly":
        return "it is read-only"
    if definition is not None and definition.type == "complex" and not path.sub:
        return "it has parts"
    return None


def _value(mapped: Mapped, schemas: Schemas) -> Any:
    """Return what is written to try an attribute out: what everybody has, or something made up."""
    if mapped.constant is not None:
        return mapped.constant
    path = mapped.path
    for name in (path.sub or "", path.attribute):
        if name.lower() in _BY_NAME and (path.sub or "value").lower() in ("value", name.lower()):
            return _BY_NAME[name.lower()]
    definition = schemas.of(USER.value, path)
    return _BY_TYPE.get(definition.type if definition else "string", "Scratch")
