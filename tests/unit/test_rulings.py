"""Every ruling of the contract (product rulings 1 to 18) has a test that names it."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
RULINGS = range(1, 19)
NAMED = re.compile(r"def test_ruling_(\d+)_|\brulings? (\d+)(?: and (\d+))?", re.IGNORECASE)


@pytest.fixture(scope="module")
def files_by_ruling() -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        if path != Path(__file__):
            for match in NAMED.finditer(path.read_text("utf-8")):
                for number in filter(None, match.groups()):
                    found[int(number)].add(path.name)
    return found


@pytest.mark.parametrize("ruling", RULINGS)
def test_a_test_names_the_ruling(ruling: int, files_by_ruling: dict[int, set[str]]) -> None:
    assert files_by_ruling[ruling]
