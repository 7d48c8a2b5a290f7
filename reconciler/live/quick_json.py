"""
The common body, decoded in half the time, and proved to mean one thing.

:mod:`reconciler.live.strict_json` says what is read and what is refused; it is asked
whenever anything is not proved here, so this changes nothing but the time:

* **depth and numbers** are part of the shape that is decoded: up to
  :data:`DEPTH` containers, integers that every reader of JSON agrees on;
* **a key given twice** leaves fewer texts behind than were written. Those of a body
  are counted by its quotation marks, those of the value in the same way once it is
  written again, which is quicker than looking into every container;
* **everything else** that strict JSON refuses, NaN, half a character, another encoding,
  is an error to msgspec, too (``tests/property/test_json_laws.py``).
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from reconciler.learned import NUMBER

DEPTH: Final = 7
"""
Containers inside containers: a saved live state needs seven, a page of users six.

With each more, preparing the decoder takes twice as long: two milliseconds for seven.
"""

_Leaf = str | bool | NUMBER | None

_ESCAPED = re.compile(rb"\\.")


def _shape(depth: int) -> Any:
    """Return the type of values with at most *depth* containers inside each other."""
    inner: Any = _Leaf
    for _ in range(depth):
        inner = _Leaf | dict[str, inner] | list[inner]
    return inner


_DECODER: Final = msgspec.json.Decoder(_shape(DEPTH))
_ENCODER: Final = msgspec.json.Encoder()


def decode(body: bytes) -> tuple[Any, bool]:
    """Return the value of *body*, and whether it is proved; nothing is known when it is not."""
    try:
        value = _DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None, False
    return value, texts(body) == texts(_ENCODER.encode(value))


def texts(body: bytes | bytearray) -> int:
    """Count the quotation marks around keys and texts of valid JSON: two for each."""
    if b"\\" in body:  # looking for one byte takes no time, and for two of them a while
        body = _ESCAPED.sub(b"", body)
    return body.count(b'"')
