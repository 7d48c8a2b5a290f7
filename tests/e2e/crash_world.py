"""
A directory, a sandbox and a plan that can be killed in the middle, again and again.

The sandbox is the real one, on a socket, slowed to 20 ms a request. It counts
the writes that reach it, and can be set back to where it was.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from reconciler.sandbox import make_app
from reconciler.sandbox.server import SandboxServer

TOKEN = "crash-test-token"
DELAY = 0.02
"""Seconds that a request takes, half before and half after it is served."""

CONFIGURATION = """
version: 1
source: {kind: files, users: people.csv, groups: groups.json}
applications:
  app:
    target:
      tenant_url: URL
      secret_token: {env: CRASH_TOKEN}
      rate_limit: 0
      concurrency: 4
      profile: profiles/crash.yaml
    roles:
      - {name: Administrator, value: admin, privileged: true}
      - {name: User, value: user}
    assignments:
      - {group: Staff, role: User}
      - {user: p00@contoso.example, role: Administrator}
    mappings:
      users:
        - {target: userName, source: userPrincipalName, match: 1}
        - {target: externalId, source: objectId, match: 2}
        - target: active
          expression: Switch([IsSoftDeleted], , "False", "True", "True", "False")
        - {target: displayName, source: displayName}
        - target: roles[primary eq "True"].value
          expression: SingleAppRoleAssignment([appRoleAssignments])
        - target: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager
          source: manager
      groups:
        - {target: displayName, source: displayName, match: 1}
        - {target: externalId, source: objectId}
        - {target: members, source: members}
    lifecycle: {deleted_at_source: delete}
    safety:
      accidental_deletions: {enabled: true, at_most: 50, percent: 50}
      delete_users: {at_most: 10, percent: 50}
      rename_users: {at_most: 25, percent: 50}
"""


class CountingSandbox:
    """The sandbox on a free port; knows how many writes have been served."""

    def __init__(self) -> None:
        self.writes = 0
        self.on_write: Callable[[int], None] = lambda count: None
        self._inner: Any = make_app(TOKEN)
        self._lock = threading.Lock()
        self.server = SandboxServer("127.0.0.1", 0, self._serve)
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def _serve(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        time.sleep(DELAY / 2)
        answer: Iterable[bytes] = self._inner(environ, start_response)
        if environ["REQUEST_METHOD"] != "GET":
            with self._lock:
                self.writes += 1
                count = self.writes
            self.on_write(count)
        time.sleep(DELAY / 2)
        return answer

    def snapshot(self) -> list[Any]:
        """Return everything that is stored."""
        return deepcopy(self._inner.storage.resources)

    def restore(self, resources: list[Any]) -> None:
        """Set the sandbox back to *resources*."""
        self._inner = make_app(TOKEN)
        self._inner.storage.resources = deepcopy(resources)
        self.writes = 0
        self.on_write = lambda count: None

    def state(self) -> list[Any]:
        """Return what is live, without what differs from run to run: ids, versions, times."""
        return neutral_state(self._inner.storage.resources)

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def neutral_state(resources: Iterable[Any]) -> list[Any]:
    """Return stored resources without what differs from run to run: ids, versions, times."""
    plain = [json.loads(json.dumps(r.model_dump())) for r in resources]
    names = {r["id"]: r.get("userName") or r.get("displayName") for r in plain}
    neutral = (_neutral(resource, names) for resource in plain)
    return sorted(neutral, key=lambda resource: json.dumps(resource, sort_keys=True))


def _neutral(value: Any, names: dict[str, str]) -> Any:
    """Replace ids by the names they stand for, and drop what the server made up."""
    if isinstance(value, dict):
        return {
            key: _neutral(item, names)
            for key, item in value.items()
            if key not in {"meta", "id", "$ref"}
        }
    if isinstance(value, list):
        return sorted((_neutral(item, names) for item in value), key=lambda v: json.dumps(v))
    return names.get(value, value) if isinstance(value, str) else value


def write_source(folder: Path, people: dict[str, dict[str, str]], groups: Any) -> None:
    """Write the files of the source."""
    columns = ["objectId", "userPrincipalName", "displayName", "manager", "accountEnabled"]
    rows = [columns]
    for anchor, cells in people.items():
        rows.append([anchor, *(cells.get(column, "") for column in columns[1:])])
    (folder / "people.csv").write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
    (folder / "groups.json").write_text(json.dumps(groups), "utf-8")


def reconciler(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the command in *folder*."""
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env={**os.environ, "CRASH_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return exit code and output."""
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def newest_plan(folder: Path) -> str:
    """Return the path of the newest stored plan."""
    plans = (folder / "plans" / "app").glob("*.plan.json")
    return str(max(plans, key=lambda path: path.stat().st_mtime_ns))


def build(folder: Path, sandbox: CountingSandbox, bulk: str) -> str:
    """
    Make the world: twenty people in place, then a month of change, planned.

    *bulk* says whether changes travel together (``auto``) or alone (``never``).
    Returns the path of the plan, which holds every kind of operation.
    """
    (folder / "profiles").mkdir()
    profile = f"extends: generic\nbulk: {{use: {bulk}}}\nconcurrency: {{settle_seconds: 0}}\n"
    (folder / "profiles/crash.yaml").write_text(profile, "utf-8")
    (folder / "provisioning.yaml").write_text(
        CONFIGURATION.replace("URL", sandbox.server.tenant_url), "utf-8"
    )
    people = {
        f"{n:02}": {
            "userPrincipalName": f"p{n:02}@contoso.example",
            "displayName": f"Person {n:02}",
            "manager": "00" if n else "",
        }
        for n in range(20)
    }
    groups = [
        {"objectId": "g1", "displayName": "Staff", "members": list(people)},
        {"objectId": "g2", "displayName": "Odd", "members": [a for a in people if int(a) % 2]},
    ]
    write_source(folder, people, groups)
    assert finish(reconciler(folder, "plan", "app"))[0] == 0
    code, output = finish(reconciler(folder, "apply", "--auto-approve", newest_plan(folder)))
    assert code == 0, output
    _let_a_month_pass(people, groups)
    write_source(folder, people, groups)
    code, output = finish(reconciler(folder, "plan", "app"))
    assert code == 0, output
    return newest_plan(folder)


def _let_a_month_pass(people: dict[str, dict[str, str]], groups: list[dict[str, Any]]) -> None:
    """Six arrive, one is disabled, one goes, two are renamed, some change groups."""
    people["03"]["accountEnabled"] = "false"
    del people["04"]
    people["05"]["userPrincipalName"] = "married@contoso.example"
    people["06"]["displayName"] = "Person Six"
    for n in range(20, 26):
        people[f"{n:02}"] = {
            "userPrincipalName": f"p{n:02}@contoso.example",
            "displayName": f"Person {n:02}",
            "manager": "21" if n != 21 else "",
        }
    groups[0]["members"] = list(people)
    groups[1]["members"] = [a for a in people if int(a) % 3 == 0]
    groups.append({"objectId": "g3", "displayName": "New", "members": ["20", "21", "02"]})


def copy(source: Path, to: Path) -> Path:
    """Copy a whole world."""
    shutil.copytree(source, to)
    return to
