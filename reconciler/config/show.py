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
from collections.abc import Iterable, Mapping, Sequence

from reconciler.diagnostics import Diagnostic

_LINELESS = frozenset({"literal-secret", "bad-reference", "password-target"})
"""Codes of complaints whose line may be the secret."""

_OURS = r"(?!token_url\b|credentials_in\b)"
"""Keys of ours that sound like a secret and hold none."""

_KEY = rf"{_OURS}(?:secret|token|passw|credential|bearer|api[-_]?key)[\w-]{{0,40}}[\"']?\s{{0,9}}:"
_REFERENCE = r"\s{0,9}(?:\{\s{0,9}(?:env\s{0,9}:\s{0,9}\w+|file\s{0,9}:\s{0,9}[\w./-]+)\s{0,9}\}|$)"
_MASKS = (
    (re.compile(rf"(?i)({_KEY})(?!{_REFERENCE}).*"), r"\1 ***"),
    (re.compile(r"(://)[^@\s\"']{1,999}(?=@)"), r"\1***"),
    (re.compile(r"(://[^\s?\"']{0,999}\?)[^\s\"']+"), r"\1***"),
)
"""What could be a secret, and what is shown for it; all repetition is bounded (S14)."""

_ANNOUNCES = re.compile(rf"(?i){_KEY}\s{{0,9}}(?:[|>][-+]?)?\s{{0,9}}(?:#.*)?$")
"""A line whose value stands in the next one."""

LONGEST_LINE = 64 * 1024
"""Characters of the longest line that is shown in part: what could be a secret is looked for in
all of it, once for each complaint."""

_HARMLESS = re.compile(r"\s*(?:(?:env|file)\s*:|$)")
"""A line that is no secret, even after one that announces it."""


def format_all(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """
    Lay *diagnostics* out for a terminal, one after the other.

    Args:
        diagnostics: Of ``ConfigError.diagnostics`` or ``Loaded.warnings``.
        texts: Text by file name, as given to ``load_config``; the lines of
            files that are not in it are not shown.
    """
    rows = {file: text.removeprefix("\ufeff").split("\n") for file, text in texts.items()}
    return "\n".join(one.format(_source(one, rows)) for one in diagnostics)


def _source(diagnostic: Diagnostic, rows: Mapping[str, Sequence[str]]) -> str | None:
    """Return a text that has the offending line, masked, in its place; None to show none."""
    position = diagnostic.position
    if position is None or diagnostic.code in _LINELESS or position.file not in rows:
        return None
    index = position.line - 1
    if index < len(rows[position.file]) and len(rows[position.file][index]) > LONGEST_LINE:
        return None
    return "\n" * index + mask(rows[position.file], index)


def mask(rows: Sequence[str], index: int) -> str:
    """Return the line at *index* with ``***`` for whatever could be a secret."""
    row = rows[index] if index < len(rows) else ""
    if index and _ANNOUNCES.search(rows[index - 1]) and not _HARMLESS.match(row):
        return "***"
    for pattern, shown in _MASKS:
        row = pattern.sub(shown, row)
    return row
