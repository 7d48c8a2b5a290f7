"""INV-1: nothing is concluded from a listing that was not proved complete."""

import pytest

from reconciler.states import Listing, LiveState
from reconciler.workflow.make_plan import ReadIncomplete, require_complete
from tests.worlds import CAPABILITIES, listing

WHOLE = listing([{"id": "u1"}])
BROKEN = Listing((), 7, complete=False, problem="page 2 repeats a resource")
UNSAID = Listing((), 7, complete=False)


@pytest.mark.parametrize("groups", [None, WHOLE], ids=["no groups", "groups"])
def test_listings_that_are_whole_are_used(groups: Listing | None) -> None:
    require_complete(LiveState(CAPABILITIES, WHOLE, groups))


@pytest.mark.parametrize(
    ("users", "groups", "said"),
    [
        pytest.param(BROKEN, WHOLE, "page 2 repeats a resource", id="of users"),
        pytest.param(WHOLE, BROKEN, "page 2 repeats a resource", id="of groups"),
        pytest.param(UNSAID, None, "the read is not complete", id="without a reason"),
    ],
)
def test_inv_1_a_listing_that_is_not_whole_is_refused(
    users: Listing, groups: Listing | None, said: str
) -> None:
    with pytest.raises(ReadIncomplete, match=said):
        require_complete(LiveState(CAPABILITIES, users, groups))
