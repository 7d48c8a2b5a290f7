"""docs/profiles.md has the keys, the defaults and the shipped profiles of the program."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from reconciler.config import load_profile
from reconciler.profiles.catalog import shipped_names
from reconciler.profiles.export import profile_schema
from tests.markdown import ROOT, rows, spans

PAGE = ROOT / "docs" / "profiles.md"


def keys_of_schema() -> dict[str, Any]:
    """Return every key by its path, with its default."""
    schema = profile_schema()
    definitions = schema["$defs"]

    def below(node: dict[str, Any], path: str) -> Iterator[tuple[str, Any]]:
        for name, value in node.get("properties", {}).items():
            yield f"{path}{name}", value.get("default")
            part = definitions.get(value.get("$ref", "").rpartition("/")[2], {})
            yield from below(part, f"{path}{name}.")

    return dict(below(schema, ""))


def keys_of_page() -> dict[str, str]:
    """Return every key that the page describes, and the source of the cell with its default."""
    return {spans(row[0])[0]: row[1] for row in rows(PAGE, "Every key")}


def test_the_page_has_the_keys_of_the_schema() -> None:
    assert list(keys_of_page()) == list(keys_of_schema())


@pytest.mark.parametrize(("key", "shown"), keys_of_page().items())
def test_the_page_has_the_default_of(key: str, shown: str) -> None:
    code = spans(shown)

    assert (yaml.safe_load(code[0]) if code else None) == keys_of_schema()[key]


def test_the_page_has_the_shipped_profiles_and_on_what_they_were_tested() -> None:
    listed = {spans(row[0])[0]: spans(row[2])[0] for row in rows(PAGE, "The shipped ones")}

    assert listed == {name: load_profile(name).tested for name in shipped_names()}
