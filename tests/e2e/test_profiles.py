"""Profiles, seen from outside: named, written by `probe`, pinned by the policy."""

from pathlib import Path

import pytest

from tests.e2e.company import Company, Sandbox
from tests.servers import FaultServer

PROFILE = "extends: generic\nlimits: {burst: 9}\n"


def put(company: Company, text: str, name: str = "profiles/own.yaml") -> Path:
    """Write a profile into the company's folder."""
    file = company.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_a_plan_says_which_profile_it_was_made_with(company: Company) -> None:
    put(company, PROFILE)
    company.target = {"profile": "profiles/own.yaml"}
    company.settle()

    assert company.body()["target"]["profile"] == "profiles/own.yaml"
    company.plan("--detailed-exitcode")


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("keyclok", 'did you mean "keycloak"?'),
        ("profiles/none.yaml", "there is no profile profiles/none.yaml"),
        ("../own.yaml", "error[unsafe-path]"),
        ("p" * 250 + ".ä", "error[unknown-profile]"),
    ],
)
def test_a_profile_that_is_not_there(
    profile: str, said: str, company: Company, sandbox: Sandbox
) -> None:
    company.target = {"profile": profile}

    ended = company.plan(code=3)

    assert said in ended.err
    assert "Traceback" not in ended.text
    assert sandbox.requests == []


def test_a_profile_with_a_mistake_is_shown_with_its_line(company: Company) -> None:
    file = put(company, "extends: generic\nlimits: {burts: 9}\n")
    company.target = {"profile": "profiles/own.yaml"}

    ended = company.plan(code=3)

    assert f"{file}:2:10: error[unknown-key]" in ended.err
    assert "2 | limits: {burts: 9}" in ended.err
    assert 'did you mean "burst"?' in ended.err


def test_ruling_17_a_plan_is_bound_to_what_its_profile_says(company: Company) -> None:
    company.target = {"profile": "profiles/own.yaml"}
    digests = []
    for text in (PROFILE, PROFILE + "bulk: {use: never}\n"):
        put(company, text)
        company.plan()
        digests.append(company.body()["inputs"]["config_sha256"])

    assert digests[0] != digests[1]


# the policy


def kept(company: Company, text: str) -> Path:
    """Keep the company's present file and a profile as the policy, in a checkout of its own."""
    company.write()
    policy = company.folder.parent / "base" / "provisioning.yaml"
    (policy.parent / "profiles").mkdir(parents=True)
    policy.write_text(company.file.read_text("utf-8"), "utf-8")
    (policy.parent / "profiles" / "own.yaml").write_text(text, "utf-8")
    return policy


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(PROFILE, 0, id="the same"),
        pytest.param(f"# said better\n{PROFILE}tested: crm 4.2\n", 0, id="only words for people"),
        pytest.param("extends: generic\nlimits: {burst: 10}\n", 3, id="another limit"),
        pytest.param(f"{PROFILE}paging: {{max: 7}}\n", 3, id="one flag more"),
    ],
)
def test_ruling_17_policy_pins_what_a_profile_says_and_not_only_its_name(
    text: str, code: int, company: Company, sandbox: Sandbox
) -> None:
    company.target = {"profile": "profiles/own.yaml"}
    put(company, PROFILE)
    policy = kept(company, PROFILE)
    put(company, text)

    ended = company.plan("--policy", policy, code=code)

    assert ("policy-target" in ended.err) is (code == 3)
    assert bool(sandbox.requests) is (code == 0)


# probe --write-profile


def test_probe_writes_a_profile_that_can_be_used(settled: Company, sandbox: Sandbox) -> None:
    file = settled.folder / "profiles" / "own.yaml"
    sandbox.requests.clear()

    ended = settled.run("probe", "--write-profile", file, "app")

    assert (ended.code, f"wrote {file}" in ended.err) == (0, True)
    assert sandbox.writes == []
    assert "mode: index" in file.read_text("utf-8")
    settled.target = {"profile": "profiles/own.yaml"}
    settled.plan("--detailed-exitcode")


def test_probe_never_writes_over_a_file(settled: Company) -> None:
    file = put(settled, PROFILE)

    ended = settled.run("probe", "--write-profile", file, "app")

    assert (ended.code, "already-there" in ended.err) == (3, True)
    assert file.read_text("utf-8") == PROFILE


def test_probe_of_a_service_that_says_nothing_of_itself(company: Company) -> None:
    file = company.folder / "own.yaml"
    with FaultServer() as server:
        company.url = server.url
        company.write()

        ended = company.run("probe", "--write-profile", file, "app")

    assert ended.code == 0
    text = file.read_text("utf-8")
    assert "discovery: none" in text
    assert "# left out: list.members: no group that was looked at has members" in text
    assert server.writes == []
