"""The house stands as drawn: the import contract, and the size of rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "reconciler").rglob("*.py"))
MODULE_LINES = 400
FUNCTION_LINES = 50


def test_imports_go_down_and_the_core_is_pure() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    ended = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stdout


def test_the_contract_watches_every_workflow_but_the_wiring() -> None:
    """A contract that names modules must name a new one too."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    adapters = {"wiring", "keeping", "schemas", "__init__", "start"}
    named = {path.stem for path in (ROOT / "reconciler" / "workflow").glob("*.py")} - adapters

    assert {name for name in named if f'"reconciler.workflow.{name}"' not in text} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_and_no_function_is_too_long(path: Path) -> None:
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= MODULE_LINES
    assert [name for name, lines in _functions(ast.parse(text)) if lines > FUNCTION_LINES] == []


def _functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1
