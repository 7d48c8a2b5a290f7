"""
Functions between text and its bytes, and out of the forms that directories keep.

Decisions where Entra's pages are silent:

* No text in, none out; a text that is not of the form is an error.
* A base64 text may hold line breaks and blanks, as .NET accepts it.
* ConvertFromBase64 reads what ConvertToBase64 writes (UTF-16, little-endian)
  unless it is told that the bytes are UTF-8.
* StringFromSid takes a security identifier as base64, as hexadecimal, as a text
  of one character a byte, or as the text it yields.
* DNComponent reads names as RFC 4514 writes them, and of a component of several
  values (``cn=Joe+uid=7``) the first. Past the last component is nothing.
"""

from __future__ import annotations

import binascii
import re

from reconciler.expr.operands import Arguments, Reader, Row, TextReader
from reconciler.expr.signatures import Example, Function
from reconciler.expr.values import Value, bounded, require_room


def _to_base64(arguments: Arguments) -> Reader:
    read = arguments.text(0)

    def convert(row: Row) -> Value:
        text = read(row)
        if text is None:
            return None
        require_room((len(text) * 8 // 3,))
        data = text.encode("utf-16-le", "surrogatepass")
        return bounded(binascii.b2a_base64(data, newline=False).decode("ascii"))

    return convert


def _to_hexadecimal(arguments: Arguments) -> Reader:
    read = arguments.text(0)

    def convert(row: Row) -> Value:
        text = read(row)
        if text is None:
            return None
        require_room((len(text) * 2,))
        try:
            return bounded(text.encode().hex().upper())
        except UnicodeEncodeError:
            raise arguments.failure("the text holds half a character") from None

    return convert


ENCODINGS = {"UTF8": "utf-8", "Unicode": "utf-16-le"}
"""What the bytes of a base64 text can be, by the names of .NET's encodings."""

_BLANKS = re.compile(r"[ \t\r\n]+")


def _from_base64(arguments: Arguments) -> Reader:
    read, encoding_of = arguments.text(0), _encoding(arguments)

    def convert(row: Row) -> Value:
        text, encoding = read(row), encoding_of(row)
        if text is None:
            return None
        require_room((len(text) // 4,))
        try:
            return bounded(_bytes_of(text).decode(encoding or ""))
        except (ValueError, LookupError):
            raise arguments.failure("its argument is not text in base64") from None

    return arguments.tried(convert, 'write text in base64; bytes of UTF-8 need "UTF8" after it')


def _bytes_of(text: str) -> bytes:
    """Return what base64 *text* stands for; raises ValueError when it is none."""
    return binascii.a2b_base64(_BLANKS.sub("", text).encode("ascii"), strict_mode=True)


def _encoding(arguments: Arguments) -> TextReader:
    """Return a closure that reads the second argument as the name of a codec of ours."""
    if not arguments.given(1):
        return lambda row: ENCODINGS["Unicode"]
    known, read = ", ".join(ENCODINGS), arguments.text(1)
    constant = arguments.constant(1)
    if constant is not None and constant not in ENCODINGS:
        problem = f'there is no encoding "{constant[:40]}"'
        raise arguments.problem(1, problem, f"known encodings: {known}")

    def encoding(row: Row) -> str:
        codec = ENCODINGS.get(read(row) or "")
        if codec is None:
            raise arguments.failure(f"argument 2 is no encoding; known are {known}")
        return codec

    return encoding


def _string_from_sid(arguments: Arguments) -> Reader:
    read = arguments.text(0)

    def convert(row: Row) -> Value:
        text = read(row)
        if not text or _SID.match(text):
            return text or None
        try:
            sid = _sid_text(_sid_bytes(text))
        except ValueError:
            sid = None
        if sid is None:
            raise arguments.failure("its argument is not a security identifier")
        return sid

    return arguments.tried(convert, "give its bytes as base64, as objectSid comes from LDAP")


_SID = re.compile(r"S-1-(?:[0-9]{1,10}|0x[0-9A-Fa-f]{1,12})(?:-[0-9]{1,10}){0,15}\Z")

_SID_HEAD = 8
"""Bytes before the first sub-authority: revision, their number, the authority ([MS-DTYP] 2.4.2)."""

_SID_LENGTH = _SID_HEAD + 15 * 4


def _sid_bytes(text: str) -> bytes:
    """Return the bytes that *text* stands for; the first one, always 1, tells the forms apart."""
    if len(text) > _SID_LENGTH * 2:
        return b""
    if text.startswith("\x01"):
        return text.encode("latin-1")
    return bytes.fromhex(text) if text.startswith("01") else _bytes_of(text)


def _sid_text(sid: bytes) -> str | None:
    if len(sid) < _SID_HEAD or sid[0] != 1 or len(sid) != _SID_HEAD + 4 * sid[1] or sid[1] > 15:
        return None
    authority = int.from_bytes(sid[2:_SID_HEAD], "big")
    parts = [str(authority) if authority < 2**32 else f"0x{authority:012X}"]
    for start in range(_SID_HEAD, len(sid), 4):
        parts.append(str(int.from_bytes(sid[start : start + 4], "little")))
    return f"S-1-{'-'.join(parts)}"


def _dn_component(arguments: Arguments) -> Reader:
    read, position = arguments.text(0), arguments.integer(1, least=1)

    def component(row: Row) -> Value:
        name, wanted = read(row), position(row)
        if not name:
            return None
        components = _divided(name, ",")
        if wanted > len(components):
            return None
        _, equals, value = _divided(components[wanted - 1], "+")[0].partition("=")
        if not equals:
            raise arguments.failure("its argument is not a distinguished name")
        try:
            return _unescaped(value)
        except UnicodeDecodeError:
            raise arguments.failure("the component is not UTF-8") from None

    return arguments.tried(component, "a distinguished name is written cn=Joe,dc=contoso,dc=com")


def _divided(text: str, mark: str) -> list[str]:
    """Return the parts of *text* between *marks* that are neither escaped nor quoted."""
    parts: list[str] = []
    start = 0
    escaped = quoted = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == mark and not quoted:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


_ESCAPE = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)


def _unescaped(value: str) -> str:
    """Return the value of a component, without blanks around it; escaped bytes are UTF-8."""
    trimmed = value.strip(" ")
    backslashes = len(trimmed) - len(trimmed.rstrip("\\"))
    if backslashes % 2 and value.rstrip(" ") != value:
        trimmed += " "  # the blank that was escaped
    if len(trimmed) > 1 and trimmed[0] == trimmed[-1] == '"':
        trimmed = trimmed[1:-1]
    return _ESCAPE.sub(_unescape, trimmed)


def _unescape(found: re.Match[str]) -> str:
    if found[2]:
        return found[2]
    return bytes.fromhex(found[1].replace("\\", "")).decode()


ENCODING_FUNCTIONS = (
    Function(
        "ConvertFromBase64",
        "source, [encoding]",
        minimum=1,
        maximum=2,
        doc="The text of a base64 text; its bytes are UTF-16, or UTF-8 when the encoding is UTF8.",
        examples=(
            Example('ConvertFromBase64("SABlAGwAbABvACAAdwBvAHIAbABkACEA")', "Hello world!"),
            Example('ConvertFromBase64("SGVsbG8gd29ybGQh", UTF8)', "Hello world!"),
        ),
        build=_from_base64,
    ),
    Function(
        "ConvertToBase64",
        "source",
        minimum=1,
        maximum=1,
        doc="The bytes of the source in UTF-16 (little-endian), as base64.",
        examples=(Example('ConvertToBase64("Hello world!")', "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),),
        build=_to_base64,
    ),
    Function(
        "ConvertToUTF8Hex",
        "source",
        minimum=1,
        maximum=1,
        doc="The bytes of the source in UTF-8, as hexadecimal digits in upper case.",
        examples=(Example('ConvertToUTF8Hex("Hello world!")', "48656C6C6F20776F726C6421"),),
        build=_to_hexadecimal,
    ),
    Function(
        "DNComponent",
        "dn, componentNumber",
        minimum=2,
        maximum=2,
        required=2,
        doc="The value of one component of a distinguished name; the leftmost is 1.",
        examples=(
            Example("DNComponent([dn], 1)", "Joe", {"dn": "cn=Joe,ou=Sales,dc=contoso,dc=com"}),
            Example("DNComponent([dn], 1)", "Doe, John", {"dn": r"cn=Doe\, John,dc=contoso"}),
        ),
        build=_dn_component,
    ),
    Function(
        "StringFromSid",
        "sid",
        minimum=1,
        maximum=1,
        doc="A security identifier, given as its bytes in base64 or hexadecimal, as S-1-….",
        examples=(
            Example(
                "StringFromSid([objectSid])",
                "S-1-5-32-544",
                {"objectSid": "AQIAAAAAAAUgAAAAIAIAAA=="},
            ),
        ),
        build=_string_from_sid,
    ),
)
