"""Laws of the configuration: bad input is always a ConfigError, and every place is in the file."""

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reconciler.config import SourceText, format_all, includes_of, load_config
from reconciler.config.columns import place_in
from reconciler.config.export import json_schema
from reconciler.config.nodes import Items, Origin, Scalar, merge, plain, singles
from reconciler.config.yaml import parse, read
from reconciler.diagnostics import ConfigError, Diagnostic, printable

SECRET = "c4n4ry-t0k3n"

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
DATA = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=8), below, max_size=4)
    ),
    max_leaves=12,
)

KEYS = sorted(
    {key for schema in json_schema()["$defs"].values() for key in schema.get("properties", {})}
)
WORDS = st.sampled_from([*KEYS, "all", "EQUALS", "userName", "active", "[IsSoftDeleted]", "crm"])
NEARLY = st.recursive(
    SCALARS | WORDS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=5),
    max_leaves=20,
)
"""Data that is made of the words of the format, and is hardly ever right."""

YAMLISH = st.text("abz:-[]{}#&*!|>'\"%@`,?<\n\t \\0.7~é\u2028\ufeff\x00", max_size=60)

RIGHT = {
    "target": {"tenant_url": "https://crm.example", "secret_token": {"env": "CRM"}},
    "scope": "all",
    "mappings": {
        "users": [
            {"target": "userName", "source": "mail", "match": 1},
            {"target": "active", "expression": "Not([IsSoftDeleted])"},
        ]
    },
}


def load(text: str) -> tuple[Diagnostic, ...]:
    """Load *text* and return what is said about it; nothing but a ConfigError may come out."""
    try:
        return load_config(SourceText("f.yaml", text)).warnings
    except ConfigError as exc:
        return exc.diagnostics


def check_places(text: str, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Assert that every place is in the file, and that everything can be printed."""
    rows = text.removeprefix("\ufeff").split("\n")
    for one in diagnostics:
        assert one.position is not None
        assert 1 <= one.position.line <= len(rows)
        assert 1 <= one.position.column <= len(rows[one.position.line - 1]) + 1
        assert one.code == one.code.lower()
    shown = format_all(diagnostics, {"f.yaml": text})
    assert all(printable(line) == line for line in shown.split("\n"))


@given(st.text() | YAMLISH)
def test_arbitrary_text_is_refused_and_never_crashes(text: str) -> None:
    includes_of(SourceText("f.yaml", text))

    check_places(text, load(text))


@given(YAMLISH)
def test_text_after_a_right_beginning_never_crashes(tail: str) -> None:
    text = f"version: 1\nsource: {{users: x.csv}}\napplications:\n  crm:\n    scope: {tail}"

    check_places(text, load(text))


@given(DATA | NEARLY)
def test_arbitrary_data_is_refused_and_never_crashes(data: Any) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)

    check_places(text, load(text))


@given(st.dictionaries(WORDS, NEARLY, max_size=6))
def test_an_application_of_arbitrary_data_never_crashes(application: dict[str, Any]) -> None:
    document = {
        "version": 1,
        "source": {"users": "x.csv"},
        "defaults": RIGHT,
        "applications": {"crm": application},
    }
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)

    check_places(text, load(text))


@given(st.dictionaries(WORDS, NEARLY, max_size=6), st.booleans())
def test_the_schema_refuses_no_file_that_loads(application: dict[str, Any], right: bool) -> None:
    document = {
        "version": 1,
        "source": {"users": "x.csv"},
        "applications": {"crm": {**application, **(RIGHT if right else {})}},
    }
    text = yaml.safe_dump(document, sort_keys=False)
    if any(one.severity == "error" for one in load(text)):
        return

    assert Draft202012Validator(json_schema()).is_valid(parse(text, "f.yaml").data)


@given(st.lists(st.sampled_from(["{", "}", "[", "]", ": ", ", ", "\n  ", "'", SECRET, "env"])))
def test_ruling_18_no_secret_is_ever_repeated(pieces: list[str]) -> None:
    pasted = "".join([SECRET, *pieces])
    text = f"version: 1\napplications:\n  crm:\n    target:\n      secret_token: {pasted}\n"
    diagnostics = load(text)

    # What is pasted may close the mapping and go on with keys of its own: then it is no secret.
    if "\n" not in pasted:
        assert SECRET not in format_all(diagnostics, {"f.yaml": text})


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30))
def test_every_character_of_a_quoted_value_is_found(value: str) -> None:
    for text in (f"a: {json.dumps(value)}", f"a: {json.dumps(value, ensure_ascii=False)}"):
        document = read(text, "f.yaml").document
        if document is None:
            continue
        (node,) = [node for loc, node in singles(document.root) if loc == ("a",)]
        if (
            node.text != value
        ):  # halves of characters beyond U+FFFF, which JSON writes and YAML reads singly
            continue
        for offset, character in enumerate(value):
            place = place_in(node, offset)
            rest = text.split("\n")[place.line - 1][place.column - 1 :]
            assert json.loads(f'"{_unit(rest)}"') == character


def _unit(rest: str) -> str:
    """Return the first character of a quoted text, or its escape."""
    if not rest.startswith("\\"):
        return rest[0]
    return rest[:6] if rest[1] == "u" else rest[:2]


@given(DATA)
def test_merging_with_itself_changes_nothing(data: Any) -> None:
    document = read(yaml.safe_dump({"a": data}), "f.yaml").document
    root = document.root if document else Items(Origin("f.yaml", ""), 0, [])

    assert plain(merge(root, root)) == plain(root)


@given(st.text(max_size=200))
def test_no_scalar_is_a_float(text: str) -> None:
    document = read(f"a: {text}", "f.yaml").document
    nodes = [node for _, node in singles(document.root)] if document else []

    assert all(isinstance(node, Scalar) and not isinstance(node.value, float) for node in nodes)
