"""The page on testing: its examples run, and its table is that of the program."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docs import generate
from reconciler.testing import FAULTS, Fault, FaultyScim, Request
from tests.markdown import fences, rows, spans

PAGE = generate.TESTING


def example(section: str) -> str:
    """Return the block of Python in a section."""
    (found,) = [
        fence.text
        for fence in fences(PAGE)
        if (fence.section, fence.language) == (section, "python")
    ]
    return found


def test_the_complete_example_passes(tmp_path: Path) -> None:
    (tmp_path / "test_ours.py").write_text(example("A complete example"), "utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout
    assert "10 passed" in ended.stdout


def fine(environ: Any, start: Any) -> Iterable[bytes]:
    """Answer anything with 200."""
    start("200 OK", [])
    return [b"{}"]


def test_the_fault_of_your_own_is_one() -> None:
    known: dict[str, Fault] = {}
    exec(example("Faults of your own"), known)  # noqa: S102 - it is our own page
    service = FaultyScim(fine, [known["TEAPOT"]])

    assert service.answer(Request("GET", "/Users")).status == 418
    assert service.answer(Request("GET", "/Groups")).status == 200


def test_the_table_is_what_its_generator_writes() -> None:
    page = PAGE.read_text("utf-8")

    assert page == generate.renewed_testing(page), "run `make docs`"
    assert [spans(row[0])[0] for row in rows(PAGE, "The faults")] == list(FAULTS)
