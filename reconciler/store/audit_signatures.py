"""
The audit of what is signed: plans, approvals, and how approvals were used.

Who may sign comes from the configuration, which knows the keys of today. A key
that is retired stays there without a role: what it signed stays good here, and
lets nothing new pass. So three things are a problem: what was changed, what
nobody known has signed, and an approval that a journal used otherwise than it
was given, twice, or out of its time. That something is not signed at all is
remarked where the configuration asks for signatures, since it may be older.

Adds to what :mod:`reconciler.store.audit` has found. Called by ``audit verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.ports import RecordsAltered
from reconciler.signing.admission import SKEW
from reconciler.signing.approval import Approval, parsed
from reconciler.signing.envelope import ENVELOPE_LIMIT, open_envelope
from reconciler.signing.keys import Trusted
from reconciler.signing.plans import verify_subject
from reconciler.signing.statements import SignatureRefused
from reconciler.store.applications import application_folders
from reconciler.store.approvals import APPROVAL_SUFFIX, approval_name, begins
from reconciler.store.audit import Audit, Finding
from reconciler.store.chain import read_journal
from reconciler.store.folder import StoreError
from reconciler.store.plans import (
    JOURNAL_SUFFIX,
    PLAN_LIMIT,
    PLAN_SUFFIX,
    SIGNATURE_SUFFIX,
    signature_path,
)
from reconciler.store.records import Approved, RunBegin
from reconciler.store.slot import Location, files, slot


def audit_signatures(store: Location, trusted: Trusted, found: Audit) -> None:
    """Add to *found* what is wrong with signatures and approvals in *store*."""
    try:
        folders = application_folders(store, None)
    except StoreError:
        return  # told already
    for folder in folders:
        _Folder(folder, trusted, found).look()


@dataclass(slots=True)
class _Folder:
    """What one application has that is signed."""

    folder: Location
    trusted: Trusted
    found: Audit
    approvals: dict[str, Approval] = field(default_factory=dict)
    """By digest."""
    used: dict[str, str] = field(default_factory=dict)
    """By digest of an approval, that of the plan that used it."""

    def look(self) -> None:
        """Look at everything."""
        for path in self._all(SIGNATURE_SUFFIX):
            self.found.signatures += 1
            self._check(path, self._signature)
        must_sign = self.trusted.trust.signed_plans == "required"
        for path in self._all(PLAN_SUFFIX) if must_sign else ():
            if not slot(signature_path(path)).exists():
                self._say(self.found.remarks, path, None, "is not signed")
        for path in self._all(APPROVAL_SUFFIX):
            self.found.approvals += 1
            self._check(path, self._approval)
        for path in self._all(JOURNAL_SUFFIX):
            self._uses(path)

    def _uses(self, path: Location) -> None:
        """Look at which approvals the runs of a journal have used."""
        for begin in _begun(path):
            for use in begin.get("approvals", ()):
                for message in self._misused(begin, use):
                    self._say(self.found.problems, path, begin["seq"] + 1, message)

    def _all(self, suffix: str) -> list[Location]:
        return files(self.folder, suffix)

    def _say(self, where: list[Finding], path: Location, line: int | None, message: str) -> None:
        where.append(Finding(str(path), line, message))

    def _check(self, path: Location, check: Callable[[Location, bytes], None]) -> None:
        """Look at one envelope."""
        try:
            check(path, slot(path).read(ENVELOPE_LIMIT))
        except (SignatureRefused, StoreError) as exc:
            self._say(self.found.problems, path, None, str(exc))

    def _signature(self, path: Location, data: bytes) -> None:
        """
        Check the signature of a plan.

        Raises:
            SignatureRefused, StoreError: It is not good, or cannot be read.
        """
        opened = open_envelope(data, self.trusted)
        if opened.signer is None:
            raise SignatureRefused("is the signature of a plan, and nobody signed")
        plan = path.with_name(path.name.removesuffix(SIGNATURE_SUFFIX) + PLAN_SUFFIX)
        try:
            verify_subject(opened.payload, slot(plan).read(PLAN_LIMIT))
        except FileNotFoundError:
            self._say(self.found.remarks, path, None, "its plan is not in the store any more")

    def _approval(self, path: Location, data: bytes) -> None:
        """
        Check an approval, and keep it for those who used it.

        Raises:
            SignatureRefused: It is not good.
        """
        opened = open_envelope(data, self.trusted)
        approval = parsed(opened.payload, data, str(path), opened.signer)
        signer = opened.signer.name if opened.signer else approval.approver
        if signer != approval.approver:
            raise SignatureRefused(f"is in the name of {approval.approver}; {signer} signed it")
        self.approvals[approval.sha256] = approval
        if approval.application != self.folder.name:
            raise SignatureRefused(f"is an approval of {approval.application}")
        if path.name != approval_name(approval):
            raise SignatureRefused(f"its name is not that of the approval {approval.sha256}")
        if opened.signer is None and self.trusted.may("approver"):
            self._say(self.found.remarks, path, None, "is not signed")

    def _misused(self, begin: RunBegin, use: Approved) -> Iterator[str]:
        """Yield what is wrong with the use of an approval by a run."""
        sha256, plan = use["approval"], begin["plan_digest"]
        first = sha256 not in self.used
        if self.used.setdefault(sha256, plan) != plan:
            yield f"uses the approval {sha256}, which another plan has used"
        approval = self.approvals.get(sha256)
        if approval is None:
            yield f"uses the approval {sha256}, and no good one with this digest is in the store"
            return
        given = approval.guard, approval.count, approval.operations_digest, approval.tenant_url
        taken = use["guard"], use["count"], begin["operations_digest"], begin["tenant_url"]
        if given != taken:
            yield f"uses the approval {sha256} for something else than it was given for"
        at = datetime.fromisoformat(begin["at"])
        if first and not approval.not_before - SKEW <= at < approval.expires:
            yield f"uses the approval {sha256} at a time for which it was not given"


def _begun(path: Location) -> list[RunBegin]:
    """Return the beginnings of runs in a journal; none of a damaged one: that was told already."""
    try:
        return list(begins(read_journal(path).records))
    except (RecordsAltered, StoreError):
        return []
