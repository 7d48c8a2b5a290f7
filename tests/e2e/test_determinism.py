"""
The same inputs give the same plan, byte for byte (INV-6), on the example company.

Two sandboxes: one is empty, on the other the plan has been applied. Each hash
seed is a process of its own, which plans against both.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.company import Ended, Sandbox, command
from tests.servers import TOKEN

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = "ipass-smartconnect"
DAY = ("--as-of", "2026-11-23")
"""The day that the data of the example is about."""
SEEDS = range(10)
PLAN_BOTH = """
import sys
from reconciler.cli.main import run
folders, name = sys.argv[1:3], sys.argv[3]
for folder in folders:
    config, out = f"{folder}/provisioning.yaml", f"{folder}/{name}.plan.json"
    flags = ["--no-store", "--as-of", "2026-11-23", "--out", out]
    code = run(["--config", config, "plan", *flags, "ipass-smartconnect"])
    assert code == 0, code
"""


@dataclass
class Office:
    """The example company in a folder of its own, before its sandbox."""

    folder: Path
    sandbox: Sandbox

    def run(self, *arguments: str | Path) -> Ended:
        return command("--config", self.folder / "provisioning.yaml", *arguments)

    def plan(self, name: str, *arguments: str | Path) -> bytes:
        """Plan without storing, and return the bytes of the body."""
        out = self.folder / f"{name}.plan.json"
        ended = self.run("plan", "--no-store", *DAY, "--out", out, *arguments, APPLICATION)
        assert ended.code == 0, ended.text
        return self.body(name)

    def body(self, name: str) -> bytes:
        """Return the bytes of the body of a plan that was written."""
        data = (self.folder / f"{name}.plan.json").read_bytes()
        start, end = data.index(b'"body":'), data.rindex(b',"digest":')
        return data[start:end]


def opened(folder: Path, sandbox: Sandbox) -> Office:
    text = (ROOT / "provisioning.yaml").read_text("utf-8")
    text = text.replace("http://127.0.0.1:8080/v2", sandbox.url)
    text = text.replace("rate_limit: 25 ", "rate_limit: 0 ")
    folder.mkdir()
    (folder / "provisioning.yaml").write_text(text, "utf-8")
    shutil.copytree(ROOT / "examples" / "contoso", folder / "examples" / "contoso")
    return Office(folder, sandbox)


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Office]]:
    """The company before its first apply, and after it."""
    folder = tmp_path_factory.mktemp("determinism")
    domains = ("contoso.example", "contoso.co.uk")
    with pytest.MonkeyPatch.context() as patch, Sandbox(domains) as one, Sandbox(domains) as other:
        patch.setenv("IPASS_SECRET_TOKEN", TOKEN)
        before, after = opened(folder / "before", one), opened(folder / "after", other)
        assert after.run("plan", *DAY, APPLICATION).code == 0
        plan = next((after.folder / "plans" / APPLICATION).glob("*.plan.json"))
        ended = after.run("apply", "--auto-approve", plan)
        assert ended.code == 0, ended.text
        yield {"before": before, "after": after}


@pytest.fixture(scope="module")
def seeded(offices: dict[str, Office]) -> dict[str, list[bytes]]:
    """The bodies by state, one per hash seed; two processes at a time."""
    folders = [str(office.folder) for office in offices.values()]
    for seed in SEEDS[::2]:
        processes = [_planning(folders, number) for number in (seed, seed + 1)]
        for process in processes:
            output, _ = process.communicate(timeout=60)
            assert process.returncode == 0, output
    return {
        name: [office.body(f"seed-{seed}") for seed in SEEDS] for name, office in offices.items()
    }


def _planning(folders: list[str], seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PLAN_BOTH, *folders, f"seed-{seed}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("state", ["before", "after"])
def test_two_runs_give_the_same_bytes(state: str, offices: dict[str, Office]) -> None:
    office = offices[state]

    assert office.plan("one") == office.plan("two")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["before", "after"])
def test_ten_hash_seeds_give_the_same_bytes(
    state: str, offices: dict[str, Office], seeded: dict[str, list[bytes]]
) -> None:
    expected = offices[state].plan("one")

    assert [seed for seed, body in zip(SEEDS, seeded[state], strict=True) if body != expected] == []


def test_the_example_has_work_before_the_apply_and_none_after(offices: dict[str, Office]) -> None:
    before, after = (offices[name].plan("one") for name in ("before", "after"))

    assert operations(before) > 182
    assert operations(after) == 0


def operations(body: bytes) -> int:
    value: Any = json.loads(b"{" + body + b"}")
    return len(value["body"]["operations"])


@pytest.mark.parametrize("state", ["before", "after"])
def test_a_saved_live_state_gives_the_same_bytes_without_a_request(
    state: str, offices: dict[str, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = offices[state]
    live = office.folder / "live.json"
    expected = office.plan("saving", "--save-live", live)
    office.sandbox.requests.clear()
    monkeypatch.delenv("IPASS_SECRET_TOKEN")

    assert office.plan("offline", "--offline-live", live) == expected
    assert office.sandbox.requests == []
    again = office.folder / "again.json"
    office.plan("saved-again", "--offline-live", live, "--save-live", again)
    assert again.read_bytes() == live.read_bytes()
