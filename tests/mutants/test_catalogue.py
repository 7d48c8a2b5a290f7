"""Every mutant of the catalogue still applies; `make mutants` says whether it is caught."""

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import PACKAGE, ROOT, DoesNotApply, Mutant

FEWEST = 45


@pytest.mark.parametrize("ident", MUTANTS)
def test_a_mutant_applies(ident: str) -> None:
    mutant = MUTANTS[ident]
    honest = (ROOT / PACKAGE / mutant.file).read_text("utf-8")

    assert mutant.applied(honest) != honest
    assert [file for file in mutant.tests if not (ROOT / "tests" / file).is_file()] == []
    assert mutant.tests


def test_there_are_enough_and_no_two_are_the_same() -> None:
    said = {(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS.values()}

    assert len(said) == len(MUTANTS) >= FEWEST


def test_a_mutant_whose_text_has_changed_says_so() -> None:
    mutant = Mutant("INV-0", "nothing", "x.py", "old", "new", ("x.py",))

    with pytest.raises(DoesNotApply, match=r"INV-0: nothing.*stands 0 times in reconciler/x\.py"):
        mutant.applied("the text has changed")
    with pytest.raises(DoesNotApply, match="stands 2 times"):
        mutant.applied("old and old")


def test_a_mutant_that_leaves_no_python_says_so() -> None:
    mutant = Mutant("INV-0", "nothing", "x.py", "pass", "(", ("x.py",))

    with pytest.raises(DoesNotApply, match="it leaves no Python"):
        mutant.applied("pass\n")
