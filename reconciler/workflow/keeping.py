"""
The half of the wiring that makes adapters of the store: plans, journals, approvals, attempts.

An adapter is imported where it is made, as in :mod:`reconciler.workflow.wiring`, which adds
everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.store.disk import Disk
from reconciler.workflow.machine import SystemClock

if TYPE_CHECKING:
    from reconciler.config.model import Application
    from reconciler.plan.applied import Applied
    from reconciler.plan.document import Plan
    from reconciler.plan.images import Deeds
    from reconciler.ports import Clock
    from reconciler.signing.approval import Approval
    from reconciler.signing.keys import PrivateKey, Trusted
    from reconciler.states import Recorded
    from reconciler.store.attempts import Attempts
    from reconciler.store.audit import Audit
    from reconciler.store.journal import FileJournal
    from reconciler.store.plans import FilePlanStore, PlanFile
    from reconciler.store.records import Record
    from reconciler.store.runs import Run
    from reconciler.store.slot import Location as Location  # what the commands call it, too
    from reconciler.workflow.project import Project


@dataclass(frozen=True, slots=True)
class Keeping:
    """Makes what keeps and finds plans and what became of them."""

    clock: Clock = field(default_factory=SystemClock)
    disk: Disk = field(default_factory=Disk)

    def location(self, project: Project) -> Location:
        """
        Return where plans and journals lie.

        Raises:
            StoreError: It is a bucket, which cannot be used here.
        """
        from reconciler.store.locations import locate

        return locate(project.folder, project.loaded.config.plans.store)

    def attempts(self, project: Project, name: str) -> Attempts:
        """Return what was attempted on one application."""
        from reconciler.store.attempts import attempts

        return attempts(self.location(project), name)

    def note_attempt(self, project: Project, name: str, kind: str, **fields: Any) -> None:
        """Write down something about one application that is no run; its lock is held."""
        from reconciler.store.attempts import write_attempt

        write_attempt(self.location(project), name, self.clock, kind, **fields)

    def recorded(
        self, project: Project, name: str, application: Application, plan_head: str | None = None
    ) -> Recorded:
        """
        Return what our journals say about one application's target.

        *plan_head* is the newest record by a plan that is to be applied; it must be there.
        """
        from reconciler.store.history import recorded

        return recorded(self.location(project), name, application.target.tenant_url, plan_head)

    def applied(self, project: Project, name: str, application: Application) -> Applied:
        """Return what we wrote last to one application's target, by plans and journals."""
        from reconciler.store.applied import applied

        return applied(self.location(project), name, application.target.tenant_url)

    def told(self, project: Project, plan: Plan) -> Sequence[Record]:
        """Return what the journal of *plan* says at this moment; nobody's lock is needed."""
        from reconciler.store.chain import read_journal

        return read_journal(self.store(project).journal_path(plan)).records

    def deeds(self, project: Project, plan: Plan) -> Deeds:
        """Return what the journal of *plan* says became of its operations."""
        from reconciler.store.deeds import deeds

        return deeds(self.location(project), plan)

    def runs(
        self, project: Project, name: str | None, user: str | None, guard: str | None
    ) -> Iterator[Run]:
        """Yield the stored plans and what became of them, the newest last."""
        from reconciler.store.runs import runs

        return runs(self.location(project), name, user, guard)

    def losses(self, project: Project, name: str | None) -> Iterator[str]:
        """Yield what shows that a journal of an application, or of any, is missing."""
        from reconciler.store.applications import application_folders
        from reconciler.store.lineage import losses

        for folder in application_folders(self.location(project), name):
            yield from losses(folder)

    def audit(self, project: Project, heads: Sequence[str], trust: Trusted) -> Audit:
        """Return everything that is wrong with the store; *heads* were kept elsewhere."""
        from reconciler.store.audit import audit
        from reconciler.store.audit_signatures import audit_signatures

        found = audit(self.location(project), heads)
        audit_signatures(self.location(project), trust, found)
        return found

    def store(self, project: Project) -> FilePlanStore[Location]:
        """Return the store of plans."""
        from reconciler.store.plans import FilePlanStore

        return FilePlanStore(self.location(project), self.disk)

    def plan_file(self, project: Project, name: str) -> PlanFile:
        """Return the bytes of a plan, by its path or its digest, and of its signature."""
        return self.store(project).read(name)

    def plan_at(self, path: Path) -> PlanFile:
        """Return the same of a file, wherever it lies; this needs no configuration."""
        from reconciler.store.plans import FilePlanStore

        return FilePlanStore(path.parent).read(str(path))

    def signature(self, plan: Plan, key: PrivateKey) -> bytes:
        """Return the envelope that signs the file of *plan*."""
        from reconciler.signing.plans import sign_plan
        from reconciler.store.plans import encode_plan

        return sign_plan(encode_plan(plan), plan.body.application, key)

    def parsed(self, file: PlanFile) -> Plan:
        """Return the plan in *file*, whose signature was verified."""
        from reconciler.store.plans import parsed

        return parsed(file)

    def require_newest(self, project: Project, plan: Plan, application: Application) -> None:
        """Refuse *plan* when a newer one that judged everybody was applied (INV-25)."""
        from reconciler.store.newest import require_newest

        require_newest(self.location(project), plan, application.target.tenant_url)

    def is_for_everybody(self, project: Project, plan: Plan) -> bool:
        """Say whether *plan*, once applied, supersedes what is older."""
        from reconciler.store.newest import is_for_everybody

        return is_for_everybody(self.location(project), plan)

    def approvals(self, project: Project, plan: Plan, beside: Location) -> list[tuple[str, bytes]]:
        """Return path and bytes of the approvals in the store, and of those *beside* a plan."""
        from reconciler.store.applications import application_folder
        from reconciler.store.approvals import approvals_in

        kept = application_folder(self.location(project), plan.body.application)
        folders = {_resolved(folder): folder for folder in (beside, kept)}
        return [found for folder in folders.values() for found in approvals_in(folder)]

    def approvals_used(self, project: Project, name: str) -> dict[str, str]:
        """Return which approvals the journals of an application have used, and for which plan."""
        from reconciler.store.approvals import approvals_used

        return approvals_used(self.location(project), name)

    def keep_approval(
        self, project: Project, approval: Approval, *beside: Location
    ) -> tuple[Location, ...]:
        """
        Put an approval into the store, and *beside* the plan it is for.

        Return the files that were not there before.
        """
        from reconciler.store.applications import application_folder
        from reconciler.store.approvals import approval_name, keep_approval
        from reconciler.store.slot import slot

        kept = application_folder(self.location(project), approval.application)
        folders = {_resolved(folder): folder for folder in (kept, *beside)}
        return tuple(
            keep_approval(folder, approval)
            for folder in folders.values()
            if not slot(folder / approval_name(approval)).exists()
        )

    @contextmanager
    def journal(self, project: Project, plan: Plan) -> Iterator[FileJournal]:
        """Hold the lock of the application, and its plan's journal, open (INV-18)."""
        from reconciler.store.claim import claimed
        from reconciler.store.journal import FileJournal
        from reconciler.store.lineage import newest_in
        from reconciler.store.lock import hold

        path = self.store(project).journal_path(plan)
        with (
            hold(self.location(project), plan.body.application),
            claimed(path, lambda: newest_in(path.parent), self.disk) as claim,
            FileJournal(path, self.clock, self.disk, claim) as journal,
        ):
            yield journal

    def give_back_claims(self) -> None:
        """Give back the claims of this process's ended runs that the store did not take."""
        from reconciler.store.claim import give_back_owed

        give_back_owed()

    @contextmanager
    def lock(self, project: Project, name: str) -> Iterator[None]:
        """Hold the lock of one application, as `apply` does (INV-18)."""
        from reconciler.store.lock import hold

        with hold(self.location(project), name):
            yield


def _resolved(folder: Location) -> Location:
    """Return what tells whether two folders are one."""
    return folder.resolve() if isinstance(folder, Path) else folder
