"""
The hooks: ours are local and need no network, and the one for users is what it says.

Where a hook runs, every proxy leads nowhere and pip has no index, so a hook that
installs something fails.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reconciler.workflow.start import start_project
from tests.e2e.actions import git
from tests.e2e.hub import edit

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CONFIG = ROOT / ".pre-commit-config.yaml"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A new project under git, with our hooks and our tools."""
    folder = tmp_path / "project"
    start_project(folder / "provisioning.yaml")
    shutil.copy(CONFIG, folder)
    (folder / ".venv").symlink_to(BIN.parent)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--", ".", ":(exclude).venv")
    return folder


def pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit where nothing can be fetched."""
    offline = {
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"),
        "PIP_NO_INDEX": "1",
        "PATH": os.environ["PATH"],
        "PRE_COMMIT_HOME": str(folder / ".git" / "pre-commit"),
        "HOME": str(folder / ".git"),
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=folder,
        env=offline,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "file"),
    [
        pytest.param("validate-config", CONFIG, id="our hooks"),
        pytest.param("validate-manifest", ROOT / ".pre-commit-hooks.yaml", id="hooks for users"),
    ],
)
def test_the_hooks_are_well_formed(tmp_path: Path, command: str, file: Path) -> None:
    done = pre_commit(tmp_path, command, str(file))

    assert (done.returncode, done.stdout) == (0, "")


def test_our_hooks_are_local() -> None:
    repositories = yaml.safe_load(CONFIG.read_text("utf-8"))["repos"]

    assert [one["repo"] for one in repositories] == ["local"]
    assert {hook["language"] for hook in repositories[0]["hooks"]} == {"system"}


def test_the_validate_hook_passes_a_new_project_offline(repository: Path) -> None:
    done = pre_commit(repository, "run", "--all-files", "reconciler-validate")

    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout


def test_the_validate_hook_stops_a_commit_and_says_why(repository: Path) -> None:
    edit(repository / "provisioning.yaml", "group: Staff, role: User", "group: Staff, role: Usr")
    git(repository, "add", "provisioning.yaml")
    done = pre_commit(repository, "run", "reconciler-validate")

    assert done.returncode == 1
    assert "unknown-role" in done.stdout
