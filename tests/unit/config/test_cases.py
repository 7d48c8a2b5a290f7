"""
The files under ``tests/cases``: what is accepted, and what each diagnostic looks like.

One folder per diagnostic code under ``negative/``: ``provisioning.yaml``, the
files that its `include` and its profiles name, and ``expected.txt``, exactly
what a person sees. ``pytest --update-cases`` rewrites the expectations. Files that are only
wrong because they are huge are made here and not stored.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.config import SourceText, format_all, includes_of, load_config
from reconciler.config.tree import LIMITS
from reconciler.diagnostics import ConfigError, Diagnostic

CASES = Path(__file__).parents[2] / "cases"
PACKAGE = Path(__file__).parents[3] / "reconciler" / "config"
HEADER = "version: 1\nsource: {users: people.csv}\n"

HUGE: Mapping[str, Callable[[], str]] = {
    "file-too-large": lambda: HEADER + "#" * LIMITS.file_bytes,
    "nested-too-deeply": lambda: HEADER + "defaults: " + "{a: " * 40 + "}" * 40,
    "too-many-values": lambda: HEADER + "include: [" + "a," * 1_000 + "]",
    "too-many-aliases": lambda: HEADER + "defaults: [&a 1" + ", *a" * (LIMITS.aliases + 1) + "]",
    "expands-too-much": lambda: f"x: [&a {'x' * 60_000}, &b [{'*a, ' * 10}], [{'*b, ' * 20}]]\n",
    "text-too-long": lambda: HEADER + "plans: {store: " + "x" * 70_000 + "}",
    "too-many-problems": lambda: HEADER + "a: 1\n" * (LIMITS.problems + 5),
}
"""Texts by code."""

SMALLER = {"too-many-values": replace(LIMITS, nodes=1_000)}
"""Limits by code, where an honest text would take seconds to read."""

FOLDERS = sorted(path.name for path in (CASES / "negative").iterdir())


def texts_of(folder: Path, main: SourceText) -> Iterator[SourceText]:
    """Read what *main* includes, as the workflow does."""
    for pattern in includes_of(main):
        for path in sorted(folder.glob(pattern)):
            yield SourceText(path.relative_to(folder).as_posix(), path.read_text("utf-8"))


def said_about(folder: Path) -> tuple[tuple[Diagnostic, ...], dict[str, str]]:
    """Load the case in *folder*; return what is said, and the texts by file name."""
    stored = folder / "provisioning.yaml"
    text = stored.read_text("utf-8") if stored.exists() else HUGE[folder.name]()
    main = SourceText("provisioning.yaml", text)
    included = list(texts_of(folder, main))
    texts = {one.name: one.text for one in (main, *included)}

    def profile(path: str) -> SourceText | None:
        if not (folder / path).is_file():
            return None
        texts[path] = (folder / path).read_text("utf-8")
        return SourceText(path, texts[path])

    try:
        return load_config(main, included, profile).warnings, texts
    except ConfigError as exc:
        return exc.diagnostics, texts


@pytest.mark.parametrize("code", FOLDERS)
def test_ruling_1_each_code_is_shown_as_expected(
    code: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ruling 1: file:line:column, a kebab-case code, the line with a caret, and a hint."""
    folder = CASES / "negative" / code
    expected = folder / "expected.txt"
    monkeypatch.setattr("reconciler.config.tree.LIMITS", SMALLER.get(code, LIMITS))

    diagnostics, texts = said_about(folder)
    shown = format_all(diagnostics, texts) + "\n"

    if request.config.getoption("--update-cases"):
        expected.write_text(shown, "utf-8")
    assert code in {one.code for one in diagnostics}
    assert shown == expected.read_text("utf-8")


def codes_in_source() -> set[str]:
    """Collect the codes that the package can say: first arguments, and our validators' types."""
    makers = {"Diagnostic", "Problem", "TooMuch", "PydanticCustomError"}
    methods = {"_complain", "_say", "say"}
    found = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            first = node.args[0]
            if called in makers | methods:
                found |= {c.value for c in ast.walk(first) if isinstance(c, ast.Constant)}
    return {code for code in found if isinstance(code, str)}


def test_every_code_of_the_package_has_a_case() -> None:
    in_tables = {"out-of-range", "empty-text", "text-too-long", "bad-format"}
    elsewhere = {"policy-target"}  # said by config.policy, about two files

    assert codes_in_source() | in_tables == set(FOLDERS) | elsewhere


def test_only_huge_texts_are_made_and_not_stored() -> None:
    made = {
        name for name in FOLDERS if not (CASES / "negative" / name / "provisioning.yaml").exists()
    }

    assert made == set(HUGE)


@pytest.mark.parametrize("folder", sorted((CASES / "positive").iterdir()), ids=lambda p: p.name)
def test_positive_cases_load_without_a_word(folder: Path) -> None:
    diagnostics, texts = said_about(folder)

    assert format_all(diagnostics, texts) == ""
