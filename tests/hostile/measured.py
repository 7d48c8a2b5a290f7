"""What a harness measured, as one JSON object in build/reliability."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "build" / "reliability"


def keep(
    name: str,
    title: str,
    command: str,
    seconds: float,
    figures: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write the figures of a run; those of the last one count."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git there is
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    told = {
        "name": name,
        "title": title,
        "command": command,
        "commit": commit,
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round(seconds, 1),
        "figures": dict(figures),
        "rows": list(rows),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
