"""
How long a server asks to wait (RFC 9110, section 10.2.3; reliability.md F01 to F03).

Which headers say so is said by the profile; the first that can be understood
decides. A date is read against the server's own clock, the ``Date`` of the same
answer, since ours may be wrong. What cannot be understood counts as not said.

A header that ends in ``-Reset`` says when a window begins anew, in seconds or as
Unix time, and many servers send it with every answer. It asks for a wait only
where nothing is left of the window: ``-Remaining`` beside it is 0, or, where that
is not there, the answer is a 429.

Used by :mod:`reconciler.live.transport` and :mod:`reconciler.live.token_endpoint`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

HEADERS: Final = ("retry-after", "x-retry-after")
"""The headers that are read where no profile says which."""
RESET: Final = "-reset"
UNIX: Final = 10**9
"""From here on a number is a moment and no span: more than 31 years, or after the year 2001."""


def retry_after(
    headers: Mapping[str, str], status: int, names: Iterable[str] = HEADERS
) -> float | None:
    """Return the seconds that an answer asks for, by its *headers*, all named in lower case."""
    said = (_seconds(name, headers) for name in names if _asks(name, headers, status))
    return next((seconds for seconds in said if seconds is not None), None)


def used_up(headers: Mapping[str, str], status: int, names: Iterable[str]) -> float | None:
    """Return the seconds until the next request may go, where this one was the last of a window."""
    return retry_after(headers, status, [name for name in names if name.endswith(RESET)])


def _asks(name: str, headers: Mapping[str, str], status: int) -> bool:
    """Say whether a header is there, and asks for a wait."""
    if name not in headers or not name.endswith(RESET):
        return name in headers
    left = headers.get(f"{name.removesuffix(RESET)}-remaining")
    return status == 429 if left is None else left.strip() == "0"


def _seconds(name: str, headers: Mapping[str, str]) -> float | None:
    """Read one header; None when it cannot be understood."""
    said, now = headers[name].strip(), _date(headers.get("date", ""))
    if said.isascii() and said.isdigit():
        number = float(said[:12])
        if not name.endswith(RESET) or number < UNIX:
            return number
        return None if now is None else max(0.0, number - now.timestamp())
    until = _date(said)
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


def _date(text: str) -> datetime | None:
    """Read an HTTP date; one without a zone says nothing."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None
