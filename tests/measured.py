"""
What a harness has measured, as a file: `build/reliability/<name>.json`.

The page on reliability is written from these files; none of them is kept in git.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "reliability"

Figure = str | int | float


def write_down(
    name: str,
    title: str,
    command: str,
    seconds: float,
    figures: Mapping[str, object],
    rows: Sequence[Mapping[str, object]] = (),
) -> Path:
    """Write what one run of a harness came to, and return where."""
    asked = ["git", "rev-parse", "HEAD"]  # whichever git the developer has
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    measured = {
        "name": name,
        "title": title,
        "command": command,
        "commit": commit.stdout.strip() or "unknown",
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round(seconds, 1),
        "figures": dict(figures),
        "rows": [dict(row) for row in rows],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
