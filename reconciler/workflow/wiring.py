"""
The only place where adapters are made: configuration and environment to ports.

An adapter is imported where it is made, so that `validate` does not wait for HTTP.

A test replaces what it wants to by making another :class:`Wiring`.
"""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from os.path import lexists
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.ports import Halted
from reconciler.source.files import FileSource
from reconciler.source.kept import KeptSource, LastRead
from reconciler.store.disk import Disk
from reconciler.workflow.named_files import read_bundle, read_secret

if TYPE_CHECKING:
    from reconciler.config.model import Application
    from reconciler.config.model import Source as SourceFiles
    from reconciler.config.references import SecretReference
    from reconciler.expr import Chance
    from reconciler.live.client import ScimTarget
    from reconciler.live.probe import ProbeReport
    from reconciler.live.scratch.bench import Bench
    from reconciler.plan.applied import Applied
    from reconciler.plan.document import Plan
    from reconciler.plan.images import Deeds
    from reconciler.ports import Budget, Clock, Notifier, Source
    from reconciler.signing.approval import Approval
    from reconciler.signing.keys import PrivateKey, Trusted
    from reconciler.states import Recorded
    from reconciler.store.attempts import Attempts
    from reconciler.store.audit import Audit
    from reconciler.store.journal import FileJournal
    from reconciler.store.plans import FilePlanStore, PlanFile
    from reconciler.store.records import Record
    from reconciler.store.runs import Run
    from reconciler.workflow.project import Project

GIT_SECONDS = 5
"""How long git may take to say which commit this is."""


class SystemClock:
    """The machine's clock; once *stop* is set, nobody waits any more (INV-19)."""

    def __init__(self, stop: Event | None = None) -> None:
        self._stop = stop or Event()

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """
        Wait *seconds*.

        Raises:
            Halted: The command was asked to end.
        """
        if self._stop.wait(seconds):
            raise Halted("asked to end while waiting")


class SystemChance:
    """The machine's source of what nobody can foresee."""

    def token(self, count: int) -> bytes:
        """Return *count* such bytes."""
        return secrets.token_bytes(count)


@dataclass(frozen=True, slots=True)
class Wiring:
    """Makes what the workflows need from what the configuration says."""

    clock: Clock = field(default_factory=SystemClock)
    chance: Chance = field(default_factory=SystemChance)
    disk: Disk = field(default_factory=Disk)
    last_read: LastRead = field(default_factory=LastRead, compare=False, repr=False)
    budget: Callable[[str], Budget | None] = lambda host: None
    """Returns what all processes that ask a host share; by itself a command shares nothing."""

    def today(self) -> datetime:
        """Return the start of the present day, UTC: what a plan is made as of (ruling 4)."""
        return self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

    def source(self, project: Project) -> Source:
        """Return the reader of the source directory, which many applications share."""
        return self.files(project.folder, project.loaded.config.source)

    def files(self, folder: Path, named: SourceFiles) -> Source:
        """Return the reader of the files that a configuration in *folder* names."""
        groups = None if named.groups is None else folder / named.groups
        files = FileSource(folder / named.users, groups, default_domain=named.default_domain)
        return KeptSource(files, self.last_read)

    def target(self, project: Project, application: Application) -> ScimTarget:
        """
        Return the client of the application's SCIM service; close it after use.

        The file of a secret is found from the folder of the configuration, as
        all other files are.

        Raises:
            ConfigError: The secret is not where the reference says, or is none;
                or the certificates are none.
        """
        from reconciler.live.client import connect

        wanted = application.target
        secret = self.secret(project, wanted.secret_token)
        profile, roots = project.profile(wanted.profile), self.roots(project, application)
        budget = self.budget(urlsplit(wanted.tenant_url).netloc)
        return connect(wanted, secret, self.clock, profile, roots, budget)

    def secret(self, project: Project, reference: SecretReference) -> str:
        """
        Return the secret that *reference* names; a file is found from the configuration's folder.

        Raises:
            ConfigError: It is not where the reference says.
        """
        from reconciler.live.auth import resolve

        return resolve(reference, os.environ, lambda path: read_secret(project.folder / path))

    def roots(self, project: Project, application: Application) -> str | None:
        """
        Return the certificates that the application's `ca_bundle` holds, as PEM.

        Raises:
            ConfigError: The file is not there, or holds none that can be used.
        """
        return self.roots_in(project, application.target.ca_bundle)

    def roots_in(self, project: Project, bundle: str | None) -> str | None:
        """Return the certificates in the file that some `ca_bundle` names; raises the same."""
        if bundle is None:
            return None
        from reconciler.live.trust import read_roots

        path = project.folder / bundle
        return read_roots(str(path), lambda: read_bundle(path), self.clock.now())

    def channels(self, project: Project, name: str) -> tuple[str, ...]:
        """Return the ways in which somebody is told of one application."""
        config = project.loaded.config
        mailed = config.notifications.smtp and config.applications[name].notification_email
        there = {"email": mailed, "webhook": config.notifications.webhook}
        return tuple(channel for channel, known in there.items() if known)

    def notifier(self, project: Project, name: str, channel: str) -> Notifier:
        """
        Return what tells of one application, by one of its channels.

        Raises:
            ConfigError: A secret or a certificate is not where the file says.
        """
        from reconciler.live.auth import plain_secret
        from reconciler.notify.smtp import Login, Mail, MailServer
        from reconciler.notify.webhook import Webhook

        known = project.loaded.config.notifications
        if channel == "webhook" and known.webhook is not None:
            secret = self.secret(project, known.webhook.secret_token)
            return Webhook(known.webhook.url, plain_secret(secret, "the secret of a webhook"))
        smtp = known.smtp
        recipient = project.loaded.config.applications[name].notification_email
        if smtp is None or recipient is None:
            raise LookupError(channel)
        login = None
        if smtp.username is not None and smtp.password is not None:
            found = (self.secret(project, one) for one in (smtp.username, smtp.password))
            login = Login(*(plain_secret(one, "a login of a mail server") for one in found))
        roots = self.roots_in(project, smtp.ca_bundle)
        server = MailServer(smtp.host, smtp.port, smtp.starttls, roots, login)
        return Mail(server, smtp.sender, recipient)

    def attempts(self, project: Project, name: str) -> Attempts:
        """Return what was attempted on one application."""
        from reconciler.store.attempts import attempts

        return attempts(project.store, name)

    def note_attempt(self, project: Project, name: str, kind: str, **fields: Any) -> None:
        """Write down something about one application that is no run; its lock is held."""
        from reconciler.store.attempts import write_attempt

        write_attempt(project.store, name, self.clock, kind, **fields)

    def recorded(
        self, project: Project, name: str, application: Application, plan_head: str | None = None
    ) -> Recorded:
        """
        Return what our journals say about one application's target.

        *plan_head* is the newest record by a plan that is to be applied; it must be there.
        """
        from reconciler.store.history import recorded

        return recorded(project.store, name, application.target.tenant_url, plan_head)

    def applied(self, project: Project, name: str, application: Application) -> Applied:
        """Return what we wrote last to one application's target, by plans and journals."""
        from reconciler.store.applied import applied

        return applied(project.store, name, application.target.tenant_url)

    def told(self, project: Project, plan: Plan) -> Sequence[Record]:
        """Return what the journal of *plan* says at this moment; nobody's lock is needed."""
        from reconciler.store.chain import read_journal

        return read_journal(self.store(project).journal_path(plan)).records

    def deeds(self, project: Project, plan: Plan) -> Deeds:
        """Return what the journal of *plan* says became of its operations."""
        from reconciler.store.deeds import deeds

        return deeds(project.store, plan)

    def runs(
        self, project: Project, name: str | None, user: str | None, guard: str | None
    ) -> Iterator[Run]:
        """Yield the stored plans and what became of them, the newest last."""
        from reconciler.store.runs import runs

        return runs(project.store, name, user, guard)

    def losses(self, project: Project, name: str | None) -> Iterator[str]:
        """Yield what shows that a journal of an application, or of any, is missing."""
        from reconciler.store.folder import application_folders
        from reconciler.store.lineage import losses

        for folder in application_folders(project.store, name):
            yield from losses(folder)

    def audit(self, project: Project, heads: Sequence[str], trust: Trusted) -> Audit:
        """Return everything that is wrong with the store; *heads* were kept elsewhere."""
        from reconciler.store.audit import audit
        from reconciler.store.audit_signatures import audit_signatures

        found = audit(project.store, heads)
        audit_signatures(project.store, trust, found)
        return found

    def store(self, project: Project) -> FilePlanStore:
        """Return the store of plans."""
        from reconciler.store.plans import FilePlanStore

        return FilePlanStore(project.store, self.disk)

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

        require_newest(project.store, plan, application.target.tenant_url)

    def is_for_everybody(self, project: Project, plan: Plan) -> bool:
        """Say whether *plan*, once applied, supersedes what is older."""
        from reconciler.store.newest import is_for_everybody

        return is_for_everybody(project.store, plan)

    def approvals(self, project: Project, plan: Plan, beside: Path) -> list[tuple[str, bytes]]:
        """Return path and bytes of the approvals in the store, and of those *beside* a plan."""
        from reconciler.store.approvals import approvals_in
        from reconciler.store.folder import application_folder

        kept = application_folder(project.store, plan.body.application)
        folders = {folder.resolve(): folder for folder in (beside, kept)}
        return [found for folder in folders.values() for found in approvals_in(folder)]

    def approvals_used(self, project: Project, name: str) -> dict[str, str]:
        """Return which approvals the journals of an application have used, and for which plan."""
        from reconciler.store.approvals import approvals_used

        return approvals_used(project.store, name)

    def keep_approval(
        self, project: Project, approval: Approval, *beside: Path
    ) -> tuple[Path, ...]:
        """
        Put an approval into the store, and *beside* the plan it is for.

        Return the files that were not there before.
        """
        from reconciler.store.approvals import approval_name, keep_approval
        from reconciler.store.folder import application_folder

        kept = application_folder(project.store, approval.application)
        folders = {folder.resolve(): folder for folder in (kept, *beside)}
        return tuple(
            keep_approval(folder, approval)
            for folder in folders.values()
            if not lexists(folder / approval_name(approval))
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
            hold(project.store, plan.body.application),
            claimed(path, lambda: newest_in(path.parent), self.disk) as claim,
            FileJournal(path, self.clock, self.disk, claim) as journal,
        ):
            yield journal

    @contextmanager
    def lock(self, project: Project, name: str) -> Iterator[None]:
        """Hold the lock of one application, as `apply` does (INV-18)."""
        from reconciler.store.lock import hold

        with hold(project.store, name):
            yield

    def bench(self, application: Application, target: ScimTarget, report: ProbeReport) -> Bench:
        """
        Return what the service is tried out on: objects of its own, none of which is made yet.

        Whoever is there by *report* is a stranger, but for what an earlier run has left behind.
        """
        from reconciler.live.scratch.opening import bench_on

        return bench_on(target, application, report, self.clock, self.chance)

    def commit(self, project: Project) -> str | None:
        """Return the commit that the configuration was read from, if git knows one."""
        import subprocess

        try:
            found = subprocess.run(
                ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
                cwd=project.folder,
                capture_output=True,
                text=True,
                timeout=GIT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return found.stdout.strip() or None if found.returncode == 0 else None

    def author(self) -> str | None:
        """Return who runs the command: the pipeline's actor, or the user."""
        try:
            return os.environ.get("GITHUB_ACTOR") or getpass.getuser()
        except (KeyError, OSError):
            return None
