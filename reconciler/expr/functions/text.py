"""
Functions that make text of text.

Decisions where Entra's pages are silent or .NET and Python differ:

* No text in, none out: the attribute is then not written, or gets its default.
  Only Left and Len answer for a null, with empty text and 0, as documented.
* Positions and lengths count characters (code points), so that no character is
  cut in half; .NET counts UTF-16 units, which differs beyond the basic plane.
* Upper and lower case are those of .NET's invariant culture: one character for
  one (ß stays ß), and neither the dotted I nor the dotless i
  changes.
* Split does not trim: ``"a, b"`` by ``","`` is ``"a"`` and ``" b"``, as .NET
  does it, although Entra's page shows trimmed output. Nothing, or empty text,
  is nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Builder, Example, Function, of_text
from reconciler.expr.values import SMALL_OUTPUT, Value, bounded, plain_text, require_room


def _append(arguments: Arguments) -> Reader:
    constant = arguments.constant(1)
    if constant is not None:
        return of_text(lambda text: text + constant)(arguments)
    source, suffix = arguments.text(0), arguments.text(1)

    def append(row: Row) -> Value:
        text = source(row)
        return None if text is None else bounded(text + (suffix(row) or ""))

    return append


def _join(arguments: Arguments) -> Reader:
    separator, constant = arguments.text(0), arguments.constant(0)
    operands = range(1, len(arguments))
    names = tuple(name for at in operands if (name := arguments.attribute(at)) is not None)
    if constant is not None and len(names) == len(operands) <= FEW:
        join_some = _join_attributes(arguments, constant, names)
        return _join_two(constant, names, join_some) if len(names) == 2 else join_some
    readers = tuple(operand.read for operand in arguments.operands[1:])

    def join(row: Row) -> Value:
        between = separator(row) or ""
        values = [value for read in readers if (value := read(row)) is not None and value != ""]
        try:
            if len(values) <= FEW:
                return bounded(between.join(values))  # type: ignore[arg-type]  # see below
        except TypeError:
            pass  # some value is no text: rare, and asking first costs more than the joining
        return _join_many(between, arguments.laid_out(tuple(values)))

    return join


def _join_attributes(arguments: Arguments, between: str, names: tuple[str, ...]) -> Reader:
    """Return the closure of a Join of a few attributes and nothing else, as most are."""

    def join(row: Row) -> Value:
        get = row.get
        values = [value for name in names if (value := get(name)) is not None and value != ""]
        try:
            text = between.join(values)  # type: ignore[arg-type]  # as in _join
        except TypeError:
            return _join_many(between, arguments.laid_out(tuple(values)))
        return text if len(text) <= SMALL_OUTPUT else bounded(text)

    return join


def _join_two(between: str, names: Sequence[str], otherwise: Reader) -> Reader:
    """Return the closure of a Join of two attributes, such as the two parts of a name."""
    first, second = names

    def join(row: Row) -> Value:
        one, other = row.get(first), row.get(second)
        if one and other and type(one) is str and type(other) is str:
            text = one + between + other
            return text if len(text) <= SMALL_OUTPUT else bounded(text)
        return otherwise(row)

    return join


FEW = 8
"""Texts that are joined before their length is looked at."""


def _join_many(separator: str, values: Iterable[Value]) -> str:
    """Join *values* of any kind and number, empty ones left out."""
    texts = [text for part in values if (text := plain_text(part))]
    require_room(len(text) + len(separator) for text in texts[:-1])
    return bounded(separator.join(texts))


def _left(arguments: Arguments) -> Reader:
    source, count = arguments.text(0), arguments.integer(1)

    def left(row: Row) -> Value:
        text, wanted = source(row), count(row)
        if text is None:
            return ""
        return text if wanted < 0 else text[:wanted]

    return left


def _len(arguments: Arguments) -> Reader:
    source = arguments.text(0)
    return lambda row: len(source(row) or "")


def _mid(arguments: Arguments) -> Reader:
    source = arguments.text(0)
    start, length = arguments.integer(1, least=1), arguments.integer(2, least=0)

    if arguments.constant(1) is not None and arguments.constant(2) is not None:
        begin = start({}) - 1
        part = slice(begin, begin + length({}))
        return of_text(lambda text: text[part])(arguments)

    def mid(row: Row) -> Value:
        text, first, wanted = source(row), start(row) - 1, length(row)
        return None if text is None else text[first : first + wanted]

    return mid


DOTTED_I, DOTLESS_I = "\u0130", "\u0131"
"""Turkish letters that map to themselves in the invariant culture."""

_PLAIN = str.maketrans(
    {"æ": "ae", "Æ": "AE", "ø": "oe", "Ø": "OE", "œ": "oe", "Œ": "OE"}
    | {"ß": "ss", "ł": "l", "Ł": "L", DOTLESS_I: "i"}
)
"""Letters of Entra's table that do not come apart into a letter and a mark."""


def _normalize_diacritics(text: str) -> str:
    """
    Return *text* with the marks taken off Latin letters (entra.md 4.4).

    Marks on other scripts stay: Entra's table is Latin, and a Cyrillic й without
    its breve is another letter.
    """
    if text.isascii():
        return text
    kept: list[str] = []
    latin = False
    for character in unicodedata.normalize("NFD", text):
        if not "\u0300" <= character <= "\u036f":
            latin = _is_latin(character)
        elif latin:
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_PLAIN)


@lru_cache(maxsize=4096)
def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")


def _split(arguments: Arguments) -> Reader:
    source, delimiter = arguments.text(0), arguments.text(1)
    if arguments.constant(1) == "":
        hint = 'name what separates the parts, as in Split([groups], ",")'
        raise arguments.problem(1, "the delimiter is empty", hint)

    def split(row: Row) -> Value:
        text, between = source(row), delimiter(row)
        if not text:
            return None
        if not between:
            raise arguments.failure("the delimiter is empty")
        return tuple(text.split(between))

    return split


def lower(text: str) -> str:
    """Return *text* in lower case, character for character."""
    if text.isascii():
        return text.lower()
    return text.translate({ord(c): c if c == DOTTED_I else c.lower() for c in set(text)})


def _upper(text: str) -> str:
    if text.isascii():
        return text.upper()
    return text.translate({ord(c): _upper_letter(c) for c in set(text)})


def _upper_letter(character: str) -> str:
    """Return the one upper-case letter of *character*, or itself when there is no single one."""
    return _single_letter(character, character.upper(), character.title())


@lru_cache(maxsize=4096)
def title_letter(character: str) -> str:
    """Return *character* as it begins a word in capitals; of a digraph, its first letter alone."""
    return _single_letter(character, character.title(), character.upper())


def _single_letter(character: str, *candidates: str) -> str:
    if character == DOTLESS_I:
        return character
    return next((letter for letter in candidates if len(letter) == 1), character)


_CULTURE = re.compile(r"(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)?\Z")

OWN_CASING = frozenset({"az", "lt", "tr"})
"""Languages whose case mapping differs from the invariant one (RFC 4646 language subtags)."""


def _culture_problem(culture: str) -> str | None:
    """Return why *culture* cannot be used; ``None`` when it maps case as the invariant one does."""
    if not _CULTURE.match(culture):
        return f'"{culture}" is not the name of a culture'
    if culture.split("-")[0].lower() in OWN_CASING:
        return f'the culture "{culture}" has its own upper and lower case, and is not supported'
    return None


def _cased(change: Callable[[str], str]) -> Builder:
    """Return the builder of ToLower or ToUpper: *change*, once the culture is known to agree."""
    simple = of_text(change)

    def build(arguments: Arguments) -> Reader:
        constant = arguments.constant(1)
        if constant is not None and (problem := _culture_problem(constant)):
            hint = "leave the culture out: the invariant culture is used"
            raise arguments.problem(1, problem, hint)
        changed = simple(arguments)
        if constant is not None or not arguments.given(1):
            return changed
        culture = arguments.text(1)

        def changed_in_culture(row: Row) -> Value:
            if problem := _culture_problem(culture(row) or ""):
                raise arguments.failure(problem)
            return changed(row)

        return changed_in_culture

    return build


TEXT_FUNCTIONS = (
    Function(
        "Append",
        "source, suffix",
        minimum=2,
        maximum=2,
        required=2,
        doc="The source with the suffix after it; null when the source is null.",
        examples=(
            Example(
                'Append([userPrincipalName], ".test")',
                "John.Doe@contoso.com.test",
                {"userPrincipalName": "John.Doe@contoso.com"},
            ),
        ),
        build=_append,
    ),
    Function(
        "Join",
        "separator, source1, …",
        minimum=2,
        maximum=None,
        doc="All sources with the separator between them; lists are laid out, empty ones left out.",
        examples=(
            Example(
                'Join(", ", "", [surname], [givenName])',
                "Doe, John",
                {"surname": "Doe", "givenName": "John"},
            ),
            Example('Join("; ", [otherMails])', "a@x; b@x", {"otherMails": ("a@x", "b@x")}),
        ),
        build=_join,
    ),
    Function(
        "Left",
        "source, numChars",
        minimum=2,
        maximum=2,
        required=2,
        doc="The first characters of the source; all of it when the number is below 0.",
        examples=(
            Example('Left("John Doe", 3)', "Joh"),
            Example('Left("John Doe", 0)', ""),
            Example('Left("John Doe", -1)', "John Doe"),
        ),
        build=_left,
    ),
    Function(
        "Len",
        "source",
        minimum=1,
        maximum=1,
        doc="The number of characters of the source; 0 for null.",
        examples=(Example('Len("John Doe")', 8), Example("Len(42568)", 5)),
        build=_len,
    ),
    Function(
        "Mid",
        "source, start, length",
        minimum=3,
        maximum=3,
        required=3,
        doc="So many characters of the source from a position on; the first position is 1.",
        examples=(Example('Mid("userPrincipalName value", 1, 8)', "userPrin"),),
        build=_mid,
    ),
    Function(
        "NormalizeDiacritics",
        "source",
        minimum=1,
        maximum=1,
        doc="The source with plain Latin letters instead of those with marks.",
        examples=(
            Example("NormalizeDiacritics([givenName])", "Zoe", {"givenName": "Zoë"}),
            Example("NormalizeDiacritics([surname])", "Soerensen", {"surname": "Sørensen"}),
        ),
        build=of_text(_normalize_diacritics),
    ),
    Function(
        "Split",
        "source, delimiter",
        minimum=2,
        maximum=2,
        required=2,
        doc="The parts of the source between delimiters, as a list; blanks are kept.",
        examples=(
            Example(
                'Split([extensionAttribute5], ",")',
                ("PermissionSetOne", "PermissionSetTwo"),
                {"extensionAttribute5": "PermissionSetOne,PermissionSetTwo"},
            ),
        ),
        build=_split,
    ),
    Function(
        "StripSpaces",
        "source",
        minimum=1,
        maximum=1,
        doc="The source without any spaces.",
        examples=(Example('StripSpaces("John Doe")', "JohnDoe"),),
        build=of_text(lambda text: text.replace(" ", "")),
    ),
    Function(
        "ToLower",
        "source, [culture]",
        minimum=1,
        maximum=2,
        doc="The source in lower case, by the rules of the invariant culture.",
        examples=(Example('ToLower("John.Smith@contoso.com")', "john.smith@contoso.com"),),
        build=_cased(lower),
    ),
    Function(
        "ToUpper",
        "source, [culture]",
        minimum=1,
        maximum=2,
        doc="The source in upper case, by the rules of the invariant culture.",
        examples=(Example('ToUpper("John.Smith@contoso.com", "en-US")', "JOHN.SMITH@CONTOSO.COM"),),
        build=_cased(_upper),
    ),
)
