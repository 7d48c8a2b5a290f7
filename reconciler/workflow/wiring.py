"""
The only place where adapters are made: configuration and environment to ports.

An adapter is imported where it is made, so that `validate` does not wait for HTTP.

A test replaces what it wants to by making another :class:`Wiring`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reconciler.source.files import FileSource
from reconciler.source.kept import KeptSource, LastRead
from reconciler.workflow.keeping import Keeping
from reconciler.workflow.machine import SystemChance, cache_folder
from reconciler.workflow.machine import SystemClock as SystemClock
from reconciler.workflow.named_files import read_bundle, read_secret

if TYPE_CHECKING:
    from reconciler.config.model import Application
    from reconciler.config.model import Source as SourceFiles
    from reconciler.config.references import SecretReference
    from reconciler.expr import Chance
    from reconciler.live.client import ScimTarget
    from reconciler.live.probe import ProbeReport
    from reconciler.live.scratch.bench import Bench
    from reconciler.ports import Budget, Notifier, Recall, Source
    from reconciler.store.memo import Memo
    from reconciler.workflow.keeping import Location as Location  # what the commands call it
    from reconciler.workflow.project import Project

GIT_SECONDS = 5
"""How long git may take to say which commit this is."""


@dataclass(frozen=True, slots=True)
class Wiring(Keeping):
    """Makes what the workflows need from what the configuration says."""

    chance: Chance = field(default_factory=SystemChance)
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
        users = folder / named.users
        files = FileSource(
            users, groups, default_domain=named.default_domain, recall=partial(self.rows, users)
        )
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
        secret = self.secret(project, wanted.secret_token, "target.secret_token")
        profile, roots = project.profile(wanted.profile), self.roots(project, application)
        budget = self.budget(urlsplit(wanted.tenant_url).netloc)
        return connect(wanted, secret, self.clock, profile, roots, budget)

    def secret(self, project: Project, reference: SecretReference, key: str) -> str:
        """
        Return the secret that *reference*, under *key* of the file, names.

        A file is found from the configuration's folder.

        Raises:
            ConfigError: It is not where the reference says.
        """
        from reconciler.live.auth import resolve

        folder = project.folder
        return resolve(reference, key, os.environ, lambda path: read_secret(folder / path))

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

    def cores(self) -> int:
        """Return how many processors this process may use."""
        allowed = getattr(os, "sched_getaffinity", None)
        return len(allowed(0)) if allowed else os.cpu_count() or 1

    def memo(self, folder: Path, name: str) -> Memo:
        """Return what was worked out before under a *name* in a *folder*: a file in the cache."""
        from reconciler.store.memo import Memo

        known_by = sha256(f"{folder.resolve()}\n{name}".encode()).hexdigest()
        return Memo(cache_folder() / f"{known_by[:32]}.memo")

    @contextmanager
    def rows(self, users: Path) -> Iterator[Recall]:
        """Open what is remembered of a file of people."""
        from reconciler.source.again import RULES

        with self.memo(users, "rows") as memo:
            yield memo.by(RULES)

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
            token = known.webhook.secret_token
            secret = self.secret(project, token, "notifications.webhook.secret_token")
            return Webhook(known.webhook.url, plain_secret(secret, "the secret of a webhook"))
        smtp = known.smtp
        recipient = project.loaded.config.applications[name].notification_email
        if smtp is None or recipient is None:
            raise LookupError(channel)
        login = None
        if smtp.username is not None and smtp.password is not None:
            named = {"username": smtp.username, "password": smtp.password}
            found = (
                self.secret(project, one, f"notifications.smtp.{key}") for key, one in named.items()
            )
            login = Login(*(plain_secret(one, "a login of a mail server") for one in found))
        roots = self.roots_in(project, smtp.ca_bundle)
        server = MailServer(smtp.host, smtp.port, smtp.starttls, roots, login)
        return Mail(server, smtp.sender, recipient)

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
        import getpass

        try:
            return os.environ.get("GITHUB_ACTOR") or getpass.getuser()
        except (KeyError, OSError):
            return None
