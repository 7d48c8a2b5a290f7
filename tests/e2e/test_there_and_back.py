"""Contoso's own application goes to Entra and comes back: it decides the same."""

import csv
import json
from pathlib import Path
from typing import Any

import yaml

from reconciler.interchange.entra.people import NO_ROLE
from tests.e2e.company import TOKEN_NAME, Sandbox, command

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "examples" / "contoso"
NAME = "ipass-smartconnect"


def written(file: Path, text: str, *changes: tuple[str, str]) -> Path:
    """Write a text with some of its words changed."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return file


def assigned(application: Any) -> list[dict[str, str]]:
    """Return the assignments that are still valid as Graph answers them."""
    with (CONTOSO / "users.csv").open(encoding="utf-8", newline="") as file:
        anchors = {row["userPrincipalName"]: row["objectId"] for row in csv.DictReader(file)}
    groups = yaml.safe_load((CONTOSO / "groups.yaml").read_text("utf-8"))
    anchors.update({one["displayName"]: one["objectId"] for one in groups})
    return [
        {
            "principalId": anchors[one.get("user") or one["group"]],
            "principalType": "User" if "user" in one else "Group",
            "appRoleId": one.get("role", NO_ROLE),
        }
        for one in application["assignments"]
        if str(one.get("expires")) != "2026-09-30"
    ]


def planned(file: Path) -> list[dict[str, Any]]:
    """Return what a plan would do, without numbers and preconditions."""
    ended = command("--config", file, "plan", "--no-store", "--format", "json")
    assert ended.code == 0, ended.text
    keys = ("action", "resource_type", "key", "source_id", "reason", "changes", "references")
    found = json.loads(ended.out)["body"]["operations"]
    return [{key: one.get(key) for key in keys} for one in found]


def test_whatever_went_to_entra_and_came_back_decides_the_same(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    text = (ROOT / "provisioning.yaml").read_text("utf-8")
    application = yaml.safe_load(text)["applications"][NAME]
    folder, schema, back = str(CONTOSO), tmp_path / "schema.json", tmp_path / "back.yaml"
    people = written(tmp_path / "people.json", json.dumps({"value": assigned(application)}))
    roles = [{"id": one["name"], "displayName": one["name"], **one} for one in application["roles"]]
    principal = written(tmp_path / "principal.json", json.dumps({"appRoles": roles}))
    ours = written(
        tmp_path / "ours.yaml",
        text,
        ("examples/contoso", folder),
        ("http://127.0.0.1:8080/v2", sandbox.url),
        ("IPASS_SECRET_TOKEN", TOKEN_NAME),
    )
    assert command("--config", ours, "export", "entra", NAME, "--out", schema).code == 0

    made = command(
        *("import", "entra", "--schema", schema, "--name", NAME),
        *("--assignments", people, "--roles", principal),
    )

    assert made.code == 0, made.text
    assert "switched off" not in made.err
    written(
        back,
        made.out,
        ("people.csv", f"{folder}/users.csv"),
        ("groups: groups.yaml", f"groups: {folder}/groups.yaml"),
        ("https://todo.example/scim/v2", sandbox.url),
        ("IPASS_SMARTCONNECT_SECRET_TOKEN", TOKEN_NAME),
        ("default_access: include", f"registered_domains: {application['registered_domains']}"),
    )
    operations = planned(ours)
    assert operations
    assert planned(back) == operations
