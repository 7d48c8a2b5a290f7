"""
How long a server asks to wait (RFC 9110, section 10.2.3; reliability.md F01 to F03).

Some write ``X-Retry-After``. A date is read against the server's own clock, the
``Date`` of the same answer, since ours may be wrong. What cannot be understood
counts as not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

HEADERS = ("retry-after", "x-retry-after")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that *headers* (by lower-case name) ask for; None when they do not."""
    said = next((headers[name].strip() for name in HEADERS if name in headers), "")
    if said.isascii() and said.isdigit():
        return float(said[:12])
    until, now = _date(said), _date(headers.get("date", ""))
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def _date(text: str) -> datetime | None:
    """Read an HTTP date; one without a zone says nothing."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None
