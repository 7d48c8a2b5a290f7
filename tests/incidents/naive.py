"""
A reconciler as people write it in an afternoon: list, compare, delete what is missing.

Nobody would call any line of it wrong. It shares no code with the program, and
trusts whatever comes: an answer that cannot be used is an empty one.
"""

import csv
import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

Row = dict[str, Any]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def read(path: Path) -> list[Row]:
    """Return the rows of an export; what cannot be read has none."""
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".csv":
            return list(csv.DictReader(text.splitlines()))
        by_line = path.suffix == ".jsonl"
        found = [json.loads(line) for line in text.splitlines()] if by_line else json.loads(text)
    except (OSError, ValueError):
        return []
    return [row for row in found or [] if isinstance(row, dict)]


class Naive:
    """Brings one SCIM service to what the source says."""

    def __init__(self, url: str, token: str, *, deletes: bool = False, puts: bool = False) -> None:
        self.url, self.token, self.deletes, self.puts = url, token, deletes, puts

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        data = None if body is None else json.dumps(body).encode()
        asked = Request(self.url + path, data, headers, method=method)  # noqa: S310 - loopback
        try:
            with urlopen(asked, timeout=5) as said:  # noqa: S310 - loopback
                return json.loads(said.read() or b"{}")
        except (OSError, ValueError):
            return {}

    def rows(self, endpoint: str) -> list[Row]:
        rows: list[Row] = []
        while True:
            page = self.ask("GET", f"/{endpoint}?startIndex={len(rows) + 1}&count=100")
            found = page.get("Resources", [])
            rows += found
            if not found or len(rows) >= page.get("totalResults", 0):
                return rows

    def reconcile(self, people: list[Row], groups: list[Row]) -> None:
        known = [row for row in people if row.get("userPrincipalName")]
        named = {row.get("objectId"): row["userPrincipalName"] for row in known}
        accounts = {account["userName"]: account for account in self.rows("Users")}
        for anchor, name in named.items():
            if name not in accounts:
                body = {"userName": name, "externalId": anchor, "active": True}
                accounts[name] = self.ask("POST", "/Users", {"schemas": [USER], **body})
        for name in accounts.keys() - set(named.values()):
            self.remove(accounts.pop(name)["id"])
        wanted = {group["displayName"]: group["members"] for group in groups}
        for group in self.rows("Groups"):
            if group["displayName"] not in wanted:
                self.ask("DELETE", f"/Groups/{group['id']}")
                continue
            names = [named[anchor] for anchor in wanted[group["displayName"]] if anchor in named]
            self.enrol(group, {accounts[name]["id"] for name in names if "id" in accounts[name]})

    def remove(self, account: str) -> None:
        if self.deletes:
            self.ask("DELETE", f"/Users/{account}")
        else:
            off = {"op": "replace", "path": "active", "value": False}
            self.patch(f"/Users/{account}", [off])

    def enrol(self, group: Row, wanted: set[str]) -> None:
        there = {member["value"] for member in group.get("members", [])}
        path = f"/Groups/{group['id']}"
        if self.puts and wanted != there:
            members = [{"value": each} for each in sorted(wanted)]
            self.ask("PUT", path, {**group, "members": members})
            return
        gone = [{"op": "remove", "path": f'members[value eq "{each}"]'} for each in there - wanted]
        come = [{"op": "add", "path": "members", "value": [{"value": e}]} for e in wanted - there]
        if gone or come:
            self.patch(path, gone + come)

    def patch(self, path: str, operations: list[Row]) -> None:
        urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        self.ask("PATCH", path, {"schemas": [urn], "Operations": operations})
