"""
Many patterns over one value: RE2 looks for all of them at once.

Every distinct value is looked at once, by a set of all the patterns that are about its
attribute (performance.md, ingredient 5); patterns that are no more than a list of texts
need no engine. A set runs on RE2's automaton alone: where that has no room left, it
says that nothing matches, and people would fall out of scope. So each set holds one
pattern more, which matches anything: an answer without it is no answer, and every
pattern is asked by itself.

Used by :mod:`reconciler.scope.filters`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import re2

from reconciler.config.patterns import compile_pattern

REMEMBERED = 4096
"""Values whose answers are kept: departments repeat, and so do their answers."""

ANYTHING = "(?s:.*)"
"""What is found in every value; the witness that a set could answer."""

_WITNESS = 0

_TEXTS = re.compile(
    r"\^?(\((?:\?:)?)?([^\\.+*?()|\[\]{}^$]+(?:\|[^\\.+*?()|\[\]{}^$]+)*)(\))?\$?\Z"
)


def literal_texts(pattern: str) -> frozenset[str] | None:
    """Return the texts that *pattern* lists, when it does no more than that."""
    found = _TEXTS.match(pattern)
    if found is None or (found[1] is None) != (found[3] is None):
        return None
    return frozenset(found[2].split("|"))


def matching(patterns: Sequence[str]) -> Callable[[str], frozenset[int]]:
    """
    Return what says which of *patterns*, by position, match a whole value.

    Raises:
        PatternError: As :func:`reconciler.config.patterns.compile_pattern`.
    """
    tests = [compile_pattern(pattern).fullmatch for pattern in patterns]

    def one_by_one(value: str) -> frozenset[int]:
        return frozenset(at for at, test in enumerate(tests) if test(value) is not None)

    together = _together(patterns)
    if together is None:
        return lru_cache(maxsize=REMEMBERED)(one_by_one)

    def at_once(value: str) -> frozenset[int]:
        found = together(value) or ()
        if _WITNESS not in found:
            return one_by_one(value)
        return frozenset(at - 1 for at in found if at != _WITNESS)

    return lru_cache(maxsize=REMEMBERED)(at_once)


def _together(patterns: Sequence[str]) -> Callable[[str], list[int] | None] | None:
    """Return a set of the witness and *patterns*; None when they are too much for one."""
    options = re2.Options()
    options.log_errors = False
    one = re2.Set.FullMatchSet(options)
    try:
        for pattern in (ANYTHING, *patterns):
            one.Add(pattern)
        one.Compile()
    except re2.error:
        return None
    match: Callable[[str], list[int] | None] = one.Match
    return match
