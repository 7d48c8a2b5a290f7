"""
INV-31 to INV-34: nothing that comes in harms, and what it costs is bounded.

Everyday, every 40th input goes in; slow, all of them. In a process of its own, with
256 MiB more than it needs, and five seconds of computing for each.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.hostile.corpus import COUNTS, ROOT, corpus
from tests.measured import write_down


def let_in(*arguments: str, seconds: float) -> tuple[list[Any], Any]:
    """Run the corpus; return what got through, and the figures."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.hostile.run", *arguments],
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # threads reserve what they do not use
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line]
    assert lines, ended.stderr[-2000:]
    assert "figures" in lines[-1], f"it died after {lines}: {ended.stderr[-2000:]}"
    return lines[:-1], lines[-1]["figures"]


def test_the_corpus_is_as_large_as_it_says_and_always_the_same() -> None:
    assert sum(COUNTS.values()) >= 2_000
    for category in ("unicode", "paths", "regex"):
        first, second = list(corpus(category)), list(corpus(category))
        assert first == second
        assert len(first) == COUNTS[category]


def test_hostile_input_is_taken_or_refused_in_words() -> None:
    bad, figures = let_in("--every", "40", seconds=300)

    assert bad == []
    assert figures["inputs"] > 50


@pytest.mark.measured
def test_all_hostile_input_is_taken_or_refused_in_words() -> None:
    begun = time.monotonic()

    bad, figures = let_in(seconds=1_800)

    told = {
        "inputs": figures["inputs"],
        "crashes, hangs, escapes": len(bad),
        "slowest, seconds of computing": figures["slowest"],
        "most memory beyond a warm process, MiB": figures["MiB"],
    }
    rows = [{"category": name, **figures[name]} for name in COUNTS]
    seconds = time.monotonic() - begun
    write_down("hostile", "Hostile input", "make reliability", seconds, told, rows)
    assert bad == []
    assert figures["inputs"] == sum(COUNTS.values())
