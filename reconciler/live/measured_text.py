"""
A measured profile as the file that a person will read, correct and commit.

Each flag stands beside what its value was seen by; what could not be measured is
a comment. Used for ``probe --write-profile``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.diagnostics import printable
from reconciler.live.measure import Measured, Value

_HEAD = """\
# What could be measured of {tenant_url} by reading, with `reconciler probe --write-profile`.
# Of writing it says what the service declares, and not whether that is so: see to it that
# `members.remove`, `deprovision` and `attributes` are right; docs/profiles.md explains them.
extends: generic
"""
_COLUMN = 30
"""Where the remarks stand."""


def measured_text(found: Sequence[Measured], tenant_url: str) -> str:
    """Return the YAML of the profile that *found* makes."""
    known = [(one.key.split("."), one) for one in found if one.value is not None]
    lines = [_HEAD.format(tenant_url=printable(tenant_url))]
    section = ""
    for path, one in known:
        if path[0] != section and len(path) > 1:
            lines.append(f"{path[0]}:\n")
        section = path[0]
        entry = f"{'  ' * (len(path) - 1)}{path[-1]}: {_plain(one)}"
        lines.append(f"{entry:<{_COLUMN - 1}} # {printable(one.why)}\n")
    return "".join([*lines, *_unknown(found)])


def _unknown(found: Sequence[Measured]) -> Iterator[str]:
    """Yield the remarks on what could not be measured."""
    for one in found:
        if one.value is None:
            yield f"# left out: {one.key}: {printable(one.why)}\n"


def _plain(one: Measured) -> str:
    """Return the value as YAML; its words are ours, and need no quotes."""
    value: Value | None = one.value
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
