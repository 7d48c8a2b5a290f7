"""
What a mutant is: one exact replacement in one file of the program.

To add one is to add a row to a table of this folder. The text that is replaced
stands in its file exactly once, so that a row whose text has changed says so
instead of testing nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "reconciler"


class DoesNotApply(Exception):
    """The program has changed, and the mutant has not."""


@dataclass(frozen=True)
class Mutant:
    """The program with one thing broken."""

    rule: str
    """What it breaks: an invariant (INV-14), a fault of the matrix (F31), a row of the
    security checklist (S08), a guard of the catalogue (G04) or a ruling of the product."""
    what: str
    """What it does wrong."""
    file: str
    """Below the package."""
    old: str
    new: str
    tests: tuple[str, ...]
    """The few files of tests that should catch it, below `tests`; the likeliest first."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.rule}: {self.what}"

    def applied(self, text: str) -> str:
        """
        Return the text of the file with the mutant in it.

        Raises:
            DoesNotApply: Its text is not there exactly once, or what it leaves is no Python.
        """
        found = text.count(self.old)
        if found != 1:
            raise DoesNotApply(
                f"mutant no longer applies ({self.name}): its text stands {found} times in "
                f"{PACKAGE}/{self.file}, and should stand there once"
            )
        changed = text.replace(self.old, self.new)
        try:
            ast.parse(changed)
        except SyntaxError as exc:
            message = f"mutant no longer applies ({self.name}): it leaves no Python: {exc}"
            raise DoesNotApply(message) from exc
        return changed
