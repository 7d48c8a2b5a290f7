"""
Files, answers and values that somebody made to do harm: generated, and the same every time.

One seeded function per category yields what is handed to a *door* of the product
(:mod:`tests.hostile.doors`): the way by which such a thing comes in. Each category has
a number of the worst that is known (reliability.md, section 6), written out by hand,
and then mutations of honest inputs, which find what nobody thought of.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

SEED = 20_261_130

NASTY = (
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\u202eevil\u202c",
    "\u2066a\u2069",
    "zero\u200bwidth",
    "\ufeff",
    "\U000e0041",
    "a\nb",
    "a\r\nb",
    "\r  ok",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "\uff1d1",
    "\x00",
    "\x7f",
    "::error::x",
    "x ::set-output name=a::b",
    "##[command]x",
    "##vso[task.setvariable]x",
    "`",
    "``` ``",
    "</details>",
    "<!-- reconciler plan: app -->",
    "<script>alert(1)</script>",
    "![x](https://evil.example)",
    "[x](javascript:alert(1))",
    "@everyone",
    "fixes #1",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "${{ secrets.TOKEN }}",
    "$(id)",
    "; rm -rf /",
    "' OR 1=1 --",
    '" or userName pr or userName eq "',
    "../../etc/passwd",
    "%2e%2e%2f",
    "\\\\host\\share",
    "%s%n",
    "a" * 5_000,
    "\u0301" * 500,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0130\u0131Ii",
    "[bold]x[/bold]",
    "null",
    "NaN",
    "1e999",
    "",
    " ",
)
"""Texts that mean something to somebody who shows them, splits them or runs them."""


@dataclass(frozen=True)
class Hostile:
    """One input."""

    category: str
    name: str
    door: str
    """By which it comes in: a key of :data:`tests.hostile.doors.DOORS`."""
    payload: Any


COUNTS: Mapping[str, int] = {
    "yaml": 300,
    "json": 500,
    "http": 200,
    "regex": 200,
    "expressions": 150,
    "unicode": 430,
    "output": 250,
    "paths": 100,
}
"""Inputs by category (reliability.md, section 8)."""

Given = Iterator[tuple[str, str, Any]]
"""Name, door and payload of each."""


def corpus(category: str) -> Iterator[Hostile]:
    """Yield the inputs of one category; the same ones every time."""
    made = MAKERS[category](random.Random(f"{SEED}-{category}"))
    for name, door, payload in islice(made, COUNTS[category]):
        yield Hostile(category, name, door, payload)


# YAML


BASE = """\
version: 1
source: {kind: files, users: people.csv}
applications:
  app:
    target:
      tenant_url: https://app.example/scim/v2
      secret_token: {env: TOKEN}
    roles:
      - {name: User, value: user}
    assignments:
      - {group: Staff, role: User}
    scoping_filters:
      users:
        - title: Employees
          clauses:
            - {attribute: employeeType, operator: EQUALS, value: Employee}
    mappings:
      users:
        - {target: userName, source: userPrincipalName, match: 1}
        - target: active
          expression: 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
        - {target: title, source: jobTitle, default: Employee}
"""

PIECES = (
    "!!python/object/apply:os.system ['id']",
    "!!python/name:os.system",
    "!include /etc/passwd",
    "!!binary aGk=",
    "!<tag:evil> x",
    "&a [*a, *a]",
    "*nobody",
    "<<: {a: 1}",
    "? [a, b] : c",
    "? {a: 1}\n: b",
    "no",
    "0o17",
    "0x1F",
    "12:30:45",
    "2026-01-01",
    "1e400",
    ".nan",
    "~",
    "|\n  x\n  y",
    ">-\n  x",
    "'unclosed",
    '"unclosed',
    '"\\uD800"',
    '"\\x00"',
    "[[[[[[",
    "}}}}",
    "- - - - -",
    "--- x",
    "...\n---\nb: 1",
    "%YAML 9.9",
    "\t\ttabs",
    "a: b: c",
    "9" * 5_000,
    "-0",
    "x" * 70_000,
)


def _yaml(rng: random.Random) -> Given:
    for number, text in enumerate(_bombs()):
        yield f"bomb {number}", "configuration", text
        yield f"bomb {number} as people", "people.yaml", text
    for number, piece in enumerate(PIECES):
        yield f"piece {number} alone", "configuration", piece
        yield f"piece {number} as people", "people.yaml", f"- objectId: {piece}\n  a: b\n"
        yield f"piece {number} as a value", "configuration", BASE.replace("people.csv", piece)
    while True:
        text = BASE
        for _ in range(rng.randint(1, 6)):
            text = _mutated(rng, text, (*PIECES[:-1], *NASTY))
        door = rng.choice(("configuration", "configuration", "configuration", "people.yaml"))
        yield "mutation", door, text


def _bombs() -> Iterator[str]:
    """Yield what costs more than it looks like."""
    yield "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{here}: &{here} [{','.join([f'*{before}'] * 9)}]\n"
        for before, here in zip("abcdefgh", "bcdefghi", strict=True)
    )
    yield "a: &a [" + ",".join(["x"] * 4_000) + "]\nb: [" + ",".join(["*a"] * 60) + "]\n"
    yield "a: &a '" + "x" * 60_000 + "'\nb: [" + ",".join(["*a"] * 64) + "]\n"
    yield "[" * 100_000
    yield "{a: " * 50_000
    yield "- " * 50_000
    yield "? " * 20_000
    yield "a: [" + ",".join(["1"] * 249_000) + "]\n"
    yield "a: [" + ",".join(["1"] * 2_000_000) + "]\n"
    yield BASE.replace("    assignments:\n", "    assignments:\n" + "      - {}\n" * 240_000, 1)
    yield BASE.replace(
        "    assignments:\n", "    assignments:\n" + "      - {user: x}\n" * 60_000, 1
    )
    yield "version: 1\n" + "".join(f"k{number}: 1\n" for number in range(120_000))
    yield "version: 1\n" + "a: 1\n" * 200_000
    yield "version: 1\nx: [" + ",".join(["~"] * 240_000) + "]\n"
    yield "# comment\n" * 700_000 + "a: 1\n"
    yield "a: " + "x\n   " * 500_000
    yield "a: |\n" + "  x\n" * 500_000
    yield "version: 1\ninclude: [" + ", ".join(["'*/*/*/*.yaml'"] * 500) + "]\n"
    yield 'a: "' + "\\u0041" * 60_000 + '"\n'
    yield "a: &x" + "y" * 60_000 + " 1\n"
    yield "".join(f"a{n}: &a{n} 1\n" for n in range(100_000))
    yield " " * 2_000_000 + "a: 1\n"
    yield "x" * (8 * 2**20 + 1)


# JSON and SCIM


def _json(rng: random.Random) -> Given:
    for number, body in enumerate(_json_bombs()):
        for door in ("live", "body", "plan", "journal", "people.json"):
            yield f"bomb {number} as {door}", door, body
    while True:
        kind = rng.randrange(6)
        if kind < 4:
            yield "another shape", "planned", _reshaped(rng, honest_live())
        elif kind == 4:
            door = rng.choice(("live", "body", "people.json", "people.jsonl"))
            text = _mutated(rng, json.dumps(honest_live()), (*JSON_PIECES, *NASTY))
            yield "mutation", door, text.encode("utf-8", "surrogatepass")
        else:
            yield "a csv", "people.csv", _csv(rng)


JSON_PIECES = (
    "NaN",
    "-Infinity",
    "1e999",
    "9" * 5_000,
    "007",
    '"\\ud800"',
    '{"a":1,"a":2}',
    "[[[[[[[[[[",
    "}",
    "'single'",
    "/* comment */",
    "True",
    "undefined",
    "\ufeff",
    '"\\u0000"',
    "1.0000000000000000000000001",
)


def _json_bombs() -> Iterator[bytes]:
    yield b"[" * 100_000
    yield b'{"a":' * 100_000
    yield b"[" * 70 + b"]" * 70
    yield b"9" * 1_000_000
    yield b'{"a":' + b"9" * 5_000 + b"}"
    yield b'{"a": NaN}'
    yield b'{"a": "\\ud800"}'
    yield b'{"a": 1, "a": 2}'
    yield b'"' + b"\\u0041" * 500_000 + b'"'
    yield b"\xff\xfe{\x00}\x00"
    yield b"\xc3\x28"
    yield b"[" + b"[]," * 1_000_000 + b"[]]"
    yield b"{" + b",".join(b'"k%d":1' % number for number in range(200_000)) + b"}"
    yield b'{"a": 1e400}'
    yield b""
    yield b"null"
    yield b"\x00" * 1_000


def honest_live() -> dict[str, Any]:
    """Return a saved live state with two accounts and a group."""
    user = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "u1",
        "externalId": "ada",
        "userName": "ada@contoso.example",
        "displayName": "Ada",
        "active": True,
        "emails": [{"type": "work", "value": "ada@contoso.example", "primary": True}],
        "roles": [{"value": "user", "primary": "True"}],
        "meta": {"resourceType": "User", "location": "http://169.254.169.254/latest"},
    }
    other = {**user, "id": "u2", "externalId": "bob", "userName": "bob@contoso.example"}
    group = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "g1",
        "displayName": "Staff",
        "members": [{"value": "u1", "$ref": "http://evil.example/Users/u1"}],
    }

    def listing(*rows: Any) -> dict[str, Any]:
        return {
            "complete": True,
            "problem": None,
            "total_results": len(rows),
            "resources": list(rows),
        }

    return {
        "format_version": 1,
        "capabilities": None,
        "users": listing(user, other),
        "groups": listing(group),
    }


SHAPES: tuple[Callable[[random.Random], Any], ...] = (
    lambda rng: None,
    lambda rng: True,
    lambda rng: rng.choice((0, -1, 2**53, 10**30, 0.5)),
    lambda rng: [],
    lambda rng: {},
    lambda rng: [None],
    lambda rng: [[["x"]]],
    lambda rng: {"value": {"value": {"value": 1}}},
    lambda rng: [{"value": rng.choice(NASTY)}] * rng.choice((1, 2, 300)),
    lambda rng: rng.choice(NASTY),
    lambda rng: "x" * 100_000,
    lambda rng: ["x"] * 5_000,
    lambda rng: "no",
    lambda rng: {rng.choice(NASTY): rng.choice(NASTY)},
)


def _reshaped(rng: random.Random, live: dict[str, Any]) -> dict[str, Any]:
    """Return *live* with a few values, and names, of its resources replaced."""
    for _ in range(rng.randint(1, 4)):
        rows = live[rng.choice(("users", "users", "groups"))]["resources"]
        row = rng.choice(rows)
        name = rng.choice([name for name in row if name != "id"])
        other = rng.choice(SHAPES)(rng)
        how = rng.randrange(4)
        if how == 0:
            row[rng.choice((*NASTY, name.upper(), "$ref", "__class__"))] = other
        elif how == 1 and isinstance(row[name], list) and row[name]:
            row[name] = [*row[name], other]
        elif how == 2:
            del row[name]
        if how == 3 or name not in row or len(row) < 3:
            row[name] = other
    return live


def _csv(rng: random.Random) -> bytes:
    """Return people as CSV in which some cells, quotes and separators are not as they should be."""
    text = "objectId,userPrincipalName,displayName,accountEnabled\n"
    for number in range(rng.randint(1, 5)):
        text += f"p{number},p{number}@contoso.example,P {number},true\n"
    for _ in range(rng.randint(1, 5)):
        text = _mutated(rng, text, (*NASTY, '"', '""', ",,,,", "\r", ";", "\t"))
    return text.encode("utf-8", "surrogatepass")


# HTTP


def _http(rng: random.Random) -> Given:
    honest = json.dumps({"totalResults": 1, "Resources": [{"id": "u1", "userName": "a"}]}).encode()
    for number, reply in enumerate(_replies(honest)):
        for where in ("/Users", "/ServiceProviderConfig", "/Groups"):
            yield f"reply {number} to {where}", "http", {"where": where, **reply}
    while True:
        body = _mutated(rng, honest.decode(), (*JSON_PIECES, *NASTY))
        yield (
            "mutation",
            "http",
            {
                "where": rng.choice(("/Users", "/Users", "/Groups", "/Schemas")),
                "status": rng.choice((200, 200, 200, 204, 206, 299, 400, 404, 418, 500)),
                "headers": dict(rng.sample(sorted(HEADERS.items()), rng.randint(0, 3))),
                "body": body.encode("utf-8", "surrogatepass"),
            },
        )


HEADERS = {
    "Location": "http://169.254.169.254/latest/meta-data",
    "Retry-After": "99999999999999999999",
    "Content-Encoding": "gzip, gzip",
    "ETag": 'W/"\x80"',
    "Set-Cookie": "a=b; domain=.example",
    "X-Long": "x" * 20_000,
    "Link": "<http://evil.example>; rel=next",
    "Refresh": "0; url=http://evil.example",
    "WWW-Authenticate": "Basic realm=evil",
    "Content-Type": "text/html",
    "Content-Language": "::error::x",
    "RateLimit-Reset": "-1",
}


def _replies(honest: bytes) -> Iterator[dict[str, Any]]:
    import gzip
    import zlib

    zeros = gzip.compress(b"\0" * 32 * 2**20)
    for status in (301, 302, 303, 307, 308):
        yield {"status": status, "headers": {"Location": "http://169.254.169.254/"}}
    yield {"body": zeros, "headers": {"Content-Encoding": "gzip"}}
    yield {"body": gzip.compress(zeros), "headers": {"Content-Encoding": "gzip, gzip"}}
    yield {"body": zlib.compress(b"[" * 2**24), "headers": {"Content-Encoding": "deflate"}}
    yield {"body": b"\x0b\x02\x80abc", "headers": {"Content-Encoding": "br"}}
    yield {"body": zeros[:50], "headers": {"Content-Encoding": "gzip"}}
    yield {"body": honest, "headers": {"Content-Encoding": "gzip"}}
    yield {"body": b"[" * 100_000}
    yield {"body": b" " * (9 * 2**20)}
    yield {"body": b'{"totalResults": 1e999, "Resources": []}'}
    yield {"body": b'{"totalResults": -1, "Resources": [{}]}'}
    yield {"body": b'{"totalResults": "1", "Resources": {"id": "x"}}'}
    yield {"body": b'{"totalResults": 1, "totalResults": 0, "Resources": []}'}
    yield {"body": b'{"totalResults": 1, "Resources": [{"id": ".."}]}'}
    yield {"body": b'{"totalResults": 1, "Resources": [{"id": ""}]}'}
    yield {"body": b'{"totalResults": 1, "Resources": [{"id": "a/b"}]}'}
    yield {"body": b'{"totalResults": 2, "Resources": [{"id": "a"}], "nextCursor": "http://evil"}'}
    yield {"body": b"<html>sign in</html>", "headers": {"Content-Type": "text/html"}}
    yield {"status": 401, "body": b'{"detail": "\\u001b[31m\\u202e::error::x"}'}
    yield {"status": 429, "headers": {"Retry-After": "9" * 400}}
    yield {"status": 429, "headers": {"Retry-After": "-1"}}
    yield {"status": 503, "headers": {"Retry-After": "Thu, 99 Zzz 9999 99:99:99 GMT"}}
    yield {"status": 500, "body": b"x" * 100_000}
    yield {"status": 400, "body": b'{"detail": {"detail": [1]}, "scimType": 5}'}
    yield {"status": 400, "body": b'{"detail": "' + b"A" * 100_000 + b'"}'}


# patterns


def _regex(rng: random.Random) -> Given:
    bodies = (
        "^(a+)+$",
        "(a|a)*b",
        "(a|aa)+$",
        "(.*)*x",
        "([a-zA-Z]+)*",
        "(x+x+)+y",
        "a{1000}",
        "(a{1,1000}){1,1000}",
        "((a{100}){100}){100}",
        r"(?=a)b",
        r"(?<!a)b",
        r"(a)\1",
        "(?P<n>a)(?P=n)",
        "[",
        "(",
        "*",
        "a**",
        "(?i)" * 20 + "a",
        r"\p{L}{1,1000}",
        r"[\p{L}\p{N}]{500}",
        "(" * 200 + ")" * 200,
        "|" * 500,
        "." * 512,
        "." * 513,
        r"\x{10FFFF}",
        r"\C",
        r"\Q" + "a" * 400,
        "\x00",
        "(?s).*" * 50,
        "^" * 500,
        "(?#comment)",
        "(?>a)",
        "a++",
        r"\u0041",
        "[^\\x00-\\x{10FFFF}]",
    )
    for number, body in enumerate(bodies):
        for door in ("filter", "replace"):
            subject = "a" * 20_000 + "!"
            yield f"pattern {number} in a {door}", door, {"pattern": body, "subject": subject}
    alphabet = "ab(|)*+?{}[]^$.\\123,-:<>=!PpQxdws "
    while True:
        body = "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 80)))
        subject = rng.choice(("a" * 5_000, "ab" * 2_000, *NASTY))
        door = rng.choice(("filter", "replace"))
        yield "random", door, {"pattern": body, "subject": subject}


# expressions


def _expressions(rng: random.Random) -> Given:
    worst = (
        "Join(" * 50 + '""' + ")" * 50,
        "(" * 10_000,
        "[" * 10_000,
        '"' + "a" * 20_000 + '"',
        '"unclosed',
        "[unclosed",
        "Append(" * 16 + "[x]" + ', "y")' * 16,
        'Replace([x], , "(a+)+$", , "b", , )',
        'Replace([x], "a", , , "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", , )',
        "Replace(" * 10 + "[x]" + ', "a", , , "aaaaaaaa", , )' * 10,
        "Mid([x], 99999999999999999999, 1)",
        "Mid([x], -1, -1)",
        'PadLeft([x], 999999999, "x")',
        "BitAnd(99999999999999999999999, 1)",
        'FormatDateTime([x], , "yyyy", "%s%s%s%s")',
        'DateAdd("yyyy", 999999999, "2026-01-01")',
        "Guid()",
        "RandomString(1000000000, 1, 1, 1, 1, )",
        "__import__('os').system('id')",
        "[__class__]",
        "{{ 7 * 7 }}",
        "Switch([x]" + ', "a", "b"' * 2_000 + ")",
        'Split([x], "a")',
        'Join("", Split([x], "a"), Split([x], "a"), Split([x], "a"))',
        "StripSpaces([x])",
        "NormalizeDiacritics([x])",
        'ToLower([x], "tr-TR")',
        'Item(Split([x], "a"), 999999999999)',
        "Not(" * 1_000 + "[x]" + ")" * 1_000,
        "1e999",
        "IIF(, , )",
        ",,,,",
        "\x00",
        "Join(\u202e, [x])",
        "SelectUniqueValue(" + ", ".join(["[x]"] * 500) + ")",
        'Word([x], 1, "a")',
        'CDate("99999999999999999999")',
        'NumFromDate("9999-12-31T23:59:59Z")',
        "ConvertToBase64([x])",
        'Base64Decode("====")',
        'Left([x], "99999999999999999999999999999")',
    )
    subject = "a" * 50_000
    for number, text in enumerate(worst):
        yield f"expression {number}", "expression", {"text": text, "x": subject}
    names = ("Join", "Replace", "Mid", "Switch", "Split", "Item", "ToUpper", "Nope", "IIF", "Not")
    while True:
        depth = rng.randint(1, 6)
        text = rng.choice(("[x]", '"a"', "5", "[y]", '""'))
        for _ in range(depth):
            arguments = [text, *(rng.choice(('"a"', "[x]", "", "-1", "99999999999")),) * 2]
            text = f"{rng.choice(names)}({', '.join(arguments)})"
        if rng.random() < 0.5:
            text = _mutated(rng, text, (*NASTY, "(", ")", "[", "]", '"', ","))
        yield "random", "expression", {"text": text, "x": rng.choice(NASTY)}


# what looks alike


def _unicode(rng: random.Random) -> Given:
    pairs = [line for line in PAIRS.read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    for line in pairs:
        expected, one, other = (json.loads(f'"{part}"') for part in line.split("\t"))
        yield f"{expected}: {one!a} and {other!a}", "pair", (expected, one, other)
    while True:
        text = "".join(
            chr(rng.choice((rng.randrange(0x80, 0x3000), rng.randrange(0x20, 0x7F))))
            for _ in range(12)
        )
        yield "random", "pair", ("any", text, text.upper())


PAIRS = Path(__file__).with_name("lookalikes.tsv")
"""Pairs of names, each with what must come of it."""


# values that are shown


def _output(rng: random.Random) -> Given:
    for value in NASTY:
        yield f"value {value[:20]!a}", "shown", value
    while True:
        parts = rng.choices((*NASTY, *string.printable), k=rng.randint(2, 6))
        yield "mix", "shown", "".join(parts)


# ids and paths


def _paths(rng: random.Random) -> Given:
    ids = (
        "",
        ".",
        "..",
        "../Groups/g1",
        "a/b",
        "a\\b",
        "a?b",
        "a#b",
        "a%2fb",
        "%2e%2e",
        "a b",
        "a\tb",
        "a\nb",
        "a\x00b",
        "\u2025",
        "\uff0e\uff0e",
        "\uff0f",
        "é",
        "x" * 256,
        ";a=b",
        "a;/../b",
    )
    for text in ids:
        yield f"id {text[:20]!a}", "id", text
    names = (
        "..",
        ".",
        "",
        "/etc",
        "a/b",
        "A",
        "a_b",
        "-a",
        "a" * 64,
        "é",
        "con ",
        "a\n",
        "a\x00",
        "~",
    )
    for text in (*names, *ids):
        yield f"application {text[:20]!a}", "application", text
        yield f"include {text[:20]!a}", "include", text
    while True:
        text = "".join(
            rng.choice("./\\%~a:*?[]{}$\u2024\uff0e\x00") for _ in range(rng.randint(1, 12))
        )
        yield "random", rng.choice(("id", "application", "include")), text


def _mutated(rng: random.Random, text: str, pieces: tuple[str, ...]) -> str:
    """Return *text* with something put in, cut out, doubled or exchanged."""
    at = rng.randrange(len(text) + 1)
    to = min(len(text), at + rng.randint(1, 12))
    how = rng.randrange(4)
    if how == 0:
        return text[:at] + rng.choice(pieces) + text[at:]
    if how == 1:
        return text[:at] + text[to:]
    if how == 2:
        return text[:to] + text[at:]
    return text[:at] + rng.choice(pieces) + text[to:]


MAKERS: Mapping[str, Callable[[random.Random], Given]] = {
    "yaml": _yaml,
    "json": _json,
    "http": _http,
    "regex": _regex,
    "expressions": _expressions,
    "unicode": _unicode,
    "output": _output,
    "paths": _paths,
}
