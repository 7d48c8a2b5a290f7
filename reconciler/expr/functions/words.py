"""
Functions that look into text: where something stands, words, and blanks around them.

Decisions where Entra's pages are silent or .NET and Python differ:

* Nothing to look in, or nothing to look for, is found nowhere: 0. Empty text is
  found where the search starts, as in VBA. Without case, letters are compared
  as ToLower writes them.
* Word counts no empty words: two blanks in a row are one gap.
* PCase without separators is .NET's ToTitleCase of the text in lower case: words
  end at the categories that Entra's page lists, but not at an apostrophe
  (``O'neil``; name it as a separator for ``O'Neil``). A word begins with its
  first letter, whatever stands before it.
* Blanks are what .NET calls white space; Python's list is a little longer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from reconciler.expr.functions.text import lower, title_letter
from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Example, Function, of_text
from reconciler.expr.values import Value, bounded

BINARY, TEXT = "vbBinaryCompare", "vbTextCompare"
"""VBA's names for a comparison with and without case."""


def _in_str(arguments: Arguments) -> Reader:
    whole, part = arguments.text(0), arguments.text(1)
    start = arguments.integer(2, least=1) if arguments.given(2) else (lambda row: 1)
    folded = _without_case(arguments)

    def in_str(row: Row) -> Value:
        text, sought, first = whole(row), part(row), start(row)
        if not text or sought is None or first > len(text):
            return 0
        if folded:
            text, sought = lower(text), lower(sought)
        return text.find(sought, first - 1) + 1

    return in_str


def _without_case(arguments: Arguments) -> bool:
    """Say how InStr compares, which its author has to write down."""
    if not arguments.given(3):
        return False
    compare = arguments.constant(3)
    if compare not in {BINARY, TEXT}:
        problem = "argument 4 is not a way to compare"
        raise arguments.problem(3, problem, f"write {BINARY} or {TEXT}, without quotes")
    return compare == TEXT


_SEPARATORS = frozenset(
    {"Zs", "Zl", "Zp", "Cc", "Cf", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"}
    | {"Sm", "Sc", "Sk", "So"}
)
"""Unicode categories at which a word ends, unless separators are named (entra.md 4.2)."""


@lru_cache(maxsize=4096)
def _ends_word(character: str) -> bool:
    return character != "'" and unicodedata.category(character) in _SEPARATORS


def _pcase(arguments: Arguments) -> Reader:
    source, separators = arguments.text(0), arguments.text(1)

    def pcase(row: Row) -> Value:
        text, marks = source(row), separators(row)
        if text is None:
            return None
        return bounded(
            _proper(bounded(text), frozenset(marks).__contains__ if marks else _ends_word)
        )

    return pcase


def _proper(text: str, ends_word: Callable[[str], bool]) -> str:
    written: list[str] = []
    begins = True
    for character in lower(text):
        if character.isalpha():
            written.append(title_letter(character) if begins else character)
            begins = False
            continue
        written.append(character)
        begins = begins or ends_word(character)
    return "".join(written)


def _prepend(arguments: Arguments) -> Reader:
    prefix, source = arguments.text(0), arguments.text(1)

    def prepend(row: Row) -> Value:
        before, text = prefix(row), source(row)
        return None if text is None else bounded((before or "") + text)

    return prepend


WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What .NET's Trim takes off: categories Zs, Zl and Zp, and the controls that break lines."""


def _word(arguments: Arguments) -> Reader:
    source, number, delimiters = arguments.text(0), arguments.integer(1), arguments.text(2)

    def word(row: Row) -> Value:
        text, wanted, marks = source(row), number(row), delimiters(row)
        if not text or not marks or wanted < 1:
            return ""
        one_mark = {ord(mark): marks[0] for mark in marks}
        parts = text.translate(one_mark).split(marks[0])
        words = [part for part in parts if part] if len(parts) > 1 else []
        return words[wanted - 1] if wanted <= len(words) else ""

    return word


WORD_FUNCTIONS = (
    Function(
        "InStr",
        "value1, value2, [start], [compareType]",
        minimum=2,
        maximum=4,
        required=2,
        doc="The position of the second text in the first, from 1; 0 when it is not in it.",
        examples=(
            Example('InStr("The quick brown fox", "quick")', 5),
            Example('InStr("repEated", "e", 3, vbBinaryCompare)', 7),
            Example('InStr("repEated", "e", 3, vbTextCompare)', 4),
        ),
        build=_in_str,
    ),
    Function(
        "PCase",
        "source, [wordSeparators]",
        minimum=1,
        maximum=2,
        doc="The source with each word's first letter in upper case and the others in lower case.",
        examples=(
            Example('PCase("PABLO GONSALVES (SECOND)")', "Pablo Gonsalves (Second)"),
            Example('PCase("PINTO-DE\'SILVA", " \'-")', "Pinto-De'Silva"),
        ),
        build=_pcase,
    ),
    Function(
        "Prepend",
        "prefix, source",
        minimum=2,
        maximum=2,
        required=2,
        doc="The source with the prefix before it; null when the source is null.",
        examples=(
            Example(
                'Prepend("SMTP:", [mail])',
                "SMTP:ada@contoso.example",
                {"mail": "ada@contoso.example"},
            ),
        ),
        build=_prepend,
    ),
    Function(
        "Trim",
        "source",
        minimum=1,
        maximum=1,
        doc="The source without blanks and line breaks around it.",
        examples=(Example('Trim(" Test ")', "Test"),),
        build=of_text(lambda text: text.strip(WHITE_SPACE)),
    ),
    Function(
        "Word",
        "source, wordNumber, delimiters",
        minimum=3,
        maximum=3,
        required=3,
        doc="One word of the source, the first is 1; empty text when there is no such word.",
        examples=(
            Example('Word("The quick brown fox", 3, " ")', "brown"),
            Example('Word("This,string!has&many separators", 3, ",!&#")', "has"),
        ),
        build=_word,
    ),
)
