"""The fault matrix has no gaps: every row of it is injected, and every fault has a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.testing import FAULTS

HERE = Path(__file__).parent

MATRIX = [*range(1, 28), *range(30, 51)]
"""Numbers of the rows on transport and statuses (F01 to F27) and on servers (F30 to F50)."""

NOT_OF_A_SERVER = {
    "F26": "test_roads.py",
    "F48": "test_fault_matrix_groups.py",
}
"""Rows that no WSGI layer can show, TLS and what only a client can do; where their tests are."""


def tests_of_the_matrix() -> Iterator[Path]:
    yield from sorted(HERE.glob("test_fault_matrix_*.py"))


def texts() -> set[str]:
    """Return every text in the tests of the matrix."""
    trees = (ast.parse(path.read_text("utf-8")) for path in tests_of_the_matrix())
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("number", MATRIX)
def test_each_row_of_the_matrix_can_be_injected(number: int) -> None:
    row = f"F{number:02}"
    named = {found for fault in FAULTS.values() for found in fault.matrix.split()}

    if row in NOT_OF_A_SERVER:
        assert row.lower() in (HERE / NOT_OF_A_SERVER[row]).read_text("utf-8").lower()
    else:
        assert row in named


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_has_a_test(fault: str) -> None:
    prefix = re.sub(r"\d+$|(?<=throttled-).*", "", fault)

    assert {fault, prefix} & texts() or any(
        re.search(rf'f"{re.escape(prefix)}\{{', path.read_text("utf-8"))
        for path in tests_of_the_matrix()
    )


def test_no_fault_is_of_a_row_that_there_is_not() -> None:
    rows = {found for fault in FAULTS.values() for found in fault.matrix.split()}

    assert rows <= {f"F{number:02}" for number in MATRIX}
