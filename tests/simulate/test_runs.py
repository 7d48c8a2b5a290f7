"""Two thousand runs in trouble, none of which breaks a promise."""

import pytest

from tests.simulate import run

CHUNKS, COMPANIES = 20, 30
"""Six hundred companies, with three or four runs each."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_happens_every_promise_is_kept(chunk: int) -> None:
    tally = run(range(chunk * COMPANIES, (chunk + 1) * COMPANIES))

    assert tally.applies >= 85, "20 chunks are to be 2,000 runs"
    assert tally.mutations > COMPANIES
    assert tally.failures == [], f"make simulate SEED={tally.failing()[0]} RUNS=1"


def test_a_seed_is_a_company_and_always_the_same() -> None:
    first: list[str] = []
    second: list[str] = []

    run([7], first.append)
    run([3, 5])
    run([7], second.append)

    assert [line for line in first if " eq " not in line] == [
        line for line in second if " eq " not in line
    ]
