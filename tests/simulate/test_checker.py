"""The simulator finds what is broken, and judges by nothing that comes from the program."""

import ast
from pathlib import Path

import pytest

import tests.simulate.check
import tests.simulate.reading
from tests.simulate import run
from tests.simulate.broken import ENGINES, broken
from tests.simulate.classes import CLASSES, classes, covering, pairs_of

QUICKLY = {
    "no intent is written": "12",
    "a create is sent again blindly": "13",
    "a lost answer is a success": "14",
}
"""Broken engines that a few runs find, and the invariant that each breaks."""


@pytest.mark.parametrize(("name", "invariant"), QUICKLY.items())
def test_a_broken_engine_is_found(name: str, invariant: str) -> None:
    with broken(name):
        assert _is_found(60, invariant)


@pytest.mark.measured
@pytest.mark.parametrize("name", ENGINES)
def test_every_broken_engine_is_found(name: str) -> None:
    with broken(name):
        assert _is_found(600)


def _is_found(most: int, invariant: str | None = None) -> bool:
    """Say whether some run finds something, or that one invariant is broken."""
    return any(
        invariant in {None, failure.invariant}
        for seed in range(most)
        for failure in run([seed]).failures
    )


@pytest.mark.parametrize("module", [tests.simulate.check, tests.simulate.reading])
def test_the_checker_shares_no_code_with_the_program(module: object) -> None:
    path = Path(str(getattr(module, "__file__", "")))
    tree = ast.parse(path.read_text("utf-8"))
    named = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert named <= {
        "__future__",
        "collections.abc",
        "copy",
        "dataclasses",
        "datetime",
        "hashlib",
        "json",
        "re",
        "tests.simulate.reading",
        "typing",
    }


def test_all_pairs_of_kinds_of_services_are_met() -> None:
    """The table covers every pair; each block of seeds is the whole table."""
    rows = covering()
    values = list(CLASSES.values())

    for i, ones in enumerate(values):
        for j, others in enumerate(values[:i]):
            met = {(row[i], row[j]) for row in rows}
            assert met == {(one, other) for one in ones for other in others}
    met_in_first = {pair for seed in range(len(rows)) for pair in pairs_of(*classes(seed))}
    met_at_all = {pair for seed in range(500) for pair in pairs_of(*classes(seed))}
    assert met_in_first == met_at_all
