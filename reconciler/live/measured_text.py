"""
A measured profile as the file that a person will read, correct and commit.

Each flag stands beside what its value was seen by; what could not be measured is
a comment. Flags stand in the order of the model, whoever measured them. Used for
``probe --write-profile``; what was measured by writing is shown on the screen too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel

from reconciler.diagnostics import printable
from reconciler.live.measure import Measured, Value
from reconciler.live.probe import Finding, Outcome
from reconciler.profiles.model import GENERIC

_BY_READING: Final = """\
# What could be measured of {tenant_url} by reading, with `reconciler probe --write-profile`.
# Of writing it says what the service declares, and not whether that is so: see to it that
# `members.remove`, `deprovision` and `attributes` are right; docs/profiles.md explains them.
extends: generic
"""
_BY_WRITING: Final = """\
# What could be measured of {tenant_url}, with `reconciler probe --scratch --write-profile`:
# by reading, and by writing to objects of its own. What was left out stays as it is by
# default; docs/profiles.md explains the flags.
extends: generic
"""
_COLUMN: Final = 30
"""Where the remarks stand."""
_WORD: Final = re.compile(r"[A-Za-z_]+")
"""What YAML takes for text without quotes; our own words are."""


def measured_text(found: Sequence[Measured], tenant_url: str, *, by_writing: bool = False) -> str:
    """Return the YAML of the profile that *found* makes."""
    head = _BY_WRITING if by_writing else _BY_READING
    lines = [head.format(tenant_url=printable(tenant_url))]
    above: list[str] = []
    for one in _in_order(found):
        *sections, name = one.key.split(".")
        for depth, section in enumerate(sections):
            if above[: depth + 1] != sections[: depth + 1]:
                lines.append(f"{'  ' * depth}{section}:\n")
                above = sections[: depth + 1]
        above = sections
        entry = f"{'  ' * len(sections)}{name}: {_plain(one.value)}"
        lines.append(f"{entry:<{_COLUMN - 1}} # {printable(one.why)}\n")
    return "".join([*lines, *_unknown(found)])


def findings_of(found: Sequence[Measured]) -> Iterator[Finding]:
    """Yield the lines for the screen: a warning is what a profile should say, or cannot."""
    usual = dict(_flags(GENERIC, ""))
    for one in found:
        if one.value is None:
            yield Finding(one.key, Outcome.WARN, f"could not be measured: {one.why}")
        else:
            outcome = Outcome.OK if one.value == usual[one.key] else Outcome.WARN
            yield Finding(one.key, outcome, f"{_plain(one.value)} ({one.why})")


def _in_order(found: Sequence[Measured]) -> list[Measured]:
    """Return what could be measured, in the order of a profile."""
    order = {key: number for number, (key, _) in enumerate(_flags(GENERIC, ""))}
    known = [one for one in found if one.value is not None]
    return sorted(known, key=lambda one: order[one.key])


def _flags(model: BaseModel, above: str) -> Iterator[tuple[str, object]]:
    """Yield the flags of a profile by their paths, with their values."""
    for name, value in model:
        if isinstance(value, BaseModel):
            yield from _flags(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _unknown(found: Sequence[Measured]) -> Iterator[str]:
    """Yield the remarks on what could not be measured."""
    for one in found:
        if one.value is None:
            yield f"# left out: {one.key}: {printable(one.why)}\n"


def _plain(value: Value | None) -> str:
    """Return a value as YAML: in JSON's spelling where it is not one of our own words."""
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(each) for each in value)}]"
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
