"""Pages that another process works out."""

import json
from collections.abc import Iterator
from functools import partial

import pytest

from reconciler.config.model import AttributeMapping
from reconciler.expr import Surroundings
from reconciler.live.proved import ROWS, Proof
from reconciler.live.proving import Prover
from reconciler.plan.sight import Sight
from reconciler.ports import Notes
from reconciler.scim.capabilities import Capabilities

MAPPINGS = (
    AttributeMapping(target="userName", source="userPrincipalName", match=1),
    AttributeMapping(target="active", expression='Switch([IsSoftDeleted], , "False", "True")'),
)
TOLD = Capabilities.from_discovery(None, None, None).to_json()
MADE = partial(Sight.of, MAPPINGS, TOLD, Surroundings(), b"secret")


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """One process for all tests."""
    found = Prover(MADE)
    yield found
    found.close()


def page(*names: str) -> bytes:
    """Return a page of users."""
    users = [{"id": name, "userName": f"{name}@contoso.example", "active": True} for name in names]
    return json.dumps({"totalResults": len(users), ROWS: users}).encode()


def test_it_finds_what_is_found_here(prover: Prover) -> None:
    here, body = Proof(Notes(MADE())), page("ada", "bram")

    found = prover.prove(body)()

    assert found is not None
    assert found == here.work_out(body)


@pytest.mark.parametrize("body", [b"{", b'{"Resources": 1}', b'{"a": 1, "a": 2}', b"[1]"])
def test_of_what_it_cannot_read_it_says_nothing(prover: Prover, body: bytes) -> None:
    assert prover.prove(body)() is None


def test_once_it_is_gone_everything_is_left_to_us() -> None:
    prover = Prover(MADE)
    try:
        assert prover.prove(page("ada", "bram"))() is not None
        (process,) = prover._pool._processes.values()
        process.kill()

        assert prover.prove(page("chloe", "dmitri"))() is None
        assert prover.prove(page("elif", "fatima"))() is None
    finally:
        prover.close()


def test_it_is_not_begun_before_there_is_something_to_do() -> None:
    prover = Prover(MADE)

    assert not prover._pool._processes
    prover.close()
