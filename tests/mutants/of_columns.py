"""Looking at many people and accounts at once, column by column."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

SETTLING = ("property/test_settle_laws.py",)
JUDGING = ("property/test_judge_laws.py",)
NOTING = ("property/test_note_laws.py",)
SHEETS = ("property/test_sheet_laws.py",)

COLUMNS: Final = (
    Mutant(
        "S03",
        "a page of a known shape is believed unproved",
        "live/proved.py",
        "return (found, shape) if texts(text) == texts(self._again) else ([], None)",
        "return found, shape",
        SHEETS,
    ),
    Mutant(
        "S03",
        "what is around the resources of a page is believed unproved",
        "live/proved.py",
        "around) if _is_plain(around) else None",
        "around)",
        SHEETS,
    ),
    Mutant(
        "S06",
        "a shape may have as many places as a page makes it have",
        "learned.py",
        "        if self.left < 0:\n            raise Unlearnable\n",
        "",
        SHEETS,
    ),
    Mutant(
        "INV-6",
        "of two spellings of an attribute the first is read",
        "sheet.py",
        "    if len(spelt) > 1:\n        return _Held([UNREAD]",
        "    if not spelt:\n        return _Held([UNREAD]",
        SHEETS,
    ),
    Mutant(
        "INV-6",
        "an element that meets one condition of several is read",
        "sheet.py",
        "        if all(test.holds(one)",
        "        if any(test.holds(one)",
        SHEETS,
    ),
    Mutant(
        "INV-6",
        "whoever leaves is judged like whoever is wanted",
        "columns.py",
        "plain = [ground.wanted for ground in grounds]",
        "plain = [True for _ in grounds]",
        JUDGING,
    ),
    Mutant(
        "INV-6",
        "a guest is judged by the name that nobody uses",
        "columns.py",
        'if GUEST not in "\\0".join(names):',
        "if True:",
        JUDGING,
    ),
    Mutant(
        "INV-6",
        "any domain is accepted of who is judged in columns",
        "columns.py",
        "        if self._judge.domains.allows_all:\n",
        "        if True:\n",
        JUDGING,
    ),
    Mutant(
        "INV-6",
        "one of the values is not compared",
        "plan/sight.py",
        "rows = zip(repeat(self._secret), *same)\n        try:",
        "rows = zip(repeat(self._secret), *same[:-1])\n        try:",
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "accounts that guards look at are overlooked in columns",
        "plan/first_sight.py",
        "if self._watched.watches_nobody:",
        "if True:",
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "a name with a flaw is matched without a link",
        "plan/first_sight.py",
        "one and (is_linked or (is_so == 1 and at is not None and shown[at] == 1))",
        "one",
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "whoever should have a manager is as they should be, whomever they have",
        "plan/settle.py",
        "        for at, reference in seen.references:\n",
        "        for at, reference in ():\n",
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "an objectId that is somebody else's externalId is overlooked",
        "plan/first_sight.py",
        "        if self._table.external is None:\n",
        "        if False:\n",
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "names that are shared are overlooked in columns",
        "plan/settle.py",
        "self.keys.extend(keys_of(path, [",
        'self.keys.extend(keys_of(f"{path}?", [',
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "an account that is somebody's by a link is found by its name as well",
        "plan/listed.py",
        " and not any(self._linked[first : self._next])",
        "",
        SETTLING,
    ),
    Mutant(
        "INV-6",
        "what was noted of people is known by another source",
        "workflow/taking_notes.py",
        "[*rules, *moment, *source]",
        "[*rules, *moment]",
        NOTING,
    ),
    Mutant(
        "INV-6",
        "what is remembered is known by rules of another day",
        "store/memo.py",
        "sha256(self._secret + sha256(rules).digest())",
        "sha256(self._secret)",
        ("unit/store/test_memo.py",),
    ),
    Mutant(
        "INV-34",
        "a memory in which a byte has changed is believed",
        "store/memo.py",
        " and head[-_SECRET:] == _hash_of_rest(self._file)",
        "",
        ("unit/store/test_memo.py",),
    ),
    Mutant(
        "INV-6",
        "a page that is known is cut at the wrong places",
        "live/proved.py",
        "        if self.between != 1:\n",
        "        if False:\n",
        NOTING,
    ),
    Mutant(
        "INV-1",
        "people who were read before are taken from a file that was written to meanwhile",
        "source/again.py",
        "    if found.digest() != digest:\n",
        "    if False:\n",
        ("property/test_shortcut_laws.py",),
    ),
    Mutant(
        "INV-6",
        "a row with a comma in a cell is cut at it",
        "source/laid.py",
        ' and text.count(",") == commas',
        "",
        ("property/test_shortcut_laws.py", *SETTLING),
    ),
)
"""The rows of this part."""
