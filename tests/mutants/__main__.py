"""
Break the program, one mutant after the other, and see whether the suite notices.

    make mutants                    all of them, two at a time
    make mutants ONLY="A03 G"       one by its id, or all of a letter

Each mutant is made in a copy of the package that is imported in place of the
installed one; the tests that should catch it run until the first failure. At the
end, every test that caught one runs where nothing is broken: a test that fails
anyway catches nothing. Ends with 1 when a mutant survives, or does not apply.
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
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from tests.measured import Figure, write_down
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import PACKAGE, ROOT, DoesNotApply, Mutant
from tests.mutants.watch import MUTATED, RESULT

JOBS = 2
SECONDS = 300
"""How long the tests of one mutant may take: one that hangs is caught, too."""
HONEST_SECONDS = 1800
"""How long all the tests that caught one may take at the end."""
COPIED = (PACKAGE, "tests", "docs", "examples", "schemas")
LEFT_OUT = shutil.ignore_patterns("node_modules", ".pytest_cache")


@dataclass(frozen=True)
class Seen:
    """What a run of tests came to."""

    failed: list[str]
    errors: list[str]
    """What could not be collected, or is no program any more."""
    imported: bool
    """Whether the changed file was imported."""


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


def watched(
    copy: Path, tests: Sequence[str], changed: Path, *flags: str, seconds: float = SECONDS
) -> Seen:
    """Run tests, below `tests`, in *copy*, and return what the plugin saw."""
    result = copy / "result.json"
    result.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "not servers and not measured",
        *flags,
    ]
    command += ["-p", "no:cacheprovider", "-p", "tests.mutants.watch", *tests]
    known = {RESULT: str(result), MUTATED: str(changed), "PYTHONPATH": str(copy)}
    known["PYTHONDONTWRITEBYTECODE"] = ""  # what is compiled once need not be compiled again
    environ = {**os.environ, **known}
    try:
        subprocess.run(command, cwd=copy, env=environ, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return Seen([f"no end after {seconds} seconds"], [], imported=True)
    if not result.exists():
        return Seen([], ["pytest did not run"], imported=False)
    found = json.loads(result.read_text("utf-8"))
    return Seen(found["failed"], found["errors"], found["imported"])


def fate_of(ident: str, copy: Path) -> Fate:
    """Make one mutant, test it, and say what became of it."""
    mutant, began = MUTANTS[ident], time.monotonic()
    try:
        with mutated(copy, mutant) as path:
            seen = watched(copy, [f"tests/{file}" for file in mutant.tests], path, "-x")
    except DoesNotApply as exc:
        return Fate(ident, mutant, None, str(exc), 0.0)
    trouble = f"says nothing: {seen.errors[0]}" if seen.errors else None
    if not seen.imported:
        trouble = trouble or "says nothing: its tests never import it"
    caught = seen.failed[0] if seen.failed else None
    return Fate(ident, mutant, caught, trouble, time.monotonic() - began)


def chosen(only: Sequence[str]) -> list[str]:
    """Return the ids that were asked for, or all."""
    return [ident for ident in MUTANTS if not only or ident.startswith(tuple(only))]


@contextmanager
def copies() -> Iterator[SimpleQueue[Path]]:
    """Give one copy of the program for each job, for a while."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        made: SimpleQueue[Path] = SimpleQueue()
        for number in range(JOBS):
            made.put(copied(Path(folder) / str(number)))
        yield made


def fates(free: SimpleQueue[Path], idents: Sequence[str]) -> Iterator[Fate]:
    """Yield the fate of each, as many at a time as there are copies."""

    def one(ident: str) -> Fate:
        copy = free.get()
        try:
            return fate_of(ident, copy)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(JOBS) as pool:
        yield from pool.map(one, idents)


def judged(ended: Sequence[Fate], copy: Path) -> list[Fate]:
    """Return the same, but for those that were caught by a test that fails anyway."""
    tests = sorted({fate.caught_by for fate in ended if fate.caught_by and "::" in fate.caught_by})
    if not tests:
        return list(ended)
    seen = watched(copy, tests, copy / PACKAGE / "__init__.py", seconds=HONEST_SECONDS)
    unsound = {*seen.failed, *seen.errors}
    everybody = None if seen.imported else "says nothing: the program could not be imported"
    return [
        replace(fate, trouble=everybody or "says nothing: that test fails anyway")
        if everybody or fate.caught_by in unsound
        else fate
        for fate in ended
    ]


def shown(fate: Fate) -> str:
    """Return the line of one mutant."""
    end = fate.trouble or (f"caught by {fate.caught_by}" if fate.caught_by else "SURVIVED")
    return f"{fate.ident}  {fate.mutant.rule:<10} {fate.mutant.what}: {end} ({fate.seconds:.1f} s)"


def main(only: Sequence[str]) -> int:
    """Run the mutants that were asked for, and say whether all were caught."""
    began = time.monotonic()
    ended: list[Fate] = []
    with copies() as free:
        for fate in fates(free, chosen(only)):
            print(shown(fate), flush=True)
            ended.append(fate)
        told, ended = ended, judged(ended, free.get())
    for before, after in zip(told, ended, strict=True):
        if before != after:
            print(shown(after))
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
