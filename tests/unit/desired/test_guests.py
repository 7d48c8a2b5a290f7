"""B2B guests: expressions see the name from home, as Entra's do (entra.md, section 1.8)."""

import pytest

from reconciler.desired import Judge
from reconciler.expr import Value
from reconciler.mapping import as_entra_sees
from reconciler.scim.schema import CORE
from tests.worlds import MIDNIGHT, USER_MAPPINGS, directory, group, person
from tests.worlds import application as make_application

NAME, RAW = "userPrincipalName", "originalUserPrincipalName"


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("ada_home.example#EXT#@contoso.example", "ada@home.example"),
        ("ada_l_home.example#EXT#@contoso.example", "ada_l@home.example"),
        ("zoë_home.example#EXT#@contoso.example", "zoë@home.example"),
        ("ada#EXT#@contoso.example", "ada"),
        ("ada@contoso.example", "ada@contoso.example"),
        ("ada_home.example@contoso.example", "ada_home.example@contoso.example"),
    ],
    ids=str,
)
def test_a_guest_has_the_name_from_home(written: str, seen: str) -> None:
    attributes: dict[str, Value] = {NAME: written}

    assert as_entra_sees(attributes)[NAME] == seen
    assert attributes.get(RAW) == (written if written != seen else None)


@pytest.mark.parametrize("value", [None, ("a", "b"), ""], ids=["absent", "a list", "empty"])
def test_what_is_no_name_stays_as_it_is(value: Value) -> None:
    assert as_entra_sees({NAME: value}) == {NAME: value}


def test_a_name_that_the_source_gives_itself_is_not_replaced() -> None:
    given: dict[str, Value] = {NAME: "a_b.example#EXT#@c.example", RAW: "kept"}

    assert as_entra_sees(given)[RAW] == "kept"


def test_a_guest_is_written_under_the_name_from_home_and_known_by_it() -> None:
    guest = person("ada", userPrincipalName="ada_home.example#EXT#@contoso.example")
    mappings = [*USER_MAPPINGS, {"target": "nickName", "source": RAW}]
    application = make_application(mappings={"users": mappings})
    groups = [group("g-staff", "Staff", "ada")]

    judge = Judge(application, directory([guest], groups), MIDNIGHT, CORE)
    [candidate] = judge.state().users

    assert candidate.key == "ada@home.example"
    assert candidate.desired is not None
    assert candidate.desired.created["userName"] == "ada@home.example"
    assert candidate.desired.created["nickName"] == "ada_home.example#EXT#@contoso.example"
