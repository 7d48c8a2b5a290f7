"""What needs no socket; the rest is in tests/contract."""

from reconciler.live.transport import full_jitter


def test_jitter_stays_below_what_it_is_given_and_varies() -> None:
    waits = {full_jitter(4.0) for _ in range(50)}

    assert all(0 <= wait <= 4 for wait in waits)
    assert len(waits) > 1
