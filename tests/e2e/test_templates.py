"""What must hold of the text of the shipped GitHub Actions templates (reliability.md, S24)."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.actions import INSTALL
from tests.e2e.hub import APPLY, PLAN

TEMPLATES = pytest.mark.parametrize("template", [PLAN, APPLY], ids=lambda path: path.stem)


def steps(template: Path) -> list[dict[str, Any]]:
    """Return all steps of all jobs."""
    jobs = yaml.safe_load(template.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@TEMPLATES
def test_s24_nothing_from_outside_is_pasted_into_a_script(template: Path) -> None:
    assert not [step for step in steps(template) if "${{" in step.get("run", "")]


@TEMPLATES
def test_s24_actions_are_pinned_by_commit(template: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", template.read_text("utf-8"))

    assert used
    for action, comment in used:
        assert re.fullmatch(r"[a-z/-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v[0-9]+\.[0-9]+\.[0-9]+", comment)


@TEMPLATES
def test_s24_jobs_begin_without_any_permission(template: Path) -> None:
    document = yaml.safe_load(template.read_text("utf-8"))

    assert document["permissions"] == {}
    assert all("permissions" in job for job in document["jobs"].values())


@TEMPLATES
def test_s24_secrets_are_seen_by_the_steps_that_need_them_alone(template: Path) -> None:
    seeing = [step["name"] for step in steps(template) if "secrets." in str(step)]

    assert seeing in (["Plan"], ["Plan again", "Apply"])
    assert template.read_text("utf-8").count("secrets.") == len(seeing)


@TEMPLATES
def test_the_program_is_installed_isolated_and_pinned(template: Path) -> None:
    environment = yaml.safe_load(template.read_text("utf-8"))["env"]
    installs = [step["run"] for step in steps(template) if step.get("name") == INSTALL]

    assert re.fullmatch(r"scim-reconciler==[0-9.]+", environment["RECONCILER"])
    assert installs
    assert all("-I -m pip install" in run and '"$RECONCILER"' in run for run in installs)


def test_s24_pull_requests_never_run_with_the_rights_of_the_base_branch() -> None:
    # YAML 1.1 reads the key `on` as true
    triggers = yaml.safe_load(PLAN.read_text("utf-8"))[True]

    assert list(triggers) == ["pull_request"]
