"""Whoever has children in a nursery, and waits for them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    """Its exit code; the number of a signal, negative, if one ended it."""
    output: str
    hits: Mapping[str, int]
    """How often it reached each point; nothing of a process that was killed."""


class Parent:
    """Has commands run, one after the other or some at the same time."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Start the nursery; *folder* is for what children leave behind."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(self, folder: Path, *arguments: str, **order: Any) -> Ended:
        """Run one command in *folder*."""
        return self.run_all([{"folder": str(folder), "arguments": arguments, **order}])[0]

    def run_all(
        self,
        orders: Sequence[Mapping[str, Any]],
        born: Callable[[Mapping[int, int]], None] = lambda children: None,
    ) -> list[Ended]:
        """Run several at the same time; *born* is told their processes, by their place."""
        names = [str(self._folder / f"child-{number}") for number in range(len(orders))]
        whole = [
            {**order, "output": f"{name}.txt", "hits": f"{name}.json"}
            for order, name in zip(orders, names, strict=True)
        ]
        for name in names:
            Path(f"{name}.json").unlink(missing_ok=True)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(whole) + "\n")
        born({int(number): child for number, child in self._answer().items()})
        codes = dict(self._answer() for _ in orders)
        return [_ended(codes[number], name) for number, name in enumerate(names)]

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery is gone"
        return json.loads(line)

    def close(self) -> None:
        """End the nursery."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _ended(code: int, name: str) -> Ended:
    hits = Path(f"{name}.json")
    said = Path(f"{name}.txt")
    return Ended(
        code,
        said.read_text("utf-8", "replace") if said.exists() else "",
        json.loads(hits.read_text("utf-8") or "{}") if hits.exists() else {},
    )
