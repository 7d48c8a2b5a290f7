"""
JSON that means one thing only.

The parser of the standard library takes the last of two equal keys, knows NaN,
and lets half a surrogate pair through; each of these makes two readers of one
body see two different things (reliability.md S03, S06). They are refused.

Numbers that JSON readers do not agree on, integers of 2**53 and more and
numbers beyond a double, are kept as the text they were written as: they occur
in attributes that nobody manages, and must neither be lost nor stop a read.

Used for bodies of the target and for saved live states. Nearly all of them are decoded
by :mod:`reconciler.live.quick_json`, which proves that :func:`parse_plainly` would find
the same, or leaves it to that.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from reconciler.diagnostics import ReconcilerError
from reconciler.live import quick_json

DEPTH_LIMIT: Final = 64
"""Containers inside containers (reliability.md S06); SCIM needs six."""

INTEGER_LIMIT: Final = 2**53
"""From here on a double, and so most readers of JSON, cannot tell neighbours apart."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_CONTAINERS = (dict, list)


class StrictJsonError(ReconcilerError):
    """A text that is not JSON, or not in one sense only."""


def parse(body: bytes) -> Any:
    """
    Parse *body*, UTF-8 (RFC 8259, section 8.1).

    Raises:
        StrictJsonError: With a clause that says what is wrong, and no content.
    """
    value, proved = quick_json.decode(body)
    return value if proved else parse_plainly(body)


def parse_plainly(body: bytes) -> Any:
    """
    Parse *body* by the rules alone: what :func:`parse` is held against.

    Raises:
        StrictJsonError: As :func:`parse`.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as exc:
        raise StrictJsonError("it is not UTF-8") from exc
    except RecursionError as exc:
        raise StrictJsonError(_TOO_DEEP) from exc
    except ValueError as exc:
        raise StrictJsonError("it is not JSON, or it is cut off") from exc
    if _too_deep(value):
        raise StrictJsonError(_TOO_DEEP)
    if _SURROGATE.search(body):
        _check_surrogates(value)
    return value


_TOO_DEEP = f"it is nested more than {DEPTH_LIMIT} deep"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; a key given twice has no meaning."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise StrictJsonError("an object in it has the same key twice")
    return result


def _integer(digits: str) -> int | str:
    """Read an integer, or keep what is too large for others to read."""
    if len(digits) > 17 or abs(number := int(digits)) >= INTEGER_LIMIT:
        return digits
    return number


def _decimal(text: str) -> float | str:
    """Read a decimal, or keep what no double can hold."""
    number = float(text)
    return number if math.isfinite(number) else text


def _constant(name: str) -> Any:
    """Refuse the words that are not JSON."""
    raise StrictJsonError(f"{name} in it is not JSON")


def _too_deep(value: Any) -> bool:
    """Say whether containers are nested deeper than the limit, level by level."""
    level = [value]
    for _ in range(DEPTH_LIMIT):
        level = [
            child
            for container in level
            if type(container) in _CONTAINERS
            for child in (container.values() if type(container) is dict else container)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return True


def _check_surrogates(value: Any) -> None:
    """Refuse half a surrogate pair, which cannot be written again."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as exc:
        raise StrictJsonError("it holds half a character") from exc
