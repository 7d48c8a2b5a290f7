"""
Text as it stands in the path and the query of a request.

A filter for two hundred names is quoted to know how long it is, and again to be sent: what
was quoted lately is kept. As :func:`urllib.parse.quote` with nothing safe beside letters,
digits and ``_.-~``, which looks at one character after another (``test_wire_laws.py``).

Used by :mod:`reconciler.live.transport` and :mod:`reconciler.live.several`.
"""

from __future__ import annotations

import string
from functools import lru_cache
from typing import Final
from urllib.parse import quote

SAFE: Final = frozenset(f"{string.ascii_letters}{string.digits}_.-~")
KEPT: Final = 64


@lru_cache(maxsize=KEPT)
def quoted(text: str) -> str:
    """
    Return *text* with every character quoted that is not :data:`SAFE`.

    Raises:
        UnicodeEncodeError: It holds half a character.
    """
    odd = set(text) - SAFE
    for character in sorted(odd, key=lambda one: one != "%"):  # what is quoted is not quoted again
        text = text.replace(character, quote(character, safe=""))
    return text
