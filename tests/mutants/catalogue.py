"""
The program, broken in every way that we could think of: all mutants, by number.

Each must be caught by the suite (`make mutants`). One that survives is a test that
is missing.
"""

from typing import Final

from tests.mutants.mutant import Mutant
from tests.mutants.of_applying import APPLYING
from tests.mutants.of_approvals import APPROVING
from tests.mutants.of_columns import COLUMNS
from tests.mutants.of_deciding import DECIDING
from tests.mutants.of_guards import GUARDING
from tests.mutants.of_reading import READING
from tests.mutants.of_records import RECORDS
from tests.mutants.of_running import RUNNING
from tests.mutants.of_undoing import UNDOING
from tests.mutants.of_words import WORDS

TABLES: Final[dict[str, tuple[Mutant, ...]]] = {
    "A": APPLYING,
    "B": APPROVING,
    "C": COLUMNS,
    "D": DECIDING,
    "G": GUARDING,
    "J": RECORDS,
    "R": READING,
    "S": RUNNING,
    "U": UNDOING,
    "W": WORDS,
}
"""Applying, approvals, columns, deciding, guards, journals, reading, running, undoing, words."""

MUTANTS: Final = {
    f"{letter}{number:02}": mutant
    for letter, table in TABLES.items()
    for number, mutant in enumerate(table, 1)
}
"""Every mutant by its id."""
