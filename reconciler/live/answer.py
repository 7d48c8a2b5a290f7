"""
An answer of the target, before anybody believes it.

Bodies are read within bounds, and unpacked by us: 980 bytes of gzip inside gzip
become half a gigabyte in a client that unpacks for itself (reliability.md S07).
Only JSON that says it is JSON is read (INV-3).

Made by :mod:`reconciler.live.transport`, read by :mod:`reconciler.live.client`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from reconciler.diagnostics import printable
from reconciler.live import strict_json
from reconciler.scim.errors import AnswerTooLarge, TargetMisbehaved

WIRE_LIMIT: Final = 8 * 2**20
"""Bytes of a body on the wire."""
DECODED_LIMIT: Final = 16 * 2**20
"""Bytes of a body once it is unpacked."""

MEDIA_TYPES: Final = frozenset({"application/scim+json", "application/json"})
"""What SCIM comes as (RFC 7644, section 8.1; plain JSON is common)."""

_CODINGS: Final = frozenset({"br", "compress", "deflate", "gzip", "identity", "x-gzip", "zstd"})
"""Content codings that have a name (IANA's registry)."""

_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's `wbits` by content coding (RFC 9110, section 8.4.1)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; *body* is unpacked."""

    request: str
    """What was asked, for messages: ``GET /Users``."""
    status: int
    media_type: str
    body: bytes

    def json(self, parse: Callable[[bytes], Any] = strict_json.parse) -> Any:
        """
        Return the body as JSON; *parse* is how it is read.

        Raises:
            TargetMisbehaved: It does not claim to be JSON, or is none.
        """
        if self.media_type not in MEDIA_TYPES:
            found = f'"{printable(self.media_type)[:60]}"' if self.media_type else "no media type"
            raise TargetMisbehaved(
                f"the target answered {self.request} with {found}, where application/scim+json "
                "was expected: this is not a SCIM service, or something stands in front of it"
            )
        try:
            return parse(self.body)
        except strict_json.StrictJsonError as exc:
            raise TargetMisbehaved(
                f"the body of the answer to {self.request} cannot be read: {exc}"
            ) from exc


def read_body(chunks: Iterable[bytes], coding: str, request: str) -> bytes:
    """
    Collect a body, unpacked, within bounds.

    Args:
        chunks: The bytes as they come from the wire.
        coding: The ``Content-Encoding``; one layer of gzip or deflate is read.
        request: What was asked, for messages.

    Raises:
        AnswerTooLarge: More than :data:`WIRE_LIMIT` or :data:`DECODED_LIMIT`.
        TargetMisbehaved: Another coding, or packed data that is broken or cut off.
    """
    packed = bytearray()
    for chunk in chunks:
        packed += chunk
        if len(packed) > WIRE_LIMIT:
            raise AnswerTooLarge(_too_large(request, WIRE_LIMIT))
    coding = coding.strip().lower()
    if coding in {"", "identity"} or not packed:
        return bytes(packed)
    if coding not in _WINDOW:
        raise TargetMisbehaved(
            f"the answer to {request} is packed{_as(coding)}, although it was asked for unpacked"
        )
    return _unpack(bytes(packed), _WINDOW[coding], request)


def _as(coding: str) -> str:
    """Name a coding that has a name; any other words of a service may be our own secret."""
    known = {part.strip() for part in coding[:60].split(",")} <= _CODINGS
    return f' as "{coding}"' if known else " in a way that has no name"


def _unpack(packed: bytes, window: int, request: str) -> bytes:
    """Unpack one layer, never more than one byte beyond the limit."""
    stream = zlib.decompressobj(wbits=window)
    try:
        body = stream.decompress(packed, DECODED_LIMIT + 1)
    except zlib.error as exc:
        raise TargetMisbehaved(f"the answer to {request} cannot be unpacked") from exc
    if len(body) > DECODED_LIMIT:
        raise AnswerTooLarge(_too_large(request, DECODED_LIMIT))
    if not stream.eof or stream.unused_data:
        raise TargetMisbehaved(f"the packed answer to {request} is cut off, or followed by more")
    return body


def _too_large(request: str, limit: int) -> str:
    """Say that an answer is too large."""
    return f"the answer to {request} is larger than {limit // 2**20} MiB"
