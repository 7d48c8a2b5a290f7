"""What a comment on a plan is made of, beside the text in it."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
_LOOSE = {"text", "code_inline", "inline", "softbreak"}


def structure(comment: str) -> list[str]:
    """Return every token of a comment that is neither text nor a code span."""
    return [token.type for token in _tokens(comment) if token.type not in _LOOSE]


def _tokens(comment: str) -> Iterator[Token]:
    for block in _PARSER.parse(comment):
        yield block
        yield from block.children or ()
