"""Entra's names: the program uses no other, and says of each what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.expr.functions import FUNCTIONS
from reconciler.vocabulary import CODES, SKIP_REASONS, UNKNOWN, Status, meaning_of, status_of

PACKAGE = Path(__file__).parents[3] / "reconciler"

ROOMS = ("desired.py", "scope", "diff", "plan", "apply", "scim/errors.py", "workflow", "store")
"""Where somebody is skipped, or an operation ends; other rooms pass codes on."""

QUARANTINE_REASONS = {
    "EncounteredBaseEscrowThreshold",
    "EncounteredEscrowProportionThreshold",
    "EncounteredQuarantineException",
    "TooManyDeletes",
}
"""Entra's words for why an application is in quarantine, as far as the program uses them."""

CODE = re.compile(r"[A-Z][a-z]+([A-Z][a-z]+)+|Conflict|Timeout|Unauthorized")

SECTION_8 = [
    "Conflict",
    "EntryConflict",
    "TooManyRequests",
    "InternalServerError",
    "InsufficientRights",
    "MethodNotAllowed",
    "NotPermitted",
    "Unauthorized",
    "UnprocessableEntity",
    "WebExceptionProtocolError",
    "InvalidAnchor",
    "NotImplemented",
    "MandatoryFieldsMissing",
    "MissingValues",
    "SchemaAttributeNotFound",
    "InternalError",
    "InvalidDomain",
    "Timeout",
    "LicenseLimitExceeded",
    "DuplicateTargetEntries",
    "DuplicateSourceEntries",
    "ImportSkipped",
    "EntrySynchronizationSkipped",
    "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse",
    "SystemForCrossDomainIdentityManagementServiceIncompatible",
    "SchemaPropertyCanOnlyAcceptValue",
]
"""The error codes of entra.md, section 8, without those between two tenants."""


def texts(path: Path) -> Iterator[str]:
    """Yield every text of a module; the names that a face exports are not texts."""
    tree = ast.parse(path.read_text("utf-8"))
    exported = {
        id(node)
        for assignment in ast.walk(tree)
        if isinstance(assignment, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "__all__" for t in assignment.targets)
        for node in ast.walk(assignment)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in exported:
            yield from [node.value] if isinstance(node.value, str) else []


def modules() -> list[Path]:
    places = [PACKAGE / room for room in ROOMS]
    return sorted(
        file for place in places for file in ([place] if place.is_file() else place.glob("*.py"))
    )


def used(path: Path) -> set[str]:
    """Return what looks like a code in a module."""
    return {text for text in texts(path) if CODE.fullmatch(text)} - FUNCTIONS.keys()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_code_of_the_program_is_one_of_entra(path: Path) -> None:
    known = CODES.keys() | QUARANTINE_REASONS | {"IsSoftDeleted"}

    assert used(path) - known == set()


def test_the_walk_finds_codes() -> None:
    """Without this, a change of how codes are written could leave nothing to compare."""
    found = set().union(*(used(path) for path in modules()))

    assert {"InvalidDomain", "EntryConflict", "Timeout", "InsufficientRights"} <= found


def test_every_code_of_section_8_is_there_and_no_other() -> None:
    assert sorted(CODES) == sorted([*SECTION_8, *SKIP_REASONS])
    assert sorted(SKIP_REASONS) == [
        "NotEffectivelyEntitled",
        "RedundantExport",
        "UnableToResolveReferenceAttributeValue",
    ]


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_says_what_it_means_and_what_to_do(code: str) -> None:
    found = CODES[code]

    assert found.meaning
    assert found.action
    assert not found.action.endswith(".")
    assert found.meaning != found.action


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("NotEffectivelyEntitled", Status.SKIPPED),
        ("UnableToResolveReferenceAttributeValue", Status.SKIPPED),
        ("EntryConflict", Status.FAILURE),
        ("FromTheFuture", Status.FAILURE),
    ],
)
def test_a_skip_reason_is_no_failure(code: str, status: Status) -> None:
    assert status_of(code) is status


def test_a_code_of_another_version_is_explained_too() -> None:
    assert meaning_of("FromTheFuture") is UNKNOWN
