"""Mutants that say too much, or let what they say do something."""

from typing import Final

from tests.mutants.mutant import Mutant

WORDS: Final = (
    Mutant(
        "S20",
        "a cell may be a formula",
        "render/history.py",
        'printable(f"\'{cell}" if cell.startswith(FORMULA) else cell)',
        "printable(cell)",
        ("unit/render/test_history.py",),
    ),
    Mutant(
        "S23",
        "control characters reach the terminal",
        "diagnostics.py",
        "    if not (text.isascii() and text.isprintable()):\n",
        "    if False:\n",
        ("unit/render/test_values.py", "unit/render/test_text.py"),
    ),
    Mutant(
        "S23",
        "a value may be a command to a pipeline",
        "render/values.py",
        "inert = _LOG_COMMAND.sub(_spelled, printable(text[: columns + 1]))",
        "inert = printable(text[: columns + 1])",
        ("unit/render/test_values.py",),
    ),
    Mutant(
        "S22",
        "a value may end its code span",
        "render/markdown.py",
        'fence = "`" * (1 + max((len(run) for run in re.findall("`+", inert)), default=0))',
        'fence = "`"',
        ("unit/render/test_markdown.py",),
    ),
    Mutant(
        "S22",
        "a sentence may hold a link",
        "render/markdown.py",
        "if _HARMLESS.fullmatch(text) and not _MEANT.search(text):",
        "if _HARMLESS.fullmatch(text):",
        ("unit/render/test_markdown.py",),
    ),
    Mutant(
        "S21",
        "a value may be HTML",
        "render/markdown.py",
        'inert = _TAG.sub(r"\\\\u{3c}", text) or " "',
        'inert = text or " "',
        ("unit/render/test_markdown.py",),
    ),
    Mutant(
        "ruling 18",
        "what Redact hides is shown",
        "render/hidden.py",
        "        _hide(change) if (operation.resource_type, change.path) in paths else change\n",
        "        change\n",
        ("unit/render/test_hidden.py",),
    ),
    Mutant(
        "INV-30",
        "--redact shows values",
        "render/redact.py",
        "    return None if value is None else REDACTED\n",
        "    return value\n",
        ("unit/render/test_redact.py",),
    ),
    Mutant(
        "INV-29",
        "a generated value is quoted in a message",
        "apply/values.py",
        "if self.hides or any(is_generated(change.after) for change in operation.changes):",
        "if False:",
        ("unit/apply/test_values.py",),
    ),
    Mutant(
        "INV-29",
        "a service may repeat our token to the reader",
        "live/auth.py",
        "return hide(words, self.secrets)",
        "return words",
        ("unit/live/test_auth.py", "contract/test_authentication.py"),
    ),
    Mutant(
        "INV-29",
        "the words of a refusal keep our token",
        "scim/errors.py",
        '_words(hide(detail)) if isinstance(detail, str) else "",',
        '_words(detail) if isinstance(detail, str) else "",',
        ("unit/scim/test_errors.py", "contract/test_authentication.py"),
    ),
    Mutant(
        "S13",
        "a token may hold a line break",
        "live/auth.py",
        "if len(bare) > SECRET_LIMIT or not _TOKEN.fullmatch(bare):",
        "if len(bare) > SECRET_LIMIT:",
        ("unit/live/test_auth.py",),
    ),
    Mutant(
        "S12",
        "a quote in a name ends the value of a filter",
        "scim/filters.py",
        'return f"{path} eq {literal(value)}"',
        "return f'{path} eq \"{value}\"'",
        ("unit/scim/test_filters.py",),
    ),
)
"""The rows of this part."""
