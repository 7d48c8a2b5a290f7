"""
Patterns of ``REGEX MATCH``, compiled by RE2.

RE2 runs in linear time whatever the pattern, so that no filter can stop a plan
(reliability.md, S14); look-around and back-references do not exist there, and
are refused when the file is read.

Used by :mod:`reconciler.config.check_filters` and by :mod:`reconciler.scope`,
so that what was checked is what runs.
"""

from __future__ import annotations

from typing import Any

import re2

LENGTH_LIMIT = 512
"""Characters of a pattern."""

PROGRAM_LIMIT = 65_536
"""Instructions of a compiled pattern; a repeated Unicode class has thousands of them."""


class PatternError(ValueError):
    """A pattern that cannot be used; *column* counts from 1, None when it is unknown."""

    def __init__(self, message: str, column: int | None) -> None:
        self.column = column
        super().__init__(message)


def compile_pattern(text: str) -> Any:
    """
    Return the compiled pattern; match it against whole values (``fullmatch``).

    Raises:
        PatternError: Too long, or not a pattern of RE2.
    """
    if len(text) > LENGTH_LIMIT:
        message = f"the pattern has {len(text)} characters; at most {LENGTH_LIMIT}"
        raise PatternError(message, LENGTH_LIMIT + 1)
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(text, options=options)
    except re2.error as exc:
        said = exc.args[0]
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        _, _, fragment = words.partition(": ")
        found = text.find(fragment) if fragment else -1
        raise PatternError(words, found + 1 if found >= 0 else None) from exc
    if compiled.programsize > PROGRAM_LIMIT:
        raise PatternError("the pattern is too large when it is compiled", None)
    return compiled
