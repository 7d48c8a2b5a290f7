"""
One User or Group: get, set and drop by attribute path.

Resources are the plain dictionaries that the JSON parser made. Attribute names
and schema URNs are compared without case (RFC 7643, section 2.1); the exact
spelling is tried first, because it is nearly always right and costs one look-up.
Null, the empty list and absence are one thing, None (RFC 7643, section 2.5); an
empty text is a value.

Conditions in a path are met without case, as the types they name are
(``work``, ``Work``); ``value`` and ``$ref`` hold ids and are met to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import eq, is_
from typing import Any, cast

from reconciler.scim.folding import fold
from reconciler.scim.paths import AttributePath

Resource = dict[str, Any]
Reader = Callable[[Mapping[str, Any]], Any]
_Test = Callable[[Any], bool]

EXACT = frozenset({"value", "$ref"})
_SCALARS = (str, int, float)
_WORDS = {"true": True, "false": False}


def reader(path: AttributePath) -> Reader:
    """
    Compile *path* into a function that reads it from a resource.

    The function returns the value, or None where it is null, ``[]``, ``{}`` or
    absent. A sub-attribute of a list without conditions gives the list of the
    elements' values; ``.value`` of plain text is the text, since some servers
    send a manager so.
    """
    top = _top(path)
    if not path.conditions:
        return _reader_of_sub(top, path.sub) if path.sub else top
    meets = _meeting(path)
    pick = _getter(path.sub) if path.sub else _whole

    def read(resource: Mapping[str, Any]) -> Any:
        for element in _elements(top(resource)):
            if meets(element):
                return pick(element)
        return None

    return _first_sight(path, read)


def _first_sight(path: AttributePath, read: Reader) -> Reader:
    """Return *read*, tried only where the first element is not plainly the one of one condition."""
    name, wanted = path.conditions[0]
    attribute, sub = path.attribute, path.sub
    if path.urn or sub is None or len(path.conditions) > 1 or isinstance(wanted, bool):
        return read

    def look(resource: Mapping[str, Any]) -> Any:
        try:
            element = resource[attribute][0]
            if element[name] == wanted and (value := element[sub]):
                return value
        except (LookupError, TypeError):
            pass
        return read(resource)

    return look


def copied(value: Any) -> Any:
    """Return a copy of what JSON is made of: `deepcopy` looks for far more in it."""
    if isinstance(value, dict):
        return {name: copied(held) for name, held in value.items()}
    return [*map(copied, value)] if isinstance(value, list) else value


def put(resource: Resource, path: AttributePath, value: Any) -> None:
    """
    Set *path* to *value* in place.

    Containers are created. An element that meets the conditions is updated;
    without one, an element is appended with the conditions as sub-attributes.
    """
    holder = _holder(resource, path)
    key = _spelling(holder, path.attribute)
    if path.conditions:
        holder[key] = elements = _elements(holder.get(key))
        _put_element(elements, path, value)
    elif path.sub is None:
        holder[key] = value
    else:
        inner = holder.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            inner = inner[0]
        elif not isinstance(inner, dict):
            inner = holder[key] = {}
        inner[_spelling(inner, path.sub)] = value


def drop(resource: Resource, path: AttributePath) -> None:
    """
    Remove *path* in place; what becomes empty goes with it.

    Dropping ``.value`` of a filtered element drops the element: without its
    value it says nothing. Every element that meets the conditions is meant.
    """
    holder = _holder(resource, path)
    key = _spelling(holder, path.attribute)
    if path.conditions:
        holder[key] = _without(_elements(holder.get(key)), path)
    elif path.sub is None:
        holder.pop(key, None)
    elif isinstance(inner := holder.get(key), dict):
        inner.pop(_spelling(inner, path.sub), None)
    if key in holder and _absent(holder[key]):
        del holder[key]
    if path.urn and not holder:
        resource.pop(_spelling(resource, path.urn), None)


def _getter(name: str) -> Reader:
    """Return a function that gets *name* from a mapping, compared without case."""
    lowered, length = name.lower(), len(name)

    def get(mapping: Mapping[str, Any]) -> Any:
        if name in mapping:
            value = mapping[name]
        else:
            for key in mapping:
                if len(key) == length and key.lower() == lowered:
                    value = mapping[key]
                    break
            else:
                return None
        if value or isinstance(value, _SCALARS):
            return value
        return None

    return get


def _top(path: AttributePath) -> Reader:
    """Return a reader of the attribute itself, below its extension if it has one."""
    attribute = _getter(path.attribute)
    if path.urn is None:
        return attribute
    extension = _getter(path.urn)

    def read(resource: Mapping[str, Any]) -> Any:
        inner = extension(resource)
        return attribute(inner) if isinstance(inner, dict) else None

    return read


def _reader_of_sub(top: Reader, sub: str) -> Reader:
    """Return a reader of a sub-attribute without conditions."""
    pick = _part(sub)

    def read(resource: Mapping[str, Any]) -> Any:
        container = top(resource)
        if isinstance(container, list):
            values = [value for value in map(pick, container) if value is not None]
            return values or None
        return pick(container)

    return read


def _part(sub: str) -> Callable[[Any], Any]:
    """Return a function that picks *sub* from an element."""
    get, is_value = _getter(sub), sub.lower() == "value"

    def pick(element: Any) -> Any:
        if isinstance(element, dict):
            return get(element)
        return element if is_value and isinstance(element, str) else None

    return pick


def _whole(element: Any) -> Any:
    """Pick an element as it is."""
    return element


def _elements(value: Any) -> list[Any]:
    """Return the elements of a list; a single complex value counts as one of one."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


@lru_cache(maxsize=1_024)
def _meeting(path: AttributePath) -> _Test:
    """
    Return a function that says whether something is the element that *path* describes.

    What is spelt to the letter meets a condition in any case, and is looked at first.
    """
    tests = [
        (name, value, is_ if isinstance(value, bool) else eq, _getter(name), _test(name, value))
        for name, value in path.conditions
    ]

    def meets(element: Any) -> bool:
        if not isinstance(element, dict):
            return False
        for name, value, same, get, test in tests:
            if not same(element.get(name), value) and not test(get(element)):
                return False
        return True

    return meets


def _test(name: str, wanted: str | bool) -> _Test:
    """Return what one condition asks of a sub-attribute's value."""
    if isinstance(wanted, bool):
        # RFC 7643, section 2.4: a value that does not say so is not primary.
        return lambda found: boolean(found) is wanted
    if name.lower() in EXACT:
        return lambda found: cast("bool", found == wanted)
    folded = fold(wanted)
    return lambda found: isinstance(found, str) and fold(found) == folded


def boolean(found: Any) -> Any:
    """Read a boolean, the words that servers send for it, or nothing as false."""
    if isinstance(found, str):
        return _WORDS.get(found.lower())
    return False if found is None else found


def _put_element(elements: list[Any], path: AttributePath, value: Any) -> None:
    """Update the element that meets the conditions of *path*, or append one."""
    meets = _meeting(path)
    element = next((item for item in elements if meets(item)), None)
    if element is None:
        element = dict(path.conditions)
        elements.append(element)
    if path.sub is None and isinstance(value, Mapping):
        element.update(value)
    else:
        element[_spelling(element, path.sub or "value")] = value


def _without(elements: list[Any], path: AttributePath) -> list[Any]:
    """Return *elements* without what *path* names."""
    meets = _meeting(path)
    if path.sub is None or path.sub.lower() == "value":
        return [element for element in elements if not meets(element)]
    for element in elements:
        if meets(element):
            element.pop(_spelling(element, path.sub), None)
    return elements


def _holder(resource: Resource, path: AttributePath) -> Resource:
    """Return what holds the attribute: the resource, or its extension, made if need be."""
    if path.urn is None:
        return resource
    key = _spelling(resource, path.urn)
    inner = resource.get(key)
    if not isinstance(inner, dict):
        inner = resource[key] = {}
    return inner


def _spelling(mapping: Mapping[str, Any], name: str) -> str:
    """Return how *mapping* spells *name*, or *name* when it is not there."""
    if name in mapping:
        return name
    lowered, length = name.lower(), len(name)
    for key in mapping:
        if len(key) == length and key.lower() == lowered:
            return key
    return name


def _absent(value: Any) -> bool:
    """Say whether *value* is the same as nothing."""
    return value is None or value == [] or value == {}
