import pytest

from reconciler.live.ids import usable_id


@pytest.mark.parametrize(
    "value", ["1", "2819c223-7f76-453a-919d-413861904646", "a@b;c=d&e", "...", "~x!", "x" * 255]
)
def test_an_id_that_can_be_part_of_a_path(value: str) -> None:
    assert usable_id(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", ".", "..", "../Groups/g1", "a/b", "a?b", "a#b", "a%2e", "a\\b", "a b", "a\n", "é"),
        *("x" * 256, None, 7, True, [], {}),
    ],
)
def test_s11_an_id_that_cannot(value: object) -> None:
    assert not usable_id(value)
