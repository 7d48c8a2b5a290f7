import os
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from reconciler.config.export import json_schema
from reconciler.diagnostics import ConfigError
from reconciler.workflow.check_config import check_config
from reconciler.workflow.project import open_project
from reconciler.workflow.run_tests import run_tests
from reconciler.workflow.start import STARTER, start_project
from reconciler.workflow.wiring import Wiring
from tests.worlds import AS_OF, MIDNIGHT

EXAMPLES = Path(__file__).parents[3] / "examples" / "ci" / "github"


def everything(folder: Path) -> dict[str, bytes]:
    """Return all files below *folder*."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def codes(error: ConfigError) -> list[str]:
    return [one.code for one in error.diagnostics]


def test_a_new_project_holds_what_it_says_it_wrote(tmp_path: Path) -> None:
    written = start_project(tmp_path / "provisioning.yaml")

    assert sorted(everything(tmp_path)) == sorted(
        str(path.relative_to(tmp_path)) for path in written
    )
    assert {path.name for path in written} >= {"provisioning.yaml", ".gitignore", "people.csv"}


def test_a_new_project_is_valid_without_a_warning(tmp_path: Path) -> None:
    start_project(tmp_path / "provisioning.yaml")
    project = open_project(tmp_path / "provisioning.yaml")

    assert check_config(project, Wiring(), AS_OF) == ()


def test_the_tests_of_a_new_project_pass(tmp_path: Path) -> None:
    start_project(tmp_path / "provisioning.yaml")
    tested = run_tests(open_project(tmp_path / "provisioning.yaml"), Wiring(), MIDNIGHT)

    assert tested
    assert [one.problems for one in tested if one.problems] == []


def test_the_folder_is_made_when_it_is_missing(tmp_path: Path) -> None:
    start_project(tmp_path / "deep" / "down" / "access.yaml")

    assert open_project(tmp_path / "deep" / "down" / "access.yaml").loaded.config.version == 1


def test_every_key_of_the_file_format_is_shown() -> None:
    text = (files("reconciler.workflow") / "starter" / "provisioning.yaml").read_text("utf-8")
    schema = json_schema()
    models = {**schema["$defs"], "Provisioning": schema}
    missing = [
        f"{name}.{key}"
        for name, model in models.items()
        for key in model.get("properties", {})
        if not re.search(rf"\b{key}:", text)
    ]

    assert missing == []


@pytest.mark.parametrize("place", ["provisioning.yaml", *STARTER.values()])
def test_a_file_in_the_way_is_named_and_nothing_is_written(tmp_path: Path, place: str) -> None:
    taken = tmp_path / place
    taken.parent.mkdir(parents=True, exist_ok=True)
    taken.write_text("mine", "utf-8")

    with pytest.raises(ConfigError) as caught:
        start_project(tmp_path / "provisioning.yaml")

    assert codes(caught.value) == ["already-there"]
    assert str(taken) in str(caught.value)
    assert everything(tmp_path) == {place: b"mine"}


def test_every_file_in_the_way_is_named_at_once(tmp_path: Path) -> None:
    start_project(tmp_path / "provisioning.yaml")
    before = everything(tmp_path)

    with pytest.raises(ConfigError) as caught:
        start_project(tmp_path / "provisioning.yaml")

    assert codes(caught.value) == ["already-there"] * len(before)
    assert everything(tmp_path) == before


def test_a_link_to_nowhere_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / "people.csv").symlink_to(tmp_path / "elsewhere.csv")

    with pytest.raises(ConfigError) as caught:
        start_project(tmp_path / "provisioning.yaml")

    assert codes(caught.value) == ["already-there"]
    assert not (tmp_path / "elsewhere.csv").exists()


def test_what_cannot_be_written_in_whole_is_not_written_at_all(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file where a folder is needed", "utf-8")

    with pytest.raises(ConfigError) as caught:
        start_project(tmp_path / "provisioning.yaml")

    assert codes(caught.value) == ["unwritable-file"]
    assert os.listdir(tmp_path) == [".github"]


@pytest.mark.parametrize("name", ["plan.yml", "apply.yml"])
def test_the_pipeline_is_the_one_of_the_examples(name: str) -> None:
    packaged = files("reconciler.workflow") / "starter" / name

    assert packaged.read_bytes() == (EXAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", ["plan.yml", "apply.yml"])
def test_the_pipeline_gives_the_token_that_the_configuration_names(
    tmp_path: Path, name: str
) -> None:
    start_project(tmp_path / "provisioning.yaml")
    project = open_project(tmp_path / "provisioning.yaml")
    reference = project.application("example-app").target.secret_token
    workflow = yaml.safe_load((EXAMPLES / name).read_text("utf-8"))
    given = [
        step["env"]
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "secrets." in str(step)
    ]

    assert given
    assert all(env == {reference.env: f"${{{{ secrets.{reference.env} }}}}"} for env in given)
    assert workflow["env"]["STORE"] == project.loaded.config.plans.store


def test_git_keeps_the_store_and_not_its_lock(tmp_path: Path) -> None:
    start_project(tmp_path / "provisioning.yaml")
    ignored = (tmp_path / ".gitignore").read_text("utf-8").splitlines()

    assert {"plans/**/.lock", "plans/**/.run-*"} <= set(ignored)
    assert "plans/" not in ignored


def test_git_takes_the_authorities_that_the_file_shows_and_no_key(tmp_path: Path) -> None:
    start_project(tmp_path / "provisioning.yaml")
    text = (tmp_path / "provisioning.yaml").read_text("utf-8")
    bundles = re.findall(r"ca_bundle: ([\w./-]+)", text)
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    asked = [*git, "check-ignore", *bundles, "me.pem"]
    found = subprocess.run(asked, capture_output=True, check=False, text=True)

    assert len(bundles) > 1
    assert found.stdout.split() == ["me.pem"]


def test_git_puts_no_two_versions_of_a_chain_together_and_changes_no_line_end(
    tmp_path: Path,
) -> None:
    start_project(tmp_path / "provisioning.yaml")
    chain = tmp_path / "plans" / "crm" / "attempts.jsonl"
    chain.parent.mkdir(parents=True)
    who = ["-c", "user.name=ada", "-c", "user.email=ada@contoso.example"]

    def git(*arguments: str, check: bool = True) -> int:
        command = ["git", "-C", str(tmp_path), *who, "-c", "core.autocrlf=true", *arguments]
        return subprocess.run(command, check=check, capture_output=True).returncode

    def commit(data: bytes) -> None:
        chain.write_bytes(data)
        git("add", "-A")
        git("commit", "-qm", "record")

    git("init", "-q", "-b", "main")
    commit(b"1\n")
    git("checkout", "-qb", "other")
    commit(b"1\nother\n")
    git("checkout", "-q", "main")
    assert chain.read_bytes() == b"1\n"
    commit(b"1\nmain\n")

    assert git("merge", "-q", "other", check=False) == 1
    assert chain.read_bytes() == b"1\nmain\n"
    git("checkout", "--theirs", str(chain))
    assert chain.read_bytes() == b"1\nother\n"
