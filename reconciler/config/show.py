"""
Diagnostics as a person reads them, without showing a secret.

The offending line is shown with a caret, and an offending line may be the one
into which somebody pasted a token. So text after a key that sounds like a
secret is blotted out unless it is a reference, and complaints about the secret
itself show no line at all (reliability.md, S17).

Called by :mod:`reconciler.cli` and the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from reconciler.diagnostics import Diagnostic

_LINELESS = frozenset({"literal-secret", "bad-reference", "password-target"})
"""Codes of complaints whose line may be the secret."""

_KEY = r"[\w-]*(?:secret|token|passw|credential|bearer|api[-_]?key)[\w-]*[\"']?\s*:"
_REFERENCE = r"\s*(?:\{\s*(?:env\s*:\s*\w+|file\s*:\s*[\w./-]+)\s*\}|(?:#.*)?$)"
_PASTED = re.compile(rf"(?i)({_KEY})(?!{_REFERENCE})(.*)")
_BELOW = re.compile(rf"(?i){_KEY}\s*[|>]?[-+]?\s*(?:#.*)?$")
_USER_IN_URL = re.compile(r"(://)[^/@\s]+(?=@)")
_QUERY_IN_URL = re.compile(r"(://[^\s?\"']*\?)[^\s\"']+")


def format_all(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """
    Lay *diagnostics* out for a terminal, one after the other.

    Args:
        diagnostics: Of ``ConfigError.diagnostics`` or ``Loaded.warnings``.
        texts: Text by file name, as given to ``load_config``; the lines of
            files that are not in it are not shown.
    """
    masked: dict[str, str] = {}
    shown = []
    for one in diagnostics:
        source = None
        if one.position and one.code not in _LINELESS and one.position.file in texts:
            file = one.position.file
            source = masked.setdefault(file, mask(texts[file]))
        shown.append(one.format(source))
    return "\n".join(shown)


def mask(text: str) -> str:
    """Return *text*, line for line, with ``***`` for whatever could be a secret."""
    rows = text.removeprefix("\ufeff").split("\n")
    above = ["", *rows]
    return "\n".join(
        _mask_row(row) if _is_harmless(row, above[number]) else "***"
        for number, row in enumerate(rows)
    )


def _is_harmless(row: str, above: str) -> bool:
    """Say whether *row* is no secret that the line *above* announces."""
    return not _BELOW.search(above) or re.match(r"\s*(?:(?:env|file)\s*:|$)", row) is not None


def _mask_row(row: str) -> str:
    """Blot out the secrets of one line."""
    for pattern, mark in (
        (_PASTED, r"\1 ***"),
        (_USER_IN_URL, r"\1***"),
        (_QUERY_IN_URL, r"\1***"),
    ):
        row = pattern.sub(mark, row)
    return row
