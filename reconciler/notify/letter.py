"""
A notice in words, and as JSON.

Both say the same and hold the same: no name of a person, no word of the target. What goes
into a header of a mail is made of names that cannot hold a line break, and is refused
otherwise by :mod:`email` (its policy raises on CR and LF).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from reconciler.diagnostics import printable
from reconciler.plan.notices import Notice
from reconciler.plan.quarantine import UNKNOWN
from reconciler.vocabulary import meaning_of


def letter(notice: Notice, sender: str, recipient: str) -> EmailMessage:
    """
    Return the mail that says *notice*.

    Raises:
        ValueError: An address is none, or something would end a header.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"[reconciler] {notice.sentence}"
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Date"] = format_datetime(notice.at)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing answers by itself
    message.set_content("".join(f"{printable(line)}\n" for line in _lines(notice)))
    return message


def body(notice: Notice) -> bytes:
    """Return the JSON object that says *notice*, its keys in order."""
    plain = {
        "version": 1,
        "event": notice.event.value,
        "application": notice.application,
        "at": _time(notice.at),
        "sentence": notice.sentence,
        "reason": notice.reason,
        "since": _time(notice.since),
        "failed_attempts": notice.failures,
        "next_attempt": _time(notice.next_attempt),
        "counts": dict(notice.counts),
        "failed": dict(notice.failed),
        "guards": [asdict(guard) for guard in notice.guards],
        "plan_digest": notice.plan_digest,
        "commands": list(notice.commands),
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")


def _lines(notice: Notice) -> Iterator[str]:
    """Yield the lines of a mail."""
    yield f"{notice.sentence[0].upper()}{notice.sentence[1:]}."
    yield ""
    for name, text in _facts(notice):
        yield f"{name + ':':<17}{text}"
    if notice.commands:
        yield ""
        yield "What to do next:"
        yield from (f"  {command}" for command in notice.commands)


def _facts(notice: Notice) -> Iterator[tuple[str, str]]:
    """Yield what there is to know, name and text."""
    yield "Application", notice.application
    if notice.since is not None:
        if notice.reason not in {None, UNKNOWN}:
            yield "Reason", str(notice.reason)
        yield "Since", str(_time(notice.since))
        yield "Next", str(notice.again)
    if notice.failures:
        yield "Failed attempts", str(notice.failures)
    for guard in notice.guards:
        yield "Guard", f"{guard.id}: {guard.count} of {guard.population}, {guard.limit} allowed"
    counted = [f"{count} {name}" for name, count in notice.counts.items() if count]
    if counted:
        yield "Operations", ", ".join(counted)
    for code, count in sorted(notice.failed.items()):
        yield "Failed", f"{count} {code}: {meaning_of(code).action}"
    if notice.plan_digest:
        yield "Plan", notice.plan_digest


def _time(moment: datetime | None) -> str | None:
    """Return a time as people and programs read it."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
