"""
A company on disk, a sandbox on a socket, and the command as a user runs it.

The command runs in this process, with its own streams: starting Python takes
longer than most of what is tested here. Tests that need signals or hash seeds
start a process of their own.
"""

import io
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from reconciler.cli.main import run
from reconciler.live.client import ScimTarget
from reconciler.sandbox import make_app
from reconciler.sandbox.server import SandboxServer
from reconciler.store.records import records_of
from tests.servers import TOKEN, open_target

TOKEN_NAME = "COMPANY_TOKEN"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

ROLES = [
    {"name": "Administrator", "value": "admin", "privileged": True},
    {"name": "User", "value": "user"},
]
USER_MAPPINGS: list[dict[str, Any]] = [
    {"target": "userName", "source": "userPrincipalName", "match": 1},
    {"target": "externalId", "source": "objectId", "match": 2},
    {
        "target": "active",
        "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
    },
    {"target": "displayName", "source": "displayName"},
    {"target": "name.familyName", "source": "surname"},
    {"target": 'emails[type eq "work"].value', "source": "mail"},
    {"target": "title", "source": "jobTitle", "default": "Employee"},
    {
        "target": 'roles[primary eq "True"].value',
        "expression": "SingleAppRoleAssignment([appRoleAssignments])",
    },
    {"target": f"{ENTERPRISE}:department", "source": "department"},
    {"target": f"{ENTERPRISE}:manager", "source": "manager"},
]
GROUP_MAPPINGS: list[dict[str, Any]] = [
    {"target": "displayName", "source": "displayName", "match": 1},
    {"target": "externalId", "source": "objectId"},
    {"target": "members", "source": "members"},
]
COLUMNS = (
    "objectId",
    "userPrincipalName",
    "displayName",
    "surname",
    "mail",
    "jobTitle",
    "department",
    "manager",
    "accountEnabled",
    "isDeleted",
)


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The result as one line, wherever it was wrapped."""
        return " ".join(self.out.split())

    @property
    def text(self) -> str:
        """Everything that was shown."""
        return self.out + self.err


def command(*arguments: str | Path, stdin: io.StringIO | None = None) -> Ended:
    """Run the command without a terminal, and put back what it does to the process."""
    out, err = io.StringIO(), io.StringIO()
    before, handler = sys.stdin, signal.getsignal(signal.SIGTERM)
    sys.stdin = stdin or io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
    finally:
        sys.stdin = before
        signal.signal(signal.SIGTERM, handler)
    return Ended(int(code), out.getvalue(), err.getvalue())


@dataclass
class Company:
    """The files of one company; change them, and `write` puts them on disk."""

    folder: Path
    url: str
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: list[dict[str, Any]] = field(default_factory=list)
    application: dict[str, Any] = field(default_factory=dict)
    """Keys of the application that differ from what `settings` says."""
    target: dict[str, Any] = field(default_factory=dict)
    """Keys of its target that differ."""
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    """More applications, by name; the keys in which each differs from the first."""
    top: dict[str, Any] = field(default_factory=dict)
    """More keys of the file itself, as `trust`."""

    @property
    def file(self) -> Path:
        """The configuration."""
        return self.folder / "provisioning.yaml"

    @property
    def store(self) -> Path:
        """Where plans and journals of the application lie."""
        return self.folder / "plans" / "app"

    def settings(self) -> dict[str, Any]:
        """Return the configuration as it will be written."""
        target = {
            "tenant_url": self.url,
            "secret_token": {"env": TOKEN_NAME},
            "rate_limit": 0,
            **self.target,
        }
        application = {
            "target": target,
            "roles": ROLES,
            "assignments": [{"group": "Staff", "role": "User"}],
            "mappings": {"users": USER_MAPPINGS, "groups": GROUP_MAPPINGS},
            **self.application,
        }
        applications = {"app": application}
        for name, changes in self.others.items():
            applications[name] = {**application, **changes}
        source = {"kind": "files", "users": "people.csv", "groups": "groups.json"}
        return {"version": 1, "source": source, **self.top, "applications": applications}

    def write(self) -> None:
        """Put configuration and source on disk; JSON is YAML."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.settings(), indent=1), "utf-8")
        self.write_source()

    def write_source(self) -> None:
        """Put the source on disk."""
        rows = [list(COLUMNS)]
        for anchor, cells in self.people.items():
            rows.append([anchor, *(cells.get(column, "") for column in COLUMNS[1:])])
        text = "".join(",".join(row) + "\n" for row in rows)
        (self.folder / "people.csv").write_text(text, "utf-8")
        (self.folder / "groups.json").write_text(json.dumps(self.groups), "utf-8")

    def hire(self, anchor: str, **cells: str) -> None:
        """Add somebody to the source, and to the group Staff."""
        self.people[anchor] = {
            "userPrincipalName": f"{anchor}@contoso.example",
            "displayName": anchor.title(),
            **cells,
        }
        self.group("Staff")["members"].append(anchor)

    def group(self, name: str) -> dict[str, Any]:
        """Return a group of the source, made if need be."""
        found = next((one for one in self.groups if one["displayName"] == name), None)
        if found is None:
            found = {"objectId": f"g-{name.lower()}", "displayName": name, "members": []}
            self.groups.append(found)
        return found

    def lose(self, *anchors: str) -> None:
        """Take people out of the source, and out of every group."""
        for anchor in anchors:
            self.people.pop(anchor, None)
            for one in self.groups:
                one["members"] = [member for member in one["members"] if member != anchor]

    def run(self, *arguments: str | Path) -> Ended:
        """Run the command on this company's file."""
        return command("--config", self.file, *arguments)

    def plan(self, *arguments: str | Path, code: int = 0) -> Ended:
        """Write the files, plan, and expect an exit code."""
        self.write()
        ended = self.run("plan", *arguments, "app")
        assert ended.code == code, ended.text
        return ended

    def apply(self, *arguments: str | Path, code: int = 0) -> Ended:
        """Apply the newest plan, and expect an exit code."""
        ended = self.run("apply", "--auto-approve", *arguments, self.newest())
        assert ended.code == code, ended.text
        return ended

    def settle(self, *arguments: str | Path) -> None:
        """Plan and apply; everything is as it should be then."""
        self.plan(*arguments)
        self.apply()

    def plans(self) -> list[Path]:
        """Return the stored plans, the oldest first."""
        found = self.store.glob("*.plan.json")
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def newest(self) -> Path:
        """Return the newest stored plan."""
        return self.plans()[-1]

    def body(self) -> Any:
        """Return the body of the newest stored plan."""
        return json.loads(self.newest().read_text("utf-8"))["body"]

    def operations(self) -> list[tuple[str, str]]:
        """Return action and key of each operation of the newest plan."""
        return [(op["action"], op["key"]) for op in self.body()["operations"]]

    def journal(self) -> list[dict[str, Any]]:
        """Return the records of the newest plan's journal."""
        name = self.newest().name.replace(".plan.json", ".journal.jsonl")
        lines = (self.store / name).read_text("utf-8").splitlines()
        return [record for line in lines for record in records_of(json.loads(line))]

    def files(self) -> list[Path]:
        """Return every file below the folder."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


class Sandbox:
    """The sandbox on a free port; keeps what was asked, and lets a test step in between."""

    def __init__(self, domains: Iterable[str] = (), token: str = TOKEN) -> None:
        self.requests: list[tuple[str, str]] = []
        self.before: Callable[[str, str], None] = lambda method, path: None
        """Called with method and path before each request is served."""
        self.after: Callable[[str, str], None] = lambda method, path: None
        """Called when it has been served, and before it is answered."""
        self._token, self._domains = token, tuple(domains)
        self._app: Any = make_app(token, self._domains)
        self._altered = False
        self._server = SandboxServer("127.0.0.1", 0, self._serve)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "Sandbox":
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The tenant URL."""
        return self._server.tenant_url

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every request that changes something."""
        return [request for request in self.requests if request[0] != "GET"]

    def _serve(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/v2")
        self.requests.append(asked)
        self.before(*asked)
        answer: Iterable[bytes] = self._app(environ, start_response)
        self.after(*asked)
        return answer

    def expire(self) -> None:
        """Accept another token from now on."""
        resources = self._app.storage.resources
        self._app = make_app("another-token")
        self._app.storage.resources = resources
        self._altered = True

    def stop_patching(self) -> None:
        """Say from now on that PATCH is not supported."""
        self._app.provider.config.patch.supported = False
        self._altered = True

    def stored(self) -> list[Any]:
        """Return a copy of everything that is stored."""
        return deepcopy(list(self._app.storage.resources))

    def reset(self, resources: list[Any] | None = None) -> None:
        """Begin anew, with a copy of *resources*; nothing was asked, and nobody steps in."""
        if self._altered:
            self._app = make_app(self._token, self._domains)
            self._altered = False
        self._app.storage.resources = deepcopy(resources or [])
        self.requests = []
        self.before = self.after = lambda method, path: None

    @contextmanager
    def by_hand(self) -> Iterator[ScimTarget]:
        """Let somebody else change something; what they ask is not kept."""
        kept = len(self.requests)
        with open_target(self.url, self._token) as target:
            yield target
        del self.requests[kept:]

    def users(self) -> dict[str, dict[str, Any]]:
        """Return every user by userName."""
        return {user["userName"]: user for user in self._all("User")}

    def groups(self) -> dict[str, dict[str, Any]]:
        """Return every group by displayName."""
        return {group["displayName"]: group for group in self._all("Group")}

    def _all(self, resource_type: str) -> Iterator[dict[str, Any]]:
        for resource in self._app.storage.resources:
            if resource.meta.resource_type == resource_type:
                yield json.loads(json.dumps(resource.model_dump()))


def account(user_name: str, **attributes: Any) -> dict[str, Any]:
    """Return the body of a user that somebody else creates."""
    return {"schemas": [USER], "userName": user_name, "active": True, **attributes}


def parsed(report: Path) -> ElementTree.Element:
    """Return the root of a report that the program has just written."""
    return ElementTree.fromstring(report.read_text("utf-8"))  # noqa: S314
