"""The keys under `trust:`, as `validate` sees them."""

from typing import Any

import pytest

from tests.e2e.company import Company
from tests.signing import private_pem, public_pem, settings_of

GRACE = {"public_key": "keys/grace.pub", "roles": ["approver"]}


def validated(company: Company, keys: dict[str, Any]) -> str:
    company.top = {"trust": {"keys": keys}}
    company.write()
    ended = company.run("validate")
    assert ended.code == (3 if "error" in ended.err else 0), ended.text
    return ended.err


def write(company: Company, name: str, text: str) -> None:
    path = company.folder / "keys" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_keys_from_a_file_and_in_the_file(company: Company) -> None:
    write(company, "grace.pub", public_pem("grace"))
    inline = settings_of({"heidi": ["planner"]})["keys"]

    assert "error" not in validated(company, {"grace": GRACE, **inline})


def test_a_file_that_is_not_there(company: Company) -> None:
    said = validated(company, {"grace": GRACE})

    assert "error[missing-public-key]: the public key of grace cannot be read" in said
    assert '"public_key": "keys/grace.pub"' in said


@pytest.mark.parametrize("text", ["", "ssh-ed25519 AAAA grace", "-----BEGIN PUBLIC KEY-----\n"])
def test_a_file_that_is_no_key(company: Company, text: str) -> None:
    write(company, "grace.pub", text)

    assert "error[bad-public-key]: the public key of grace is no public key" in validated(
        company, {"grace": GRACE}
    )


@pytest.mark.parametrize("place", ["a file", "the configuration"])
def test_a_private_key_is_refused_and_not_shown(company: Company, place: str) -> None:
    pem = private_pem("grace").decode()
    write(company, "grace.pub", pem)
    entry = GRACE if place == "a file" else {**GRACE, "public_key": pem}

    said = validated(company, {"grace": entry})
    assert "is a private key; whoever reads it can sign" in said
    assert pem.splitlines()[1] not in said


def test_one_key_under_two_names(company: Company) -> None:
    write(company, "grace.pub", public_pem("grace"))

    said = validated(company, {"grace": GRACE, "heidi": GRACE})
    assert "error[repeated-signer]: `trust.keys`: grace and heidi have the same key" in said


def test_every_key_that_is_wrong_is_told(company: Company) -> None:
    write(company, "heidi.pub", "")
    heidi = {**GRACE, "public_key": "keys/heidi.pub"}

    said = validated(company, {"grace": GRACE, "heidi": heidi})
    assert "missing-public-key" in said
    assert "bad-public-key" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"approvals_expire": "1w"}, "must be a number of hours or days", id="weeks"),
        pytest.param({"keys": {"a b": GRACE}}, "must be letters, digits", id="a name with a blank"),
        pytest.param({"keys": {"grace": {"public_key": "x"}}}, "`roles` is missing", id="no roles"),
        pytest.param(
            {"keys": {"grace": {**GRACE, "roles": ["boss"]}}}, 'cannot be "boss"', id="a role"
        ),
        pytest.param({"signed_plans": "required"}, "no key has the role planner", id="nobody"),
    ],
)
def test_what_the_file_cannot_say(company: Company, changes: dict[str, Any], said: str) -> None:
    company.top = {"trust": changes}
    company.write()
    ended = company.run("validate")

    assert (ended.code, said in ended.err) == (3, True), ended.err
