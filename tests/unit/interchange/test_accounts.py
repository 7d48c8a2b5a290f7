"""What `import scim` says of live accounts: neither more nor less than a plan would do."""

import pytest

from reconciler.interchange.accounts import adopt
from tests.worlds import MemoryTarget, application

GUEST = "ada_home.example#EXT#@contoso.example"


def test_ruling_7_an_account_without_active_is_on_and_nothing_is_said_of_it() -> None:
    target = MemoryTarget()
    target.add_user("t-1", "ada@contoso.example", externalId="ada", active=None)

    assert adopt(application(), target.live()).notes == []


@pytest.mark.parametrize("name", [GUEST, "ada_home.example#EXT#@elsewhere.example"])
def test_a_guest_whom_the_mapping_would_rename_is_told(name: str) -> None:
    target = MemoryTarget()
    target.add_user("t-1", name, externalId="ada", active=True)

    [note] = adopt(application(), target.live()).notes

    assert note == "userName: the mapping yields something else for 1; a link would write it"
