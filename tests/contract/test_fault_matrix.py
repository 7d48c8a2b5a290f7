"""The fault matrix has no gaps: every row of it is injected, and every fault has a test."""

from pathlib import Path

import pytest

from reconciler.testing import FAULTS
from tests.contract import test_fault_matrix_changes as changes
from tests.contract import test_fault_matrix_creates as creates
from tests.contract import test_fault_matrix_groups as groups
from tests.contract import test_fault_matrix_reads as reads
from tests.contract.matrix import faults_of

HERE = Path(__file__).parent

MATRIX = [*range(1, 28), *range(30, 51)]
"""Numbers of the rows on transport and statuses (F01 to F27) and on servers (F30 to F50)."""

NOT_OF_A_SERVER = {
    "F26": "test_roads.py",
    "F48": "test_fault_matrix_groups.py",
}
"""Rows that no WSGI layer can show, TLS and what only a client can do; where their tests are."""


MODULES = (reads, creates, changes, groups)


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
    """It stands in a table, or by its name in a test of its own."""
    in_tables = faults_of(*(module.CASES for module in MODULES))
    alone = any(f'"{fault}"' in Path(str(module.__file__)).read_text("utf-8") for module in MODULES)

    assert fault in in_tables or alone


def test_no_fault_is_of_a_row_that_there_is_not() -> None:
    rows = {found for fault in FAULTS.values() for found in fault.matrix.split()}

    assert rows <= {f"F{number:02}" for number in MATRIX}
