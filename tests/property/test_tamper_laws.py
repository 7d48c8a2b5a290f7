"""
Every byte of an approval, and of the signature of a plan, is held: flipped, it is refused.

The everyday run flips each byte once, the slow one flips each bit and the whole
byte, and writes what it counted to ``build/reliability/tamper-approvals.json``.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.plan.document import Verdict
from reconciler.plan.plan_file import seal
from reconciler.signing.approval import By, Wanted, approve, read_approval
from reconciler.signing.keys import Trusted
from reconciler.signing.plans import sign_plan, verify_plan
from reconciler.signing.statements import SignatureRefused
from reconciler.store.plans import encode_plan
from tests.measured import write_down
from tests.plans import make_plan
from tests.signing import key_of, trusting

COMMAND = "make reliability"

BLOCKED = Verdict("accidental_deletions", 24, 200, 10, True, "24 of 200")
PLAN = make_plan(guards=[BLOCKED])
PLAN = seal(PLAN.body, replace(PLAN.header, author="ada"))
BYTES = encode_plan(PLAN)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEYS = trusting({"grace": ("approver",), "pipeline": ("planner",)})
UNSIGNED = trusting()
SIGNATURE = sign_plan(BYTES, "ipass-smartconnect", key_of("pipeline"))

EVERY_BIT = (*(1 << bit for bit in range(8)), 255)


def approval(trust: Trusted) -> bytes:
    wanted = Wanted(BLOCKED.id, BLOCKED.count, "Berlin closed, HR-4711 \u2014 caf\u00e9")
    key = key_of("grace") if trust.signers else None
    return approve(PLAN, None, wanted, trust, By("grace", key, NOW, bytes(range(16))))


FILES: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "a signed approval": (approval(KEYS), lambda data: read_approval(data, "", KEYS)),
    "an approval without a key": (
        approval(UNSIGNED),
        lambda data: read_approval(data, "", UNSIGNED),
    ),
    "the signature of a plan": (SIGNATURE, lambda data: verify_plan(BYTES, data, KEYS)),
    "a signed plan": (BYTES, lambda data: verify_plan(data, SIGNATURE, KEYS)),
}
"""What is flipped, and how it is read."""


def flipped(data: bytes, flips: tuple[int, ...]) -> Iterator[bytes]:
    for at, byte in enumerate(data):
        for flip in flips:
            yield data[:at] + bytes([byte ^ flip]) + data[at + 1 :]


def accepted(data: bytes, read: Callable[[bytes], object], flips: tuple[int, ...]) -> int:
    """Return how many of the flipped files were read, which none may be."""
    return sum(not is_refused(changed, read) for changed in flipped(data, flips))


def is_refused(data: bytes, read: Callable[[bytes], object]) -> bool:
    try:
        read(data)
    except SignatureRefused:
        return True
    return False


@pytest.mark.parametrize("name", FILES)
def test_as_it_was_written_it_is_read(name: str) -> None:
    data, read = FILES[name]

    assert not is_refused(data, read)


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_refused(name: str) -> None:
    data, read = FILES[name]

    assert accepted(data, read, (1,)) == 0


@pytest.mark.parametrize("name", FILES)
def test_a_byte_that_is_gone_or_too_many_is_refused(name: str) -> None:
    data, read = FILES[name]

    for at in range(len(data)):
        assert is_refused(data[:at] + data[at + 1 :], read), at
        assert is_refused(data[:at] + data[at : at + 1] + data[at:], read), at


@pytest.mark.measured
def test_every_bit_of_every_file_is_refused_when_flipped() -> None:
    began = time.monotonic()
    rows: list[dict[str, str | int]] = [
        {
            "file": name,
            "bytes": len(data),
            "flips": len(data) * len(EVERY_BIT),
            "accepted": accepted(data, read, EVERY_BIT),
        }
        for name, (data, read) in FILES.items()
    ]
    write_figures(rows, time.monotonic() - began)

    assert [row for row in rows if row["accepted"]] == []


def write_figures(rows: list[dict[str, str | int]], seconds: float) -> None:
    flips, accepted = (sum(int(row[key]) for row in rows) for key in ("flips", "accepted"))
    figures = {"flips": flips, "accepted": accepted, "bits of each byte": "each, and all"}
    title = "Approvals and signed plans, every byte flipped"
    write_down("tamper-approvals", title, COMMAND, seconds, figures, rows)
