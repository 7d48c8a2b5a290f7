"""
A folder with many applications, the services they belong to, and workers in processes.

The services are tenants of one real SCIM server; a service that is slow, and counts, is
that of `tests/e2e/crash_world.py`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.store.records import records_of
from tests.e2e.company import GROUP_MAPPINGS, ROLES, USER_MAPPINGS, Ended, command
from tests.e2e.crash_world import TOKEN
from tests.fleet.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
FLEET = "firm"
VARIABLE = "FLEET_DATABASE"
PROFILE = "extends: generic\nbulk: {use: never}\nconcurrency: {settle_seconds: 0}\n"
"""Changes travel one by one, so that a run can be met in its middle."""
SECONDS = 120
"""How long anything may take."""


@dataclass
class Firm:
    """A configuration with its source and its workers."""

    folder: Path
    database: Postgres
    name: str = FLEET
    """What it is called in the database."""
    people: int = 3
    leavers: int = 0
    """How many of them are in the group Staff no more."""
    applications: dict[str, dict[str, Any]] = field(default_factory=dict)
    top: dict[str, Any] = field(default_factory=dict)
    workers: list["Worker"] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The configuration."""
        return self.folder / "provisioning.yaml"

    def add(self, name: str, url: str, **changes: Any) -> None:
        """Add an application, whose service is at *url*."""
        self.applications[name] = {
            "target": {
                "tenant_url": url,
                "secret_token": {"file": "token"},
                "rate_limit": 0,
                "profile": "one-by-one.yaml",
                **changes.pop("target", {}),
            },
            "roles": ROLES,
            "assignments": [{"group": "Staff", "role": "User"}],
            "mappings": {"users": USER_MAPPINGS, "groups": GROUP_MAPPINGS},
            **changes,
        }

    def write(self) -> None:
        """Put everything on disk; JSON is YAML."""
        below = self.folder / "applications"
        below.mkdir(parents=True, exist_ok=True)
        (self.folder / "token").write_text(TOKEN, "utf-8")
        (self.folder / "one-by-one.yaml").write_text(PROFILE, "utf-8")
        for name, application in self.applications.items():
            text = json.dumps({"applications": {name: application}})
            (below / f"{name}.yaml").write_text(text, "utf-8")
        configuration = {
            "version": 1,
            "source": {"kind": "files", "users": "people.csv", "groups": "groups.json"},
            "fleet": {"name": self.name, "database": {"env": VARIABLE}},
            "include": ["applications/*.yaml"],
            **self.top,
        }
        self.file.write_text(json.dumps(configuration), "utf-8")
        self.write_source()

    def write_source(self) -> None:
        """Put the source on disk."""
        rows = ["objectId,userPrincipalName,displayName,surname,mail,jobTitle,department,manager"]
        anchors = [f"p{number:03}" for number in range(self.people)]
        staff = anchors[: len(anchors) - self.leavers]
        rows += [f"{a},{a}@contoso.example,Person {a},,,,," for a in anchors]
        (self.folder / "people.csv").write_text("\n".join(rows) + "\n", "utf-8")
        groups = [{"objectId": "g1", "displayName": "Staff", "members": staff}]
        (self.folder / "groups.json").write_text(json.dumps(groups), "utf-8")

    def run(self, *arguments: str) -> Ended:
        """Run the command to its end, in this process."""
        return command("--config", self.file, *arguments)

    def enqueue(self, *arguments: str) -> str:
        """Ask for jobs; return what was said."""
        done = self.run("fleet", "enqueue", *arguments)
        assert done.code == 0, done.err
        return done.out.strip()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process is told."""
        return {**os.environ, VARIABLE: self.database.conninfo, "PYTHONPATH": str(ROOT)}

    def worker(self, *arguments: str, program: str = "tests.fleet.quick") -> "Worker":
        """Start a worker."""
        log = self.folder / f"worker{len(self.workers)}.log"
        made = Worker(self, program, arguments, log)
        self.workers.append(made)
        return made

    def status(self) -> dict[str, dict[str, Any]]:
        """Return what `fleet status` says, by application."""
        done = self.run("fleet", "status", "--json")
        assert done.code == 0, done.err
        return {row["application"]: row for row in json.loads(done.out)["applications"]}

    def until(self, reached: Callable[[dict[str, dict[str, Any]]], bool]) -> dict[str, Any]:
        """Wait until the status is as wanted; return it."""
        end = time.monotonic() + SECONDS
        while True:
            found = self.status()
            if reached(found):
                return found
            logs = "\n".join(worker.said for worker in self.workers)
            assert time.monotonic() < end, f"{found}\n{logs}"
            time.sleep(0.1)

    def close(self) -> None:
        """End the workers that are left."""
        for worker in self.workers:
            with suppress(ProcessLookupError):
                worker.process.kill()
            worker.process.wait()


class Worker:
    """A worker in a process of its own."""

    def __init__(self, firm: Firm, program: str, arguments: tuple[str, ...], log: Path) -> None:
        self._log = log
        command = [sys.executable, "-m", program, "--config", str(firm.file)]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "fleet", "worker", *arguments],
                cwd=firm.folder,
                env=firm.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    @property
    def said(self) -> str:
        """Everything that it has printed."""
        return self._log.read_text("utf-8", "replace")

    def until(self, words: str) -> None:
        """Wait until it says so."""
        end = time.monotonic() + SECONDS
        while words not in self.said:
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def kill(self) -> None:
        """Let it die at once."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


def journals(firm: Firm, name: str) -> list[list[dict[str, Any]]]:
    """Return the records of every journal of an application, the oldest journal first."""
    files = sorted((firm.folder / "plans" / name).glob("*.journal.jsonl"))
    return [
        [
            one
            for line in file.read_text("utf-8").splitlines()
            for one in records_of(json.loads(line))
        ]
        for file in files
    ]


def ended(found: dict[str, dict[str, Any]]) -> bool:
    """Say whether every application has a result, and no job waits or runs."""
    return all(
        row["last_result"] is not None and not row["jobs"]["waiting"] and not row["jobs"]["running"]
        for row in found.values()
    )
