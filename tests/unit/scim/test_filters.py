import pytest

from reconciler.scim.filters import equals
from reconciler.scim.paths import parse_path


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        pytest.param("userName", "ada", 'userName eq "ada"', id="plain"),
        pytest.param(
            "userName", 'x" or userName pr', 'userName eq "x\\" or userName pr"', id="a quote"
        ),
        pytest.param("userName", "a\\b\n", 'userName eq "a\\\\b\\n"', id="backslash and newline"),
        pytest.param("displayName", "Zoë", 'displayName eq "Zoë"', id="not ASCII"),
        pytest.param(
            'emails[type eq "work"].value',
            "a@b.example",
            'emails[type eq "work" and value eq "a@b.example"]',
            id="one element of a list",
        ),
    ],
)
def test_a_filter_holds_its_value_as_json(path: str, value: str, expected: str) -> None:
    assert equals(parse_path(path), value) == expected
