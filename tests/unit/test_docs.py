"""The reference pages say what the program has: keys, codes, functions, fields, floors."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import click
import pytest
import yaml

from docs import generate
from reconciler.cli.main import cli
from reconciler.config.export import json_schema
from reconciler.expr.functions import FUNCTIONS
from reconciler.plan.plan_file import plan_schema
from reconciler.store.attempt_records import attempts_schema
from reconciler.store.records import journal_schema
from reconciler.vocabulary import CODES
from tests.markdown import ROOT, inline, rows, spans

DOCS = ROOT / "docs"
PACKAGE = ROOT / "reconciler"
NEGATIVE = ROOT / "tests" / "cases" / "negative"

SAME_FORM = ("scoping_filters.groups[]", "mappings.groups[]")
"""Parts of the file that have the form of the part for users, which is described."""


def keys_of_schema() -> dict[str, tuple[bool, Any]]:
    """Return every key by its path: whether it is required, and its default."""
    schema = json_schema()
    definitions = schema["$defs"]

    def below(node: dict[str, Any], path: str) -> Iterator[tuple[str, bool, Any]]:
        node = {**definitions.get(node.get("$ref", "").rpartition("/")[2], {}), **node}
        if node.get("type") == "array":
            yield from below(node["items"], f"{path}[]")
        for named in node.get("patternProperties", {}).values():
            yield from below(named, f"{path}.NAME")
        for name, value in node.get("properties", {}).items():
            place = f"{path}.{name}" if path else name
            yield place, name in node.get("required", ()), value.get("default")
            if not isinstance(value.get("default"), dict):  # a limit is described as a whole
                yield from below(value, place)

    head = {name: value for name, value in schema["properties"].items() if name != "defaults"}
    top = {"properties": head, "required": ["version", "source", "applications"]}
    found = [*below(top, ""), *below(definitions["Application"], ""), ("defaults", False, None)]
    listed = {path: (required, default) for path, required, default in found}
    return {path: what for path, what in listed.items() if not path.startswith(SAME_FORM)}


def keys_of_page() -> dict[str, str]:
    """Return every key that the page describes, and the source of the cell with its default."""
    page = DOCS / "configuration.md"
    sections = ("The file", "An application", "Safety")
    return {spans(row[0])[0]: row[1] for section in sections for row in rows(page, section)}


def test_the_page_on_configuration_has_the_keys_of_the_schema() -> None:
    assert sorted(keys_of_page()) == sorted(keys_of_schema())


@pytest.mark.parametrize(("key", "shown"), keys_of_page().items())
def test_the_page_on_configuration_has_the_default_of(key: str, shown: str) -> None:
    required, default = keys_of_schema()[key]
    code = spans(shown)

    assert (shown == "required") is required
    assert (yaml.safe_load(code[0]) if code else None) == default


def test_parts_of_one_form_have_the_same_keys() -> None:
    definitions = json_schema()["$defs"]
    for name in ("ScopingFilters", "Mappings"):
        parts = definitions[name]["properties"]

        assert parts["groups"]["items"] == parts["users"]["items"]


def codes_of_page(section: str) -> list[str]:
    return [spans(row[0])[0] for row in rows(DOCS / "diagnostics.md", section)]


def test_each_code_of_the_configuration_is_explained() -> None:
    assert codes_of_page("The configuration file") == sorted(p.name for p in NEGATIVE.iterdir())


def test_each_other_code_is_explained() -> None:
    rooms = (
        "source",
        "workflow",
        "scope",
        "interchange",
        "interchange/entra",
        "live/auth.py",
        "live/saved.py",
        "live/trust.py",
        "config/policy.py",
    )
    said = texts_of([*rooms, "plan/remarks.py", "plan/profiled.py", "plan/revert.py"])
    codes = {text for text in said if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}
    no_code = {"rev-parse"}

    listed = codes_of_page("The source, and the command line")

    assert listed == sorted(codes - set(codes_of_page("The configuration file")) - no_code)


@pytest.mark.parametrize(
    ("section", "rooms"),
    [
        ("Skip codes in a plan", ("desired.py", "diff", "plan")),
        ("Codes in a journal", ("apply", "scim/errors.py")),
    ],
)
def test_each_code_of_entra_is_explained_as_the_program_does(
    section: str, rooms: Sequence[str]
) -> None:
    listed = {spans(row[0])[0]: row[1:] for row in rows(DOCS / "diagnostics.md", section)}

    used = [code for code in CODES if code in texts_of(rooms)]
    assert listed == {code: [CODES[code].meaning, CODES[code].action] for code in used}
    assert list(listed) == used


def texts_of(rooms: Sequence[str]) -> set[str]:
    """Return every text of some rooms, or modules."""
    files = [
        file
        for place in (PACKAGE / room for room in rooms)
        for file in ([place] if place.is_file() else place.glob("*.py"))
    ]
    return {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_the_page_on_expressions_is_what_its_generator_writes() -> None:
    page = generate.PAGE.read_text("utf-8")

    assert page == generate.renewed(page), "run `make docs`"


def test_each_function_is_described_in_its_own_words() -> None:
    listed = {row[0]: row[1] for row in rows(DOCS / "expressions.md", "Functions") if "(" in row[0]}

    assert listed == {f"`{function.usage}`": function.doc for function in FUNCTIONS.values()}


@pytest.mark.parametrize(
    "schema",
    [plan_schema(), journal_schema(), attempts_schema()],
    ids=["plan", "journal", "attempts"],
)
def test_each_field_is_described(schema: dict[str, Any]) -> None:
    told = {token.content for token in inline(DOCS / "plan-format.md", "code_inline")}
    named = [schema, *schema["$defs"].values()]
    fields = {name for each in named for name in each.get("properties", {})}
    methods = {"GET", "POST", "PATCH", "DELETE"}  # said as "by method"

    assert fields - methods - told == set()


def test_the_floors_are_those_of_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]

    drawn = [spans(row[0]) for row in rows(DOCS / "architecture.md", "The floors")]

    assert drawn == [[room.strip() for room in layer.split("|")] for layer in layers]


def names_in_architecture() -> list[str]:
    told = (token.content for token in inline(DOCS / "architecture.md", "code_inline"))
    return sorted(
        {name for name in told if re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", name)}
        - {"pyproject.toml", "provisioning.yaml"}
    )


@pytest.mark.parametrize("name", names_in_architecture())
def test_what_the_page_on_architecture_names_exists(name: str) -> None:
    steps = ["reconciler", *name.split(".")]
    modules = [steps[:length] for length in range(len(steps), 0, -1)]
    module = next(path for path in modules if is_module(path))
    found: Any = importlib.import_module(".".join(module))

    for step in steps[len(module) :]:
        found = getattr(found, step)


def is_module(path: list[str]) -> bool:
    """Say whether *path* is a module of ours."""
    place = ROOT.joinpath(*path)
    return place.is_dir() or place.with_suffix(".py").is_file()


def told_to_people_from_entra() -> list[str]:
    """Return every key and command in the second column of the page for people from Entra."""
    return [code for row in rows(DOCS / "coming-from-entra.md") for code in spans(row[1])]


@pytest.mark.parametrize("code", sorted(set(told_to_people_from_entra())))
def test_the_page_for_people_from_entra_names_what_exists(code: str) -> None:
    words = code.split()
    if words[0] == "reconciler":
        command: click.Command | None = cli
        words = words[1:]
        while isinstance(command, click.Group):
            _, command, words = command.resolve_command(click.Context(command), words)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        assert [word for word in words if word.startswith("--") and word not in options] == []
    elif words[0] != "git" and code != "provisioning.yaml":
        assert any(key == code or key.startswith(f"{code}.") for key in keys_of_schema())


SCREENS = {
    "Overview": "New configuration; Start provisioning; Stop provisioning; Restart provisioning; "
    "Current cycle status; View provisioning logs; Quarantine; Account discovery; Insights",
    "Connectivity": "Tenant URL; Secret Token; Authentication method; Test Connection; "
    "Notification email; Prevent accidental deletion; Allow deletes; Reject deletes",
    "Users and groups": "Add user/group; Select a role; App roles; Assignment required; "
    "Default Access",
    "Provisioning > Settings": "Sync only assigned users and groups; Sync all users and groups; "
    "Provisioning Status; Scope by assignment; Scope by attribute; SkipOutOfScopeDeletions",
    "Provisioning > Mappings": "Provision Users; Provision Groups; Target object actions; "
    "Source object scope; Add scoping filter; Operator; Restore default mappings; "
    "Review your schema here; Edit attribute list; Expression builder",
    "Edit attribute": "Direct; Constant; Expression; None; Extensibility workflow; "
    "Default value if null; Target attribute; Match objects using this attribute; "
    "Matching precedence; Apply this mapping; Flow null values",
    "Provision on demand": "Select a user; Import, scope, match, action; members of a group",
    "Provisioning logs": "Logs; Status; Action; Modified properties; Troubleshooting; Audit logs",
}
"""The provisioning pages of Entra's portal, and what can be seen or set on each."""


@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_for_people_from_entra_has_each_part_of_the_screen(screen: str) -> None:
    page = [*rows(DOCS / "coming-from-entra.md", screen)]

    told = " | ".join(row[0] for row in page).casefold()
    assert [part for part in SCREENS[screen].split("; ") if part.casefold() not in told] == []
    assert all(row[1] or row[2] for row in page)
