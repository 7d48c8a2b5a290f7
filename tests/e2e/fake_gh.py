"""
Stands in for ``gh``, the one program of the templates that needs GitHub itself.

Knows four requests, and keeps what GitHub would keep in the JSON file that
``FAKE_GITHUB`` names: ``{"pulls": {number: pull}, "comments": {number: [comment]}}``.
Anything else ends with 1, so that a step which asks for more does not pass.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

REPOSITORY = "repos/contoso/access"


def main(arguments: list[str]) -> Any:
    """Answer one call of ``gh api``."""
    if not os.environ.get("GH_TOKEN") or arguments[:1] != ["api"]:
        sys.exit(1)
    match arguments[1:]:
        case ["--paginate", "--slurp", path]:
            return [answer(hub(), path.removesuffix("?per_page=100"))]
        case ["--method", "POST", path, "--field", field]:
            return comment(path, None, body(field))
        case ["--method", "PATCH", path, "--field", field]:
            return comment(path, int(path.rpartition("/")[2]), body(field))
    return sys.exit(1)


def hub() -> Any:
    """Return everything that GitHub knows."""
    return json.loads(Path(os.environ["FAKE_GITHUB"]).read_text("utf-8"))


def answer(known: Any, path: str) -> Any:
    """Return one page of a list."""
    if found := re.fullmatch(f"{REPOSITORY}/commits/([0-9a-f]{{40}})/pulls", path):
        return [pull for pull in known["pulls"].values() if pull["merge_commit_sha"] == found[1]]
    if found := re.fullmatch(f"{REPOSITORY}/issues/([0-9]+)/comments", path):
        return known["comments"].get(found[1], [])
    return sys.exit(1)


def body(field: str) -> str:
    """Return the text that ``--field body=@FILE`` names."""
    name, _, path = field.partition("=@")
    return Path(path).read_text("utf-8") if name == "body" else sys.exit(1)


def comment(path: str, known_id: int | None, text: str) -> Any:
    """Add a comment, or change the one with *known_id*."""
    known = hub()
    everything = [one for thread in known["comments"].values() for one in thread]
    if known_id is None:
        found = re.fullmatch(f"{REPOSITORY}/issues/([0-9]+)/comments", path) or sys.exit(1)
        written = {"id": 100 + len(everything), "user": {"login": "github-actions[bot]"}}
        known["comments"].setdefault(found[1], []).append(written)
    else:
        written = next(one for one in everything if one["id"] == known_id)
    written["body"] = text
    Path(os.environ["FAKE_GITHUB"]).write_text(json.dumps(known), "utf-8")
    return written


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
