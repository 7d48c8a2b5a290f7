"""
The shape that many JSON values share, learned from examples.

A service writes each account in the same way, with other texts in it. What has one shape
is decoded in a third of the time, and many can be looked at column by column
(:mod:`reconciler.sheet`). A shape says of nothing what it should be: it is what was
seen, and whatever does not fit is looked at in another way, or learned as well.

Used by :mod:`reconciler.live`, which proves pages by it, and by :mod:`reconciler.aside`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Union

import msgspec

DEEPEST: Final = 7
"""Containers inside containers; what is nested deeper is not learned."""

MOST_PLACES: Final = 500
"""Places in a shape, at which there is a value; what has more of them is not learned."""

NUMBER: Final = Annotated[int, msgspec.Meta(gt=-(2**53), lt=2**53)] | float
"""A number that every reader of JSON agrees on; a decimal is never taken for an integer."""

EXAMPLES: Final = 20
"""Elements of a list that a shape is learned from at first."""

LESSONS: Final = 20
"""Texts that a shape is learned from; then it is what it is."""

STRICT: Final = 3
"""First lessons after which keys that were always there are counted on."""

_LEAVES: Final[Mapping[type, Any]] = {
    str: str,
    bool: bool,
    int: NUMBER,
    float: NUMBER,
    type(None): None,
}


_PLAIN: Final = frozenset({str, bool, type(None)})


class Unlearnable(ValueError):
    """Has no shape that others could share."""


@dataclass(slots=True)
class Shape:
    """What was seen of values at one place."""

    leaves: set[type] = field(default_factory=set)
    """Of texts, numbers, truth and null, which there were."""
    fields: dict[str, Shape] = field(default_factory=dict)
    """What objects had, by their keys."""
    is_object: bool = False
    elements: Shape | None = None
    """What lists held; None: there were no lists."""
    made: Any = None
    """The type of the objects, once it is made."""
    places: dict[str, str] = field(default_factory=dict)
    """By key, the attribute of that type."""
    spelt: dict[str, list[str]] = field(default_factory=dict)
    """By key in lower case, how it is written."""
    sometimes: set[str] = field(default_factory=set)
    """Keys that some of the objects did not have."""
    always: frozenset[str] = frozenset()
    """Keys that each object of that type has."""

    def add(self, value: Any, room: Room, depth: int = DEEPEST) -> None:
        """
        Learn from one more value, as the JSON parser made it.

        Raises:
            Unlearnable: It is nested too deep, or has too many places.
        """
        kind = type(value)
        if kind in _LEAVES:
            self.leaves.add(kind)
            return
        if not depth:
            raise Unlearnable
        if kind is dict:
            if self.is_object:
                self.sometimes |= self.fields.keys() ^ value.keys()
            self.is_object = True
            for key, inner in value.items():
                if key not in self.fields:
                    self.fields[key] = room.take()
                self.fields[key].add(inner, room, depth - 1)
            return
        self.elements = self.elements or room.take()
        for inner in value:
            self.elements.add(inner, room, depth - 1)

    def type(self, *, strict: bool) -> Any:
        """
        Return the type of such values; whatever else there is does not decode.

        Raises:
            Unlearnable: A key cannot be told by it.
        """
        kinds = [_LEAVES[leaf] for leaf in self.leaves]
        if self.is_object:
            kinds.append(self._object(strict=strict))
        if self.elements is not None:
            kinds.append(list[self.elements.type(strict=strict)])  # type: ignore[misc]
        return _either(kinds) if kinds else None

    @property
    def is_plain(self) -> bool:
        """Whether each such value is a text, truth or nothing."""
        return not self.is_object and self.elements is None and self.leaves <= _PLAIN

    @property
    def is_whole(self) -> bool:
        """Whether each such value is an object that has all keys there are."""
        return self.is_made and self.fields.keys() == self.always

    @property
    def is_made(self) -> bool:
        """Whether each such value is an object."""
        return self.is_object and self.elements is None and not self.leaves

    def _object(self, *, strict: bool) -> Any:
        """
        Return the type of the objects: no other key may be there, and each be missing.

        If it is *strict*, none may be missing that was always there.
        """
        self.places = {key: f"at{number}" for number, key in enumerate(self.fields)}
        self.always = frozenset(self.fields.keys() - self.sometimes if strict else ())
        self.spelt = {}
        for key in self.fields:
            self.spelt.setdefault(key.lower(), []).append(key)
        told: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for key, shape in self.fields.items():
            at, kind = self.places[key], shape.type(strict=strict)
            if key in self.always:
                told.append((at, kind))
            else:
                told.append((at, _either((kind, msgspec.UnsetType)), msgspec.UNSET))
        try:
            self.made = msgspec.defstruct(
                "Learned",
                told,
                rename={at: key for key, at in self.places.items()},
                forbid_unknown_fields=True,
                kw_only=True,
                gc=False,
            )
        except (TypeError, ValueError) as exc:
            raise Unlearnable from exc
        return self.made


@dataclass(slots=True)
class Room:
    """What is left of the places that a shape may have: whoever sends a page decides of them."""

    left: int = MOST_PLACES

    def take(self) -> Shape:
        """
        Return a shape for one more place.

        Raises:
            Unlearnable: There are too many.
        """
        self.left -= 1
        if self.left < 0:
            raise Unlearnable
        return Shape()


def _either(kinds: Iterable[Any]) -> Any:
    """Return the type of what is one of *kinds*."""
    return Union[tuple(kinds)]  # noqa: UP007 - of types that are known when it runs


class Learned:
    """Decodes JSON texts that mostly have one shape."""

    def __init__(self, parse: Callable[[bytes], Any] = msgspec.json.decode) -> None:
        """Prepare; *parse* is how a text is read that has another shape, to learn from it."""
        self.shape = Shape()
        """That of a whole text."""
        self._parse, self._room = parse, Room()
        self._decoder: msgspec.json.Decoder[Any] | None = None
        self._lessons = LESSONS

    def decode(self, body: bytes) -> Any | None:
        """
        Return the value of *body*, whose objects are of the shape; None: it has another.

        Raises:
            Whatever *parse* raises.
        """
        while True:
            if self._decoder is not None:
                try:
                    return self._decoder.decode(body)
                except (msgspec.MsgspecError, ValueError, RecursionError):
                    pass
            if not self._lessons:
                return None
            self._learn(self._parse(body))

    def _learn(self, value: Any) -> None:
        """Learn from a text: at first from a part of it, and from all that did not fit."""
        first, self._lessons = self._lessons == LESSONS, self._lessons - 1
        strict = self._lessons >= LESSONS - STRICT
        try:
            self.shape.add(_part(value) if first else value, self._room)
            self._decoder = msgspec.json.Decoder(self.shape.type(strict=strict))
        except (Unlearnable, TypeError):
            self._lessons, self._decoder = 0, None


def _part(value: Any) -> Any:
    """Return *value* with the first elements of its lists, on the two highest levels."""
    if isinstance(value, list):
        return value[:EXAMPLES]
    if isinstance(value, dict):
        lists = {key: one[:EXAMPLES] for key, one in value.items() if isinstance(one, list)}
        return {**value, **lists}
    return value
