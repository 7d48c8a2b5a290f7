"""
The only place where adapters are made: configuration and environment to ports.

A test replaces what it wants to by making another :class:`Wiring`.
"""

from __future__ import annotations

import getpass
import os
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from errno import EISDIR
from pathlib import Path
from threading import Event
from typing import Any

from reconciler.config.model import Application
from reconciler.config.model import Source as SourceFiles
from reconciler.config.references import SecretReference
from reconciler.expr import Chance
from reconciler.live.auth import plain_secret, resolve
from reconciler.live.client import ScimTarget, connect
from reconciler.live.probe import ProbeReport
from reconciler.live.scratch.bench import Bench, Mapped
from reconciler.live.scratch.names import DOMAIN, TOKEN_BYTES, is_leftover, name_of, new_name
from reconciler.live.scratch.pad import Pad
from reconciler.live.trust import read_roots
from reconciler.notify.smtp import Login, Mail, MailServer
from reconciler.notify.webhook import Webhook
from reconciler.plan.applied import Applied
from reconciler.plan.document import Plan
from reconciler.plan.images import Deeds
from reconciler.ports import Clock, Halted, Notifier, Source
from reconciler.scim.paths import parse_path
from reconciler.signing.approval import Approval
from reconciler.signing.keys import PrivateKey, Trusted
from reconciler.signing.plans import sign_plan
from reconciler.source.files import FileSource
from reconciler.states import Recorded, ResourceType
from reconciler.store.applications import application_folder
from reconciler.store.applied import applied
from reconciler.store.approvals import approvals_in, approvals_used, keep_approval
from reconciler.store.attempts import Attempts, attempts, write_attempt
from reconciler.store.audit import Audit, audit
from reconciler.store.audit_signatures import audit_signatures
from reconciler.store.chain import read_journal
from reconciler.store.claim import claimed
from reconciler.store.deeds import deeds
from reconciler.store.disk import Disk
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal
from reconciler.store.lineage import newest_in
from reconciler.store.locations import locate
from reconciler.store.lock import hold
from reconciler.store.newest import is_for_everybody, require_newest
from reconciler.store.plans import FilePlanStore, PlanFile, encode_plan, parsed
from reconciler.store.records import Record
from reconciler.store.runs import Run, runs
from reconciler.store.slot import Location as Location  # what the commands call it, too
from reconciler.workflow.project import Project

BUNDLE_LIMIT = 8 * 1024 * 1024
"""Bytes of a file of certificates that are read; all that browsers trust are a quarter of one."""

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

    def today(self) -> datetime:
        """Return the start of the present day, UTC: what a plan is made as of (ruling 4)."""
        return self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

    def source(self, project: Project) -> Source:
        """Return the reader of the source directory."""
        return self.files(project.folder, project.loaded.config.source)

    def files(self, folder: Path, named: SourceFiles) -> Source:
        """Return the reader of the files that a configuration in *folder* names."""
        groups = None if named.groups is None else folder / named.groups
        return FileSource(folder / named.users, groups, default_domain=named.default_domain)

    def target(self, project: Project, application: Application) -> ScimTarget:
        """
        Return the client of the application's SCIM service; close it after use.

        The file of a secret is found from the folder of the configuration, as
        all other files are.

        Raises:
            ConfigError: The secret is not where the reference says, or is none;
                or the certificates are none.
        """
        wanted = application.target
        secret = self.secret(project, wanted.secret_token)
        profile, roots = project.profile(wanted.profile), self.roots(project, application)
        return connect(wanted, secret, self.clock, profile, roots)

    def secret(self, project: Project, reference: SecretReference) -> str:
        """
        Return the secret that *reference* names; a file is found from the configuration's folder.

        Raises:
            ConfigError: It is not where the reference says.
        """
        return resolve(reference, os.environ, lambda path: _read_secret(project.folder / path))

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
        path = project.folder / bundle
        return read_roots(str(path), lambda: _read_bundle(path), self.clock.now())

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

    def location(self, project: Project) -> Location:
        """
        Return where plans and journals lie.

        Raises:
            StoreError: It is a bucket, which cannot be used here.
        """
        return locate(project.folder, project.loaded.config.plans.store)

    def attempts(self, project: Project, name: str) -> Attempts:
        """Return what was attempted on one application."""
        return attempts(self.location(project), name)

    def note_attempt(self, project: Project, name: str, kind: str, **fields: Any) -> None:
        """Write down something about one application that is no run; its lock is held."""
        write_attempt(self.location(project), name, self.clock, kind, **fields)

    def recorded(
        self, project: Project, name: str, application: Application, plan_head: str | None = None
    ) -> Recorded:
        """
        Return what our journals say about one application's target.

        *plan_head* is the newest record by a plan that is to be applied; it must be there.
        """
        return recorded(self.location(project), name, application.target.tenant_url, plan_head)

    def applied(self, project: Project, name: str, application: Application) -> Applied:
        """Return what we wrote last to one application's target, by plans and journals."""
        return applied(self.location(project), name, application.target.tenant_url)

    def told(self, project: Project, plan: Plan) -> Sequence[Record]:
        """Return what the journal of *plan* says at this moment; nobody's lock is needed."""
        return read_journal(self.store(project).journal_path(plan)).records

    def deeds(self, project: Project, plan: Plan) -> Deeds:
        """Return what the journal of *plan* says became of its operations."""
        return deeds(self.location(project), plan)

    def runs(
        self, project: Project, name: str | None, user: str | None, guard: str | None
    ) -> Iterator[Run]:
        """Yield the stored plans and what became of them, the newest last."""
        return runs(self.location(project), name, user, guard)

    def audit(self, project: Project, heads: Sequence[str], trust: Trusted) -> Audit:
        """Return everything that is wrong with the store; *heads* were kept elsewhere."""
        found = audit(self.location(project), heads)
        audit_signatures(self.location(project), trust, found)
        return found

    def store(self, project: Project) -> FilePlanStore[Location]:
        """Return the store of plans."""
        return FilePlanStore(self.location(project), self.disk)

    def plan_file(self, project: Project, name: str) -> PlanFile:
        """Return the bytes of a plan, by its path or its digest, and of its signature."""
        return self.store(project).read(name)

    def plan_at(self, path: Path) -> PlanFile:
        """Return the same of a file, wherever it lies; this needs no configuration."""
        return FilePlanStore(path.parent).read(str(path))

    def signature(self, plan: Plan, key: PrivateKey) -> bytes:
        """Return the envelope that signs the file of *plan*."""
        return sign_plan(encode_plan(plan), plan.body.application, key)

    def parsed(self, file: PlanFile) -> Plan:
        """Return the plan in *file*, whose signature was verified."""
        return parsed(file)

    def require_newest(self, project: Project, plan: Plan, application: Application) -> None:
        """Refuse *plan* when a newer one that judged everybody was applied (INV-25)."""
        require_newest(self.location(project), plan, application.target.tenant_url)

    def is_for_everybody(self, project: Project, plan: Plan) -> bool:
        """Say whether *plan*, once applied, supersedes what is older."""
        return is_for_everybody(self.location(project), plan)

    def approvals(self, project: Project, plan: Plan, beside: Location) -> list[tuple[str, bytes]]:
        """Return path and bytes of the approvals in the store, and of those *beside* a plan."""
        kept = application_folder(self.location(project), plan.body.application)
        folders = {_resolved(folder): folder for folder in (beside, kept)}
        return [found for folder in folders.values() for found in approvals_in(folder)]

    def approvals_used(self, project: Project, name: str) -> dict[str, str]:
        """Return which approvals the journals of an application have used, and for which plan."""
        return approvals_used(self.location(project), name)

    def keep_approval(
        self, project: Project, approval: Approval, *beside: Location
    ) -> tuple[Location, ...]:
        """Put an approval into the store, and *beside* the plan it is for; return where."""
        kept = application_folder(self.location(project), approval.application)
        folders = {_resolved(folder): folder for folder in (kept, *beside)}
        return tuple(keep_approval(folder, approval) for folder in folders.values())

    @contextmanager
    def journal(self, project: Project, plan: Plan) -> Iterator[FileJournal]:
        """Hold the lock of the application, and its plan's journal, open (INV-18)."""
        path = self.store(project).journal_path(plan)
        with (
            hold(self.location(project), plan.body.application),
            claimed(path, lambda: newest_in(path.parent), self.disk) as claim,
            FileJournal(path, self.clock, self.disk, claim) as journal,
        ):
            yield journal

    @contextmanager
    def lock(self, project: Project, name: str) -> Iterator[None]:
        """Hold the lock of one application, as `apply` does (INV-18)."""
        with hold(self.location(project), name):
            yield

    def bench(self, application: Application, target: ScimTarget, report: ProbeReport) -> Bench:
        """
        Return what the service is tried out on: objects of its own, none of which is made yet.

        Whoever is there by *report* is a stranger, but for what an earlier run has left behind.
        """
        listings = {ResourceType.USER: report.users, ResourceType.GROUP: report.groups}
        there = [(kind, row) for kind, rows in listings.items() if rows for row in rows.resources]
        leftovers = [(kind, row) for kind, row in there if is_leftover(kind, row)]
        ours = {row["id"] for _, row in leftovers}
        domain = (application.registered_domains or (DOMAIN,))[0]
        pad = Pad(target, self.clock, domain, {row["id"] for _, row in there} - ours)
        for kind, row in leftovers:
            pad.take_over(kind, row["id"])
        lines = application.mappings.users
        return Bench(
            pad,
            lambda: new_name(self.chance.token(TOKEN_BYTES)),
            [Mapped(parse_path(line.target), line.constant) for line in lines],
            report.capabilities,
            leftovers=[f"{kind.value} {name_of(kind, row)}" for kind, row in leftovers],
        )

    def commit(self, project: Project) -> str | None:
        """Return the commit that the configuration was read from, if git knows one."""
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


def _resolved(folder: Location) -> Location:
    """Return what tells whether two folders are one."""
    return folder.resolve() if isinstance(folder, Path) else folder


def _read_secret(path: Path) -> str:
    """Read the file that a secret reference names; beyond its limit no secret goes on."""
    with path.open("rb") as file:
        return file.read(BUNDLE_LIMIT).decode("utf-8")


def _read_bundle(path: Path) -> str:
    """Read a file of certificates; whatever in it is not one may be written in any way."""
    if path.exists() and not path.is_file():
        raise IsADirectoryError(EISDIR, "it is not a regular file")
    with path.open("rb") as file:
        return file.read(BUNDLE_LIMIT).decode("ascii", "replace")
