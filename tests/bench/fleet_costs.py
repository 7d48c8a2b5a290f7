"""
``python -m tests.bench.fleet_costs``: what an application costs that has few users (T12).

So many applications are planned by the real command in this process, against a service
on loopback in a process of its own: once from one file, once from a file each. Printed
is the CPU of this process by application, for the first plan (everybody is created), and,
after `apply`, for the plan that finds nothing to do; besides it the same with one user an
application, which is what an application costs that has nobody. ``--profile`` adds where
the time goes.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import gc
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import yaml

from reconciler.cli.main import COLLECT_RARELY, run

TOKEN_NAME = "FLEET_TOKEN"
DOMAIN = "contoso.example"
URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

DEFAULTS: dict[str, Any] = {
    "registered_domains": [DOMAIN],
    "roles": [{"name": "User", "value": "user"}],
    "scoping_filters": {
        "users": [
            {
                "title": "Employees",
                "clauses": [
                    {"attribute": "employeeType", "operator": "EQUALS", "value": "Employee"},
                    {"attribute": "mail", "operator": "REGEX MATCH", "value": r".*@contoso\..*"},
                ],
            }
        ]
    },
    "mappings": {
        "users": [
            {"target": "userName", "source": "userPrincipalName", "match": 1},
            {"target": "externalId", "source": "objectId", "match": 2},
            {
                "target": "active",
                "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
            },
            {"target": "name.givenName", "source": "givenName"},
            {"target": "name.familyName", "source": "surname"},
            {"target": "displayName", "expression": 'Join(" ", [givenName], [surname])'},
            {"target": 'emails[type eq "work"].value', "source": "mail"},
            {"target": "title", "source": "jobTitle", "default": "Employee"},
            {
                "target": 'roles[primary eq "True"].value',
                "expression": "SingleAppRoleAssignment([appRoleAssignments])",
            },
            {"target": f"{URN}:employeeNumber", "source": "employeeId"},
            {"target": f"{URN}:department", "source": "department"},
        ]
    },
    "tests": [{"user": f"p0@{DOMAIN}", "expect": {"in_scope": True}}],
}
COLUMNS = (
    *("objectId", "userPrincipalName", "mail", "givenName", "surname", "jobTitle"),
    *("department", "employeeId", "employeeType", "accountEnabled"),
)


def write_company(folder: Path, url: str, count: int, people: int, *, apart: bool) -> Path:
    """Write *count* applications of *people*, *apart* in a file each, and return the main file."""
    rows = [
        f"id-{n},p{n}@{DOMAIN},p{n}@{DOMAIN},Given{n},Sur{n},Clerk,Sales,{n:06},Employee,true"
        for n in range(people)
    ]
    (folder / "users.csv").write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    members = [f"id-{n}" for n in range(people)]
    group = {"objectId": "group-0", "displayName": "Everyone", "members": members}
    (folder / "groups.yaml").write_text(yaml.safe_dump([group]))
    applications = {f"app-{n:04}": _application(f"{url}/app-{n:04}") for n in range(count)}
    main: dict[str, Any] = {
        "version": 1,
        "source": {"users": "users.csv", "groups": "groups.yaml"},
        "defaults": DEFAULTS,
    }
    if apart:
        (folder / "apps").mkdir()
        for name, one in applications.items():
            text = yaml.safe_dump({"applications": {name: one}})
            (folder / "apps" / f"{name}.yaml").write_text(text)
        main["include"] = ["apps/*.yaml"]
    else:
        main["applications"] = applications
    path = folder / "provisioning.yaml"
    path.write_text(yaml.safe_dump(main))
    return path


def _application(url: str) -> dict[str, Any]:
    """Return one application; everything else is in the defaults."""
    target = {"tenant_url": url, "secret_token": {"env": TOKEN_NAME}, "rate_limit": 0}
    return {"target": target, "assignments": [{"group": "Everyone", "role": "User"}]}


class Handler(BaseHTTPRequestHandler):
    """Every first step of a path is a tenant with users of its own."""

    protocol_version = "HTTP/1.1"
    tenants: ClassVar[defaultdict[str, dict[str, Any]]] = defaultdict(dict)

    def setup(self) -> None:
        """Answer at once."""
        super().setup()
        self.connection.setsockopt(6, 1, 1)  # TCP_NODELAY

    def do_GET(self) -> None:
        """Answer a listing, an account, or that there is no such thing."""
        url = urlsplit(self.path)
        _, tenant, kind, *rest = url.path.split("/")
        users = self.tenants[tenant]
        if kind != "Users":
            self._answer(404, {"status": "404"})
        elif rest:
            found = users.get(rest[0])
            self._answer(200 if found else 404, found or {"status": "404"})
        else:
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            self._answer(200, _listed(list(users.values()), query))

    def do_POST(self) -> None:
        """Create an account."""
        _, tenant, _ = self.path.split("/")
        made = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        users = self.tenants[tenant]
        made["id"] = f"u{len(users)}"
        users[made["id"]] = made
        self._answer(201, made)

    def _answer(self, status: int, body: Any) -> None:
        """Answer in SCIM."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _listed(users: Sequence[Any], query: dict[str, str]) -> dict[str, Any]:
    """Return one page, or who has the value that a filter names."""
    if "filter" in query:
        name, _, value = query["filter"].partition(" eq ")
        users = [one for one in users if one.get(name) == json.loads(value)]
    start, size = int(query.get("startIndex", "1")), int(query.get("count", "100"))
    page = users[start - 1 : start - 1 + size]
    return {
        "schemas": [LIST_URN],
        "totalResults": len(users),
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": page,
    }


@contextlib.contextmanager
def service() -> Iterator[str]:
    """Run the service in a process of its own, and yield its URL."""
    command = [sys.executable, "-m", "tests.bench.fleet_costs", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def serve() -> None:
    """Serve until the process is ended."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


def command(path: Path, *words: str) -> float:
    """Run one command, let it say nothing, and return the CPU seconds of this process."""
    with (
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        start = time.process_time()
        code = run(["--config", str(path), *words])
        took = time.process_time() - start
    if code:
        raise SystemExit(f"{' '.join(words)} ended with {code}")
    return took


def apply_all(path: Path) -> None:
    """Apply the stored plans."""
    for plan in sorted(path.parent.glob("plans/*/*.plan.json")):
        command(path, "apply", "--auto-approve", str(plan))


def costs(count: int, people: int, *, apart: bool) -> Iterator[tuple[str, float]]:
    """Yield what is measured, and its CPU seconds by application."""
    with tempfile.TemporaryDirectory() as folder, service() as url:
        path = write_company(Path(folder), url, count, people, apart=apart)
        yield "validate", command(path, "validate") / count
        yield "plan, all new", command(path, "plan") / count
        apply_all(path)
        yield "plan, unchanged", command(path, "plan") / count


def profiled(work: Callable[[], object]) -> None:
    """Run *work*, and print where the time goes."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(work)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(100)
    pstats.Stats(profile).sort_stats("tottime").print_stats(40)


def profile_unchanged(count: int, people: int) -> None:
    """Print where a plan without changes spends its time."""
    with tempfile.TemporaryDirectory() as folder, service() as url:
        path = write_company(Path(folder), url, count, people, apart=False)
        command(path, "plan")
        apply_all(path)
        profiled(lambda: command(path, "plan"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet_costs")
    parser.add_argument("--applications", type=int, default=100)
    parser.add_argument("--people", type=int, default=100, help="users of each application")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return
    os.environ[TOKEN_NAME] = "a-token-of-the-bench"
    gc.set_threshold(*COLLECT_RARELY)
    count = arguments.applications
    with tempfile.TemporaryDirectory() as folder, service() as url:  # imports are no cost of many
        command(write_company(Path(folder), url, 1, 1, apart=False), "plan")
    if arguments.profile:
        profile_unchanged(count, arguments.people)
        return
    title = f"CPU ms an application, of {count:,}"
    print(f"{title:<44}{'one file':>12}{'a file each':>14}")
    for people in (arguments.people, 1):
        one, each = (dict(costs(count, people, apart=apart)) for apart in (False, True))
        for name, took in one.items():
            row = f"{name}, {people} user{'s' if people != 1 else ''}"
            print(f"{row:<44}{took * 1e3:>12.1f}{each[name] * 1e3:>14.1f}")


if __name__ == "__main__":
    main()
