"""Names that a configuration takes."""

import pytest

from reconciler.interchange.names import LONGEST, free_name, nameable


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x", True),
        ("Zoë 😀", True),
        ("x" * LONGEST, True),
        ("", False),
        ("x" * (LONGEST + 1), False),
        ("a\x00b", False),
        ("a\x7fb", False),
    ],
    ids=ascii,
)
def test_what_can_be_a_name(text: str, wanted: bool) -> None:
    assert nameable(text) is wanted


@pytest.mark.parametrize(
    ("name", "taken", "wanted"),
    [
        ("User", [], "User"),
        ("User", ["Admin"], "User"),
        ("User", ["USER"], "User (2)"),
        ("User", ["user", "User (2)"], "User (3)"),
        ("default access", [], "default access (2)"),
        ("x" * LONGEST, ["x" * LONGEST], "x" * (LONGEST - 4) + " (2)"),
    ],
)
def test_a_name_that_is_taken_is_numbered(name: str, taken: list[str], wanted: str) -> None:
    assert free_name(name, taken) == wanted
