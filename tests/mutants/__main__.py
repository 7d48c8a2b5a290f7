"""
Break the program, one mutant after the other, and see whether the suite notices.

    make mutants                    all of them, two at a time
    make mutants ONLY="A03 G"       one by its id, or all of a letter

Each mutant is made in a copy of the package that is imported in place of the
installed one; the tests that should catch it run until the first failure. Before,
the same tests run once on the copy as it is: a test that fails anyway catches
nothing. Ends with 1 when a mutant survives, or does not apply.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.measured import Figure, write_down
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import PACKAGE, ROOT, DoesNotApply, Mutant
from tests.mutants.watch import MUTATED, RESULT

JOBS = 2
SECONDS = 300
"""How long the tests of one mutant may take: one that hangs is caught, too."""
COPIED = (PACKAGE, "tests", "docs", "examples", "schemas")
LEFT_OUT = shutil.ignore_patterns("node_modules", ".pytest_cache")


@dataclass(frozen=True)
class Fate:
    """What became of one mutant."""

    ident: str
    mutant: Mutant
    caught_by: str | None
    """The test; None when none failed."""
    trouble: str | None
    """Why this run says nothing; None when it does."""
    seconds: float

    @property
    def good(self) -> bool:
        """Whether it was caught."""
        return self.caught_by is not None and self.trouble is None


def copied(folder: Path) -> Path:
    """Copy what the tests need into *folder*; times are kept, and so compiled files are good."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy2(path, folder)
    return folder


@contextmanager
def mutated(copy: Path, mutant: Mutant) -> Iterator[Path]:
    """
    Put *mutant* into *copy* for a while.

    Raises:
        DoesNotApply: It does not apply any more.
    """
    path = copy / PACKAGE / mutant.file
    honest = path.read_text("utf-8")
    _write(path, mutant.applied(honest))
    try:
        yield path
    finally:
        _write(path, honest)


def _write(path: Path, text: str) -> None:
    """Write a module, and throw away what was compiled of it."""
    path.write_text(text, "utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def tested(copy: Path, files: Sequence[str], changed: Path) -> dict[str, object]:
    """Run tests in *copy* until one fails, and return what the plugin saw."""
    result = copy / "result.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow and not servers"]
    command += ["-p", "no:cacheprovider", "-p", "tests.mutants.watch"]
    command += [f"tests/{file}" for file in files]
    known = {RESULT: str(result), MUTATED: str(changed), "PYTHONPATH": str(copy)}
    known["PYTHONDONTWRITEBYTECODE"] = ""  # what is compiled once need not be compiled again
    environ = {**os.environ, **known}
    try:
        subprocess.run(command, cwd=copy, env=environ, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return {"failed": [f"no end after {SECONDS} seconds"], "errors": [], "imported": True}
    if not result.exists():
        return {"failed": [], "errors": ["pytest did not run"], "imported": False}
    found: dict[str, object] = json.loads(result.read_text("utf-8"))
    return found


def fate_of(ident: str, copy: Path) -> Fate:
    """Make one mutant, test it, and say what became of it."""
    mutant, began = MUTANTS[ident], time.monotonic()
    try:
        with mutated(copy, mutant) as path:
            seen = tested(copy, mutant.tests, path)
    except DoesNotApply as exc:
        return Fate(ident, mutant, None, str(exc), 0.0)
    failed, errors = seen["failed"], seen["errors"]
    assert isinstance(failed, list)
    assert isinstance(errors, list)
    trouble = f"says nothing: {errors[0]}" if errors else None
    if not seen["imported"]:
        trouble = trouble or "says nothing: its tests never import it"
    caught = str(failed[0]) if failed else None
    return Fate(ident, mutant, caught, trouble, time.monotonic() - began)


def chosen(only: Sequence[str]) -> list[str]:
    """Return the ids that were asked for, or all."""
    return [ident for ident in MUTANTS if not only or ident.startswith(tuple(only))]


def fates(idents: Sequence[str]) -> Iterator[Fate]:
    """
    Yield the fate of each, two at a time; the honest program comes first.

    Raises:
        SystemExit: A test fails although nothing is broken.
    """
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(JOBS):
            copies.put(copied(Path(folder) / str(number)))

        def one(ident: str) -> Fate:
            copy = copies.get()
            try:
                return fate_of(ident, copy)
            finally:
                copies.put(copy)

        _require_honest(copies, idents)
        with ThreadPoolExecutor(JOBS) as pool:
            yield from pool.map(one, idents)


def _require_honest(copies: SimpleQueue[Path], idents: Sequence[str]) -> None:
    """Run all the tests once where nothing is broken."""
    files = sorted({file for ident in idents for file in MUTANTS[ident].tests})
    parts = [files[number::JOBS] for number in range(JOBS) if files[number::JOBS]]

    def run(part: list[str]) -> dict[str, object]:
        copy = copies.get()
        try:
            return tested(copy, part, copy / PACKAGE / "__init__.py")
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(JOBS) as pool:
        for seen in pool.map(run, parts):
            if seen["failed"] or seen["errors"] or not seen["imported"]:
                raise SystemExit(f"nothing is broken, and yet: {seen}")


def shown(fate: Fate) -> str:
    """Return the line of one mutant."""
    end = fate.trouble or (f"caught by {fate.caught_by}" if fate.caught_by else "SURVIVED")
    return f"{fate.ident}  {fate.mutant.rule:<10} {fate.mutant.what}: {end} ({fate.seconds:.1f} s)"


def main(only: Sequence[str]) -> int:
    """Run the mutants that were asked for, and say whether all were caught."""
    began = time.monotonic()
    ended: list[Fate] = []
    for fate in fates(chosen(only)):
        print(shown(fate), flush=True)
        ended.append(fate)
    good = sum(fate.good for fate in ended)
    print(f"\n{good} of {len(ended)} mutants caught")
    if not only:
        keep(ended, time.monotonic() - began)
    return 0 if good == len(ended) and ended else 1


def keep(ended: Sequence[Fate], seconds: float) -> None:
    """Write down what became of all."""
    rows: list[dict[str, Figure]] = [
        {
            "id": fate.ident,
            "breaks": fate.mutant.rule,
            "what": fate.mutant.what,
            "caught by": fate.trouble or fate.caught_by or "nothing",
            "seconds": round(fate.seconds, 1),
        }
        for fate in ended
    ]
    good = sum(fate.good for fate in ended)
    figures = {"mutants": len(ended), "caught": good, "survived": len(ended) - good}
    write_down("mutants", "The program, broken on purpose", "make mutants", seconds, figures, rows)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
