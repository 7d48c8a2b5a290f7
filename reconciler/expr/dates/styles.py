"""
.NET's DateTimeStyles: how strictly a date is read, and what a missing offset means.

Written as in .NET, by name, with commas between: ``"None"`` or
``"AllowWhiteSpaces, AssumeUniversal"``. ``AssumeLocal`` is refused: there is no
local time zone, so that a plan says the same wherever it is made.

Used by FormatDateTime.
"""

from __future__ import annotations

from functools import lru_cache

from reconciler.diagnostics import nearest
from reconciler.expr.dates.moments import DateProblem

Styles = frozenset[str]
"""Names of :data:`STYLES`; AllowWhiteSpaces and None are told by what they stand for."""

LEADING, TRAILING, INNER = "AllowLeadingWhite", "AllowTrailingWhite", "AllowInnerWhite"
NO_CURRENT_DATE = "NoCurrentDateDefault"
TO_UNIVERSAL, UNIVERSAL, ROUNDTRIP = "AdjustToUniversal", "AssumeUniversal", "RoundtripKind"

STYLES: dict[str, Styles] = {
    "None": frozenset(),
    "AllowWhiteSpaces": frozenset({LEADING, TRAILING, INNER}),
    **{
        name: frozenset({name})
        for name in (LEADING, TRAILING, INNER, NO_CURRENT_DATE, TO_UNIVERSAL, UNIVERSAL, ROUNDTRIP)
    },
}

DEFAULT_STYLES: Styles = frozenset({ROUNDTRIP, LEADING, TRAILING})
"""Of FormatDateTime (entra.md 4.2)."""

MAXIMUM_STYLES = 256
"""Characters of a list of styles; all of them together take fewer."""


@lru_cache(maxsize=64)
def styles_of(text: str) -> Styles:
    """
    Return the styles that *text* names, :data:`DEFAULT_STYLES` for none.

    Raises:
        DateProblem: There is no such style, or two of them contradict each other.
    """
    if not text:
        return DEFAULT_STYLES
    if len(text) > MAXIMUM_STYLES:
        raise DateProblem(f"is longer than {MAXIMUM_STYLES} characters", _known())
    styles = frozenset[str]().union(*(_style(name.strip()) for name in text.split(",")))
    if ROUNDTRIP in styles and (clash := styles & {TO_UNIVERSAL, UNIVERSAL}):
        other = min(clash)
        hint = f"leave out one of the two; {ROUNDTRIP} keeps what the text says of its offset"
        raise DateProblem(f"names {ROUNDTRIP} and {other}, which exclude each other", hint)
    return styles


def _style(name: str) -> Styles:
    if name in STYLES:
        return STYLES[name]
    if name == "AssumeLocal":
        hint = f"write {UNIVERSAL}: there is no local time zone, so plans are the same everywhere"
        raise DateProblem("names AssumeLocal, which is not supported", hint)
    close = nearest(name, STYLES)
    hint = f"did you mean {close}?" if close else _known()
    raise DateProblem("names a style that does not exist", hint)


def _known() -> str:
    return f"known styles: {', '.join(STYLES)}"
