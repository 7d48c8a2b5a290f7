"""Every operator of a scoping filter times every kind of value (entra.md, section 2)."""

from typing import Any, get_args

import pytest

from reconciler.config.model import Clause, Operator
from reconciler.directory import Cell
from reconciler.scope.filters import compile_clause

OPERANDS: dict[str, str | int | None] = {
    "EQUALS": "Sales",
    "NOT EQUALS": "Sales",
    "&": "Sales, Marketing",
    "!&": "Sales, Marketing",
    "ENDS_WITH": "les",
    "Includes": "ale",
    "Greater_Than": 10,
    "Greater_Than_OR_EQUALS": 10,
    "IS FALSE": None,
    "IS TRUE": None,
    "IS NULL": None,
    "IS NOT NULL": None,
    "REGEX MATCH": "Sales|1[0-9]",
    "NOT REGEX MATCH": "Sales|1[0-9]",
}

MATRIX: list[tuple[str, Cell | None, str]] = [
    #                                     = <> & !& ends incl > >= false true null there re !re
    ("absent", None, "                    . .  . .  .    .    . .  .     .    X    .     .  ."),
    ("empty text", "", "                  . .  . .  .    .    . .  .     .    X    .     .  ."),
    ("no values", (), "                   . .  . .  .    .    . .  .     .    X    .     .  ."),
    ("several values", ("Sales", "10"), " . .  . .  .    .    . .  .     .    .    .     .  ."),
    ("the text", "Sales", "               X .  X .  X    X    . .  .     .    .    X     X  ."),
    ("in lower case", "sales", "          . X  . X  X    X    . .  .     .    .    X     .  X"),
    ("in upper case", "SALES", "          . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("longer", "Salesforce", "            . X  . X  .    X    . .  .     .    .    X     .  X"),
    ("with a start", "EMEA Sales", "      . X  . X  X    X    . .  .     .    .    X     .  X"),
    ("with a blank", " Sales", "          . X  . X  X    X    . .  .     .    .    X     .  X"),
    ("a part of it", "ales", "            . X  X .  X    X    . .  .     .    .    X     .  X"),
    ("a blank", " ", "                    . X  X .  .    .    . .  .     .    .    X     .  X"),
    ("the number", "10", "                . X  . X  .    .    . X  .     .    .    X     X  ."),
    ("a greater number", "11", "          . X  . X  .    .    X X  .     .    .    X     X  ."),
    ("a smaller number", "9", "           . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("a negative number", "-11", "        . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("leading zeros", "010", "            . X  . X  .    .    . X  .     .    .    X     .  X"),
    ("a decimal number", "11.5", "        . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("an exponent", "1e3", "              . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("wide digits", "\uff11\uff11", "     . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("True", "True", "                    . X  . X  .    .    . .  .     X    .    X     .  X"),
    ("true", "true", "                    . X  . X  .    .    . .  .     X    .    X     .  X"),
    ("False", "False", "                  . X  . X  .    .    . .  X     .    .    X     .  X"),
    ("FALSE", "FALSE", "                  . X  . X  .    .    . .  X     .    .    X     .  X"),
    ("yes", "yes", "                      . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("a day", "2026-11-23", "             . X  . X  .    .    . .  .     .    .    X     .  X"),
    ("an accent", "S\u00e1les", "         . X  . X  X    .    . .  .     .    .    X     .  X"),
    ("a wide letter", "\uff33ales", "     . X  . X  X    X    . .  .     .    .    X     .  X"),
    ("a soft hyphen", "Sa\u00adles", "    . X  . X  X    .    . .  .     .    .    X     .  X"),
    ("two lines", "Sales\nSales", "       . X  . X  X    X    . .  .     .    .    X     .  X"),
]

CELLS = [
    pytest.param(operator, cell, mark == "X", id=f"{operator} of {kind}")
    for kind, cell, marks in MATRIX
    for operator, mark in zip(OPERANDS, marks.split(), strict=True)
]


def test_the_matrix_has_every_operator() -> None:
    assert set(OPERANDS) == set(get_args(Operator))


@pytest.mark.parametrize(("operator", "cell", "holds"), CELLS)
def test_the_clause_holds_as_entra_says(operator: Any, cell: Cell | None, holds: bool) -> None:
    clause = Clause(attribute="department", operator=operator, value=OPERANDS[operator])
    attributes = {} if cell is None else {"department": cell}

    assert compile_clause(clause)(attributes) is holds
