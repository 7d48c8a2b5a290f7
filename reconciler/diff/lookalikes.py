"""
What a name looks like, whatever it is made of (reliability.md, S26 and S27).

Names are matched by their letters: composed (NFC), and without case where the
schema says so. That is the *wire key*. It keeps ``straße`` from ``strasse`` and
``İpek`` from ``ipek``; but no reviewer can tell ``admin`` from the same word with a
Cyrillic ``a``. So a second key tells what a name looks like, the *skeleton*: NFKC,
case folded, without what is invisible, every letter replaced by the plainest one
that looks like it (Unicode Technical Standard 39, section 4). Two names of one
skeleton are never matched with each other, and not both created.

The rules (:mod:`reconciler.diff.resemblance` applies them; docs/decisions/0008):

* two names look alike when their skeletons are equal and their *spellings* are
  not. The spelling leaves out what does not count: case, composition, and
  look-alikes within ASCII (``rn`` and ``m``, ``l`` and ``1``, ``0`` and ``O``), of
  which directories are full;
* a name is *flawed* when it holds a character that cannot be seen, or when one
  word of it mixes Latin, Greek and Cyrillic letters. Whole names in any one
  script are as good as others;
* names have no case, so what looks alike in one case looks alike: the Cyrillic
  letter en stands for ``h``, because its capital is an ``H``. And ``I`` is ``i`` in
  another case and looks like ``l``: ``İ``, its small sister without a dot, ``i``,
  ``I``, ``l`` and ``1`` have one skeleton.

Unicode's tables come from the library ``confusable_homoglyphs``, which is loaded
only when some name is not plain ASCII: that takes as long as comparing a few
thousand people.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, groupby

from reconciler.scim.folding import fold

MIXED = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts that share so many letters that one word is written in one of them."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""General categories of what is not seen: controls, formats, half surrogates, separators."""

_UNSEEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0",
    map(chr, range(0xFE00, 0xFE10)),
    map(chr, range(0xFFF0, 0xFFF9)),
    map(chr, range(0xE0000, 0xE1000)),
)
"""The rest of Unicode's Default_Ignorable_Code_Point, and the empty braille cell."""

_BLANK = frozenset(chain(*_UNSEEN))
_SPACES = frozenset(" \u3000")
"""Spaces that are typed: the others look like one of them, or like nothing."""

_ASCII = tuple(map(chr, range(0x21, 0x7F)))
_SOFT_DOTTED = ("i\u0307", "j\u0307")
"""A dot above letters that have one already; `İ` folds to the first."""


def is_plain(text: str) -> bool:
    """Say whether *text* is ASCII that can be seen, and so neither flawed nor in need of a look."""
    return text.isascii() and text.isprintable()


def skeleton(text: str) -> str:
    """Return what *text* looks like; the skeleton of a skeleton is itself."""
    if is_plain(text):
        return _plainest_of_ascii(text)
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if not _is_invisible(c))
    return _bare(_decomposed(seen).translate(_plainest()))


def spelling(text: str) -> str:
    """Return *text* without the differences that nobody is to be stopped for."""
    if is_plain(text):
        return _plainest_of_ascii(text)
    return unicodedata.normalize("NFD", fold(text)).translate(_plainest_ascii())


def flaw(text: str) -> str | None:
    """Say why nobody may be created, or found, by the name *text*; None when they may."""
    if is_plain(text):
        return None
    composed = unicodedata.normalize("NFC", text)
    hidden = next((c for c in composed if _is_invisible(c) or _is_odd_space(c)), None)
    if hidden is not None:
        return f"holds a character that cannot be seen, {code_point(hidden)}"
    mixed = next((scripts for scripts in map(_scripts, _words(composed)) if len(scripts) > 1), None)
    if mixed:
        return f"mixes {' and '.join(name.title() for name in mixed)} letters in one word"
    return None


def code_point(character: str) -> str:
    """Return how Unicode writes the number of a character."""
    return f"U+{ord(character):04X}"


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE or character in _BLANK


def _is_odd_space(character: str) -> bool:
    return unicodedata.category(character) == "Zs" and character not in _SPACES


def _words(text: str) -> Iterator[str]:
    """Yield the runs of letters, marks and digits: what stands between dots, dashes, spaces, @."""
    for inside, run in groupby(text, lambda c: unicodedata.category(c)[0] in "LMN"):
        if inside:
            yield "".join(run)


def _scripts(word: str) -> list[str]:
    """Return which of :data:`MIXED` the letters of *word* belong to."""
    if word.isascii():
        return []
    from confusable_homoglyphs.categories import alias

    found = {alias(character) for character in word}
    return [script for script in MIXED if script in found]


def _decomposed(text: str) -> str:
    """Return *text* in the one form that the table of look-alikes is made for."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFD", folded.casefold())


def _bare(text: str) -> str:
    """Return *text* without the dots that nobody sees."""
    for dotted in _SOFT_DOTTED:
        text = text.replace(dotted, dotted[0])
    return unicodedata.normalize("NFD", text)


def _plainest_of_ascii(text: str) -> str:
    """Return the skeleton, and spelling, of plain text: as fast as may be, there is much of it."""
    one_to_one, others = _ascii_tables()
    found = text.encode("ascii").translate(one_to_one).decode("ascii")
    for one, several in others:
        if one in found:
            found = found.replace(one, several)
    return found


@cache
def _ascii_tables() -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Return by which character each of ASCII is replaced, and what is replaced by several."""
    plainest = _plainest_ascii()
    ones = ((c, plainest.get(ord(c.lower()), c.lower())) for c in map(chr, range(128)))
    table = bytes(ord(plain if len(plain) == 1 else c.lower()) for c, plain in ones)
    several = tuple((chr(c), plain) for c, plain in plainest.items() if len(plain) > 1)
    return table + bytes(range(128, 256)), several


@cache
def _plainest_ascii() -> Mapping[int, str]:
    """Return the plainest look-alike of each small ASCII character that has one."""
    table = _plainest()
    return {ord(c): table[ord(c)] for c in _ASCII if ord(c) in table}


@cache
def _plainest() -> Mapping[int, str]:
    """
    Return the plainest look-alike of each character that has one.

    The library's table names pairs, in both directions: what hangs together is one
    class, and stands for its plainest member; what looks like several letters
    (``m`` like ``rn``) stands for them.
    """
    chosen: dict[str, str] = {}
    for alike in _classes(_pairs()):
        longer = min((text for text in alike if len(text) > 1), default=None)
        singles = [text for text in alike if len(text) == 1]
        plainest = longer if longer is not None else min(singles, key=_plainness)
        chosen.update({one: plainest for one in singles if one != plainest})
    for capital, plainest in tuple(chosen.items()):
        small = capital.lower()
        if plainest.isascii() and len(small) == 1 and not chosen.get(small, small).isascii():
            chosen[small] = plainest
    return {ord(one): settled for one in chosen if (settled := _settled(one, chosen)) != one}


def _settled(text: str, chosen: Mapping[str, str]) -> str:
    """Replace what *text* consists of until nothing changes any more."""
    for _ in range(len(_ASCII)):
        replaced = _decomposed("".join(chosen.get(c, c) for c in _decomposed(text)))
        if replaced == text:
            break
        text = replaced
    return text


def _plainness(character: str) -> tuple[bool, bool, bool, str]:
    """Return what orders look-alikes: ASCII first, letters first, lower case first."""
    folded = character == _decomposed(character)
    return not character.isascii(), not character.isalpha(), not folded, character


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield what looks alike; the library frames letters written right to left with a mark."""
    from confusable_homoglyphs.confusables import confusables_data

    yield "i", "l"
    for one, others in confusables_data.items():
        for other in others:
            yield one.strip("\u200e"), other["c"].strip("\u200e")


def _classes(pairs: Iterable[tuple[str, str]]) -> Iterator[set[str]]:
    """Yield what hangs together."""
    near: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    seen: set[str] = set()
    for start in near:
        if start in seen:
            continue
        alike, waiting = {start}, [start]
        while waiting:
            more = near[waiting.pop()] - alike
            alike |= more
            waiting += more
        seen |= alike
        yield alike
