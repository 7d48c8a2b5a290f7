"""What needs no socket; the rest is in tests/contract."""

import pytest

from reconciler.live.auth import BearerAuth
from reconciler.live.transport import Transport, full_jitter
from reconciler.scim.errors import TargetMisbehaved
from tests.servers import FakeClock


def test_jitter_stays_below_what_it_is_given_and_varies() -> None:
    waits = {full_jitter(4.0) for _ in range(50)}

    assert all(0 <= wait <= 4 for wait in waits)
    assert len(waits) > 1


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_s11_a_path_that_would_be_tidied_up_is_not_sent(segment: str) -> None:
    """The id is looked at before, and this is the second look: nobody listens at that port."""
    transport = Transport("http://127.0.0.1:1/v2", BearerAuth.of("token"), FakeClock())

    with pytest.raises(TargetMisbehaved, match="cannot be part of a path"):
        transport.send("DELETE", ("Users", segment))
