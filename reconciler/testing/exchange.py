"""
A request as it arrived and an answer as it will be sent, as plain values.

Faults change these two and nothing else, so a fault can be read, tested and put
together with others. What the socket does to an answer is part of it
(:class:`Wire`), since most of what breaks clients is not in the body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, urlencode

SCIM_JSON: Final = "application/scim+json"
"""The media type of SCIM (RFC 7644, section 8.1)."""

ERROR_URN: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
"""The schema of an error message (RFC 7644, section 3.12)."""

WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods that change something; a POST to ``/.search`` does not."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    """Below the tenant URL, still quoted: ``/Users/2819c223``."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""
    number: int = 0
    """Its place among all requests, from 1; 0 before it is counted."""
    reused: bool = False
    """Whether its connection has carried a request before."""

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        return self.method in WRITING and not self.path.endswith("/.search")

    @property
    def endpoint(self) -> str:
        """The first step of the path: ``Users``."""
        return self.path.removeprefix("/").partition("/")[0]

    @property
    def resource_id(self) -> str:
        """The second step of the path, or nothing."""
        return self.path.removeprefix("/").partition("/")[2]

    @property
    def target(self) -> str:
        """Path and query as they stand in a request line."""
        asked = urlencode(self.query, quote_via=quote, safe="")
        return f"{self.path}?{asked}" if asked else self.path

    def json(self) -> Any:
        """Return the body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def asking(self, **query: str | None) -> Request:
        """Return the request with parameters set, or taken out where they are None."""
        merged: dict[str, str | None] = {**self.query, **query}
        kept = {name: value for name, value in merged.items() if value is not None}
        return replace(self, query=kept)

    def saying(self, value: Any) -> Request:
        """Return the request with *value* as its JSON body."""
        return replace(self, body=json.dumps(value).encode())

    def without(self, header: str) -> Request:
        """Return the request without one header, named in lower case."""
        kept = {name: value for name, value in self.headers.items() if name != header}
        return replace(self, headers=kept)


@dataclass(frozen=True, slots=True)
class Wire:
    """What the socket does to an answer; needs :meth:`FaultyScim.serve`."""

    cut_after: int | None = None
    """Send this many bytes, head included, and close."""
    reset: bool = False
    """Close with a TCP reset instead of an end."""
    silent: bool = False
    """Send nothing, and keep the connection open until the client gives up."""
    drip_head: float = 0.0
    """Seconds between two bytes of the head."""
    drip_body: float = 0.0
    """Seconds between two bytes of the body."""
    close: bool = False
    """Close after the answer, without having said so."""


HONEST_WIRE: Final = Wire()
"""Everything is sent at once, and the connection stays open."""

HANG_UP: Final = Wire(cut_after=0)
"""Not a byte is sent."""

RESET: Final = Wire(cut_after=0, reset=True)
"""Not a byte is sent, and the connection is reset."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it will be sent."""

    body: bytes = b""
    status: int = 200
    media_type: str | None = SCIM_JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    wire: Wire = HONEST_WIRE

    @classmethod
    def of(cls, value: Any, status: int = 200) -> Reply:
        """Answer with *value* as SCIM JSON."""
        return cls(json.dumps(value).encode(), status)

    @classmethod
    def error(cls, status: int, detail: str, scim_type: str | None = None, **headers: str) -> Reply:
        """Answer with a SCIM error message; *headers* have ``_`` for ``-``."""
        said = {"schemas": [ERROR_URN], "status": str(status), "detail": detail}
        message = said if scim_type is None else {**said, "scimType": scim_type}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(json.dumps(message).encode(), status, headers=named)

    @property
    def good(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def saying(self, value: Any) -> Reply:
        """Return the answer with *value* as its JSON body."""
        return replace(self, body=json.dumps(value).encode())

    def fields(self) -> dict[str, str]:
        """Return the headers as they are sent; those given win over those worked out."""
        plain: dict[str, str] = {}
        if "Transfer-Encoding" not in self.headers and self.status != 204:
            plain["Content-Length"] = str(len(self.body))
        if self.media_type:
            plain["Content-Type"] = self.media_type
        return {**plain, **self.headers}

    def head(self) -> bytes:
        """Return the status line and the headers, with the empty line after them."""
        named = (f"{name}: {value}" for name, value in self.fields().items())
        return "\r\n".join([f"HTTP/1.1 {self.status} Answer", *named, "", ""]).encode("latin-1")
