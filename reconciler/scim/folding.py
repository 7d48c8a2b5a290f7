"""
Text without its case, and nothing else (RFC 7643, section 2.2; reliability.md, S26 and S27).

Two names that fold together are taken for the same person. So only what is one
letter in two cases is folded, by Unicode's table and in no country's manner:
``ß`` is not ``ss``, ``ﬁ`` is not ``fi``, and ``İ`` is neither ``i`` nor ``I``. Full
case folding (``str.casefold``) makes them equal, and would hand the account of
*strasse* to *straße*. What only looks alike is the business of
:mod:`reconciler.diff.lookalikes`.

Used wherever a name of the source or of the target is compared without case.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def fold(text: str) -> str:
    """Return *text* in lower case and composed (NFC); folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def fold_all(texts: Sequence[str]) -> Sequence[str]:
    """Return each of *texts* as :func:`fold` does; in one go, where all of them are ASCII."""
    joined = "\0".join(texts)
    if joined.isascii():
        folded = joined.lower().split("\0")
        if len(folded) == len(texts):
            return folded
    return [*map(fold, texts)]
