"""
A secret, taken out of words in every spelling that gives it away.

Servers repeat what they do not accept, and not always as it was sent: quoted for a
URL or for JSON, in base64 inside of something else, in hex, in another case. Each of
these is the secret to whoever reads a log (reliability.md, S17, INV-29).

Called by :mod:`reconciler.live.auth` for words of the service, before they are cut.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 6
"""Characters of a spelling that is looked for beside the secret itself: two letters of base64
stand in every text."""

HIDDEN: Final = "***"


def hide(words: str, secrets: Iterable[str]) -> str:
    """Return *words* with three stars for each of *secrets*, however spelt, the longest first."""
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        words = re.sub(re.escape(spelling), HIDDEN, words, flags=re.IGNORECASE)
    return words


def _spellings(secret: str) -> Iterator[str]:
    """Yield how *secret* may be repeated; case is looked away from."""
    yield secret
    for spelling in _encoded(secret):
        if len(spelling) >= SHORTEST:
            yield spelling


def _encoded(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret[::-1]
    yield raw.hex()
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield "".join(f"\\u{ord(character):04x}" for character in secret)
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw).decode("ascii").rstrip("=")
        for shift in (1, 2):  # inside of something else; what it shares with its neighbours is cut
            yield encode(b"x" * shift + raw).decode("ascii").rstrip("=")[shift + 1 : -1]
        yield encode(raw).decode("ascii").rstrip("=")[:-1]
