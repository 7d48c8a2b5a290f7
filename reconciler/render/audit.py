"""
What ``audit verify`` found: lines for people, one object for machines.

An audit comes from :mod:`reconciler.store`, which this room does not know; its shape
is :class:`Audited`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from reconciler.diagnostics import printable, printable_json


class Found(Protocol):
    """Something about one file."""

    @property
    def file(self) -> str:
        """Its path."""
        ...

    @property
    def line(self) -> int | None:
        """From 1; None when it is about the whole file."""
        ...

    @property
    def message(self) -> str:
        """What there is to say."""
        ...


class NewestRecord(Protocol):
    """The newest record of one application."""

    @property
    def application(self) -> str:
        """Whose it is."""
        ...

    @property
    def chain(self) -> str:
        """Of what it is the newest record: the journals together, or the attempts."""
        ...

    @property
    def file(self) -> str:
        """Path of the file that holds it."""
        ...

    @property
    def sha256(self) -> str:
        """Hash of its line: what ``--head`` takes."""
        ...

    @property
    def at(self) -> str:
        """When it was written, UTC."""
        ...


class Audited(Protocol):
    """What a store holds, and what is wrong with it."""

    @property
    def plans(self) -> int:
        """How many were looked at."""
        ...

    @property
    def journals(self) -> int:
        """How many were looked at."""
        ...

    @property
    def records(self) -> int:
        """How many the journals hold."""
        ...

    @property
    def signatures(self) -> int:
        """How many signatures of plans were looked at."""
        ...

    @property
    def approvals(self) -> int:
        """How many were looked at."""
        ...

    @property
    def heads(self) -> Sequence[NewestRecord]:
        """The newest record of each application."""
        ...

    @property
    def problems(self) -> Sequence[Found]:
        """Everything that is not as it was written."""
        ...

    @property
    def remarks(self) -> Sequence[Found]:
        """What is worth knowing, and no problem."""
        ...


def to_text(audit: Audited) -> str:
    """Return a line for each problem, remark and head, and how much was looked at."""
    lines = [f"{_place(one)}: error: {one.message}" for one in audit.problems]
    lines += [f"{_place(one)}: note: {one.message}" for one in audit.remarks]
    lines += [f"{_head(one)}: {one.sha256} ({one.at})" for one in audit.heads]
    looked = f"{_counted(audit.plans, 'plan')}, {_counted(audit.journals, 'journal')}"
    looked = f"{looked} with {_counted(audit.records, 'record')}"
    more = {"signature": audit.signatures, "approval": audit.approvals}
    looked = ", ".join([looked, *(_counted(count, noun) for noun, count in more.items() if count)])
    verdict = _counted(len(audit.problems), "problem") if audit.problems else "as written"
    return "".join(f"{printable(line)}\n" for line in [*lines, f"{looked}: {verdict}"])


def to_json(audit: Audited) -> str:
    """Return everything as one object."""
    plain = {
        "verified": not audit.problems,
        "plans": audit.plans,
        "journals": audit.journals,
        "records": audit.records,
        "signatures": audit.signatures,
        "approvals": audit.approvals,
        "heads": [
            {"application": one.application, "file": one.file, "sha256": one.sha256, "at": one.at}
            for one in audit.heads
        ],
        "problems": [_plain(one) for one in audit.problems],
        "remarks": [_plain(one) for one in audit.remarks],
    }
    return printable_json(json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True)) + "\n"


AUDIT_FORMATS: Mapping[str, Callable[[Audited], str]] = {"text": to_text, "json": to_json}
"""The forms of ``audit verify --format``."""


def _head(one: NewestRecord) -> str:
    """Say of which chain of an application a head is: of its journals, or of its attempts."""
    return f"head of the {one.chain} of {one.application}"


def _plain(one: Found) -> dict[str, object]:
    return {"file": one.file, "line": one.line, "message": one.message}


def _place(one: Found) -> str:
    return one.file if one.line is None else f"{one.file}:{one.line}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"
