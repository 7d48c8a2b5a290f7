"""What our pages hold, for the tests that keep them true: blocks, code spans, links, tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "plans/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
)
"""Every page that a reader of the repository may open."""

_READER = MarkdownIt("commonmark").enable("table")
_END = Token("end", "", 0)


@dataclass(frozen=True)
class Fence:
    """A fenced block."""

    section: str
    """The heading above it."""
    language: str
    text: str


def name_of(page: Path) -> str:
    """Return how a page is called in a test's id."""
    return page.relative_to(ROOT).as_posix()


def tokens(page: Path) -> list[Token]:
    """Return what a page is made of."""
    return _READER.parse(page.read_text("utf-8"))


def headings(page: Path) -> list[str]:
    """Return the titles of a page, without marks."""
    found = tokens(page)
    return [
        "".join(child.content for child in following.children or ())
        for opening, following in pairwise(found)
        if opening.type == "heading_open"
    ]


def anchors(page: Path) -> set[str]:
    """Return what a link may name after `#`, as GitHub makes it of headings."""
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in headings(page))
    return {title.replace(" ", "-") for title in kept}


def fences(page: Path) -> Iterator[Fence]:
    """Yield the fenced blocks of a page, without the indentation of a list."""
    section = ""
    for token, following in pairwise([*tokens(page), _END]):
        if token.type == "heading_open":
            section = following.content
        elif token.type == "fence":
            yield Fence(section, token.info.strip(), token.content)


def inline(page: Path, kind: str) -> Iterator[Token]:
    """Yield the inline tokens of one kind: ``code_inline``, ``link_open``."""
    for token in tokens(page):
        yield from (child for child in token.children or () if child.type == kind)


def rows(page: Path, section: str | None = None) -> Iterator[list[str]]:
    """Yield the rows of the tables of a page, or of one section: the source of each cell."""
    here = ""
    row: list[str] = []
    for token, following in pairwise([*tokens(page), _END]):
        if token.type == "heading_open":
            here = following.content
        elif token.type == "tr_open":
            row = []
        elif token.type == "td_open":
            row.append(following.content)
        elif token.type == "tr_close" and row and section in (None, here):
            yield row


def spans(cell: str) -> list[str]:
    """Return the code spans of a cell."""
    return re.findall(r"`([^`]+)`", cell)
