"""S26 and S27: who looks like somebody else is neither matched nor created (decision 8)."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.diff import Pairing
from reconciler.diff.resemblance import Looks
from reconciler.scim.schema import Schemas
from reconciler.states import Candidate, DesiredResource, Standing
from tests.matching import L, S, W, codes, leaving, one, paired, pairs

CYRILLIC = "\u0430dmin"
FLAWED = "ad\u200bmin"
ALIKE = [("p", CYRILLIC), ("a", "strasse"), ("b", "straße")]


def detail(pairing: Pairing, anchor: str) -> str:
    """Return why somebody is rejected."""
    return next(r.detail for r in pairing.rejected if r.candidate.source_id == anchor)


def created(pairing: Pairing) -> list[str]:
    """Return who would be created."""
    return [candidate.source_id for candidate in pairing.unmatched]


# accounts that somebody new would be mistaken for


@pytest.mark.parametrize(
    ("name", "live"),
    [
        pytest.param("straße", "strasse", id="sharp s"),
        pytest.param("STRASSE", "straße", id="the account has the letter beyond ASCII"),
        pytest.param("DİLARA", "dilara", id="a dotted capital I"),
        pytest.param("dılara", "dilara", id="a dotless small i"),
        pytest.param(CYRILLIC, "admin", id="a Cyrillic letter"),
        pytest.param("admin", CYRILLIC, id="the account has the Cyrillic letter"),
        pytest.param("раураӏ", "paypal", id="nothing but Cyrillic letters"),
        pytest.param(FLAWED, "admin", id="an invisible character"),
        pytest.param("ａｄｍｉｎ", "ADMIN", id="fullwidth letters"),
    ],
)
@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_s26_who_looks_like_an_account_is_not_matched_nor_created(
    name: str, live: str, ownership: Any
) -> None:
    pairing = paired([one("p", name)], {"t1": {"userName": live}}, ownership=ownership)

    assert codes(pairing) == {"p": "EntryConflict"}
    assert (pairing.pairs, created(pairing), leaving(pairing)) == ([], [], [])


def test_the_reason_names_the_account_and_what_to_look_for() -> None:
    pairing = paired([one("p", "straße")], {"t1": {"userName": "strasse"}})

    assert detail(pairing, "p") == (
        "userName straße looks like that of account t1, strasse (but for U+00DF)"
    )


@pytest.mark.parametrize(
    ("name", "live"),
    [
        pytest.param("marna", "mama", id="rn and m"),
        pytest.param("paul1", "paull", id="1 and l"),
        pytest.param("b0b", "bob", id="0 and o"),
        pytest.param("müller1", "müllerl", id="1 and l beside another letter"),
        pytest.param("müller", "muller", id="an accent"),
        pytest.param("иван", "ivan", id="letters that look different"),
    ],
)
def test_who_differs_as_directories_do_is_created(name: str, live: str) -> None:
    pairing = paired([one("p", name)], {"t1": {"userName": live}})

    assert (created(pairing), codes(pairing)) == (["p"], {})


@pytest.mark.parametrize(
    ("name", "live"),
    [("MÜLLER", "müller"), ("jose\u0301", "josé"), ("Straße", "straße"), ("ЖАННА", "жанна")],
)
def test_case_and_composition_are_no_look_alike_but_a_match(name: str, live: str) -> None:
    assert pairs(paired([one("p", name)], {"t1": {"userName": live}})) == {"p": "t1"}


def test_where_case_counts_another_case_is_another_name_and_no_look_alike() -> None:
    advertised = {
        "id": "urn:ietf:params:scim:schemas:core:2.0:User",
        "attributes": [{"name": "userName", "type": "string", "caseExact": True}],
    }
    schemas = Schemas.from_discovery([advertised], [])

    pairing = paired([one("p", "ÉVA")], {"t1": {"userName": "éva"}}, schemas=schemas)

    assert (created(pairing), codes(pairing)) == (["p"], {})


# whoever has the account keeps it


@pytest.mark.parametrize("links", [{"owner": "t1"}, {}], ids=["linked", "matched to the letter"])
def test_who_is_looked_like_keeps_the_account(links: dict[str, str]) -> None:
    people = [one("owner", "admin"), one("p", CYRILLIC)]

    pairing = paired(people, {"t1": {"userName": "admin"}}, links)

    assert pairs(pairing) == {"owner": "t1"}
    assert codes(pairing) == {"p": "EntryConflict"}


def test_both_keep_the_accounts_that_they_have() -> None:
    live = {"t1": {"userName": "strasse"}, "t2": {"userName": "straße"}}

    pairing = paired([one("a", "strasse"), one("b", "straße")], live, {"a": "t1"})

    assert (pairs(pairing), codes(pairing)) == ({"a": "t1", "b": "t2"}, {})


def test_who_is_found_by_another_attribute_may_not_take_a_name_that_looks_like_anothers() -> None:
    live = {"t1": {"userName": "admin"}, "t2": {"userName": "p", "externalId": "p"}}

    pairing = paired([one("p", CYRILLIC)], live, ownership="all")

    assert codes(pairing) == {"p": "EntryConflict"}
    assert {"t1", "t2"} <= pairing.kept
    assert leaving(pairing) == []


@pytest.mark.parametrize("links", [{"p": "t1"}, {}], ids=["linked", "found by externalId"])
def test_nobody_looks_like_their_own_account(links: dict[str, str]) -> None:
    """A name that is mended at the source: from strasse to straße."""
    live = {"t1": {"userName": "strasse", "externalId": "p"}}

    assert pairs(paired([one("p", "straße")], live, links)) == {"p": "t1"}


def test_a_linked_person_is_not_renamed_to_what_looks_like_another() -> None:
    live = {"t1": {"userName": "admin"}, "t2": {"userName": "p"}}

    pairing = paired([one("p", CYRILLIC)], live, {"p": "t2"})

    assert codes(pairing) == {"p": "EntryConflict"}
    assert (pairs(pairing), pairing.kept, pairing.account_of) == ({}, {"t1", "t2"}, {"p": "t2"})


def test_a_matching_value_that_only_a_create_writes_is_not_new_to_an_account() -> None:
    person = one("p", CYRILLIC)
    wanted = DesiredResource({"userName": CYRILLIC}, {"externalId": "p"})
    live = {"t1": {"userName": "admin"}, "t2": {"userName": "x", "externalId": "p"}}

    pairing = paired([replace(person, desired=wanted)], live, {"p": "t2"})

    assert pairs(pairing) == {"p": "t2"}


# who leaves, and whom nobody knows


def test_ruling_5_an_account_that_only_looks_like_somebodys_is_not_taken_for_gone() -> None:
    """Rehired with another objectId and another spelling: it may be theirs."""
    pairing = paired([one("new", "straße")], {"t1": {"userName": "strasse"}}, {"old": "t1"})

    assert (leaving(pairing), pairing.kept) == ([], {"t1"})


@pytest.mark.parametrize("links", [{"old": "t1"}, {}], ids=["linked", "matched to the letter"])
def test_who_is_known_to_leave_leaves_whoever_looks_like_them(links: dict[str, str]) -> None:
    people = [one("old", "strasse", L), one("new", "straße")]

    pairing = paired(people, {"t1": {"userName": "strasse"}}, links, ownership="all")

    assert leaving(pairing) == [("old", "t1")]
    assert codes(pairing) == {"new": "EntryConflict"}


def test_ruling_5_the_account_that_the_skipped_look_like_is_kept() -> None:
    live = {"t1": {"userName": "strasse"}}

    pairing = paired([one("s", "straße", S)], live, ownership="all")

    assert (codes(pairing), leaving(pairing)) == ({"s": "InvalidDomain"}, [])
    assert pairing.kept == {"t1"}


# two that are new


def test_two_new_names_that_look_alike_are_both_rejected() -> None:
    pairing = paired([one("a", "strasse"), one("b", "straße")], {})

    assert codes(pairing) == dict.fromkeys("ab", "DuplicateSourceEntries")
    assert created(pairing) == []
    assert detail(pairing, "a") == (
        "userName strasse looks like that of source object b, straße (but for U+00DF)"
    )


def test_of_two_that_look_alike_only_the_one_without_an_account_is_rejected() -> None:
    people = [one("a", "strasse"), one("b", "straße")]

    pairing = paired(people, {"t2": {"userName": "straße"}})

    assert pairs(pairing) == {"b": "t2"}
    assert codes(pairing) == {"a": "EntryConflict"}


@pytest.mark.parametrize("standing", [L, Standing.DISABLED, Standing.DELETED])
def test_who_leaves_without_an_account_claims_no_looks(standing: Standing) -> None:
    pairing = paired([one("a", "strasse", standing), one("b", "straße")], {})

    assert (created(pairing), codes(pairing)) == (["b"], {})


def test_ruling_5_who_is_skipped_claims_the_looks_of_the_name() -> None:
    pairing = paired([one("s", "strasse", S), one("b", "straße")], {})

    assert codes(pairing) == {"s": "InvalidDomain", "b": "DuplicateSourceEntries"}


def test_two_renames_to_names_that_look_alike_are_both_rejected() -> None:
    live = {"t1": {"userName": "x"}, "t2": {"userName": "y"}}

    pairing = paired([one("a", "strasse"), one("b", "straße")], live, {"a": "t1", "b": "t2"})

    assert codes(pairing) == dict.fromkeys("ab", "DuplicateSourceEntries")
    assert (pairing.kept, leaving(pairing)) == ({"t1", "t2"}, [])


def test_names_of_different_attributes_are_not_compared() -> None:
    pairing = paired([one("a", "a", title="straße"), one("b", "strasse")], {})

    assert created(pairing) == ["a", "b"]


# names that nobody is to be known by


@pytest.mark.parametrize("name", [CYRILLIC, FLAWED, "\u202eadmin", "αdmin", "ad\tmin"])
def test_s26_a_flawed_name_is_not_created(name: str) -> None:
    pairing = paired([one("p", name)], {})

    assert (codes(pairing), created(pairing)) == ({"p": "UnprocessableEntity"}, [])


def test_s26_a_flawed_name_is_not_matched_and_the_account_is_kept() -> None:
    pairing = paired([one("p", FLAWED)], {"t1": {"userName": FLAWED}}, ownership="all")

    assert codes(pairing) == {"p": "UnprocessableEntity"}
    assert (pairs(pairing), pairing.kept, leaving(pairing)) == ({}, {"t1"}, [])


def test_a_linked_account_with_a_flawed_name_is_updated_as_usual() -> None:
    live = {"t1": {"userName": FLAWED, "externalId": "p"}}

    assert pairs(paired([one("p", FLAWED)], live, {"p": "t1"})) == {"p": "t1"}


def test_a_linked_account_is_not_given_a_flawed_name_anew() -> None:
    pairing = paired([one("p", FLAWED)], {"t1": {"userName": "p"}}, {"p": "t1"})

    assert codes(pairing) == {"p": "UnprocessableEntity"}
    assert pairing.kept == {"t1"}


@pytest.mark.parametrize(
    "name", ["иван", "νίκος", "田中ABC", "José", "Łukasz", "İpek", "jose\u0301"]
)
def test_a_name_in_one_script_is_created(name: str) -> None:
    assert created(paired([one("p", name)], {})) == ["p"]


# the name that a create writes


def by_external_id(anchor: str, user_name: str) -> Candidate:
    """Return somebody who is matched by externalId alone."""
    written = {"username": user_name, "externalId": anchor}
    matching = (("externalId", anchor),)
    wanted = DesiredResource(written, written)
    return Candidate(anchor, anchor, W, "", matching, external_id=anchor, desired=wanted)


def test_the_name_that_a_create_writes_is_judged_also_when_nothing_is_matched_by_it() -> None:
    live = {"t1": {"userName": "admin"}}

    pairing = paired([by_external_id("p", CYRILLIC), by_external_id("q", FLAWED + "x")], live)

    assert codes(pairing) == {"p": "EntryConflict", "q": "UnprocessableEntity"}


def test_a_display_name_of_people_is_no_name_to_tell_them_apart_by() -> None:
    person = one("p")
    written = {"userName": "p", "externalId": "p", "displayName": "Straße"}
    live = {"t1": {"userName": "x", "displayName": "Strasse"}}

    pairing = paired([replace(person, desired=DesiredResource(written, written))], live)

    assert created(pairing) == ["p"]


# what no output may show


def test_a_hidden_name_is_left_out_of_the_reason() -> None:
    people = [replace(one(a, n), redacted=frozenset({"userName"})) for a, n in ALIKE]

    pairing = paired(people, {"t1": {"userName": "admin"}})

    told = " ".join(rejected.detail for rejected in pairing.rejected)
    assert codes(pairing) == {
        "p": "EntryConflict",
        "a": "DuplicateSourceEntries",
        "b": "DuplicateSourceEntries",
    }
    assert not [name for _, name in ALIKE if name in told]
    assert "admin" not in told


# names that may be chosen


@pytest.mark.parametrize(
    ("name", "taken", "suits"),
    [
        pytest.param("ada", ["bob"], True, id="plain among plain"),
        pytest.param("marna", ["mama"], True, id="alike within ASCII"),
        pytest.param("straße", ["strasse"], False, id="like one that is taken"),
        pytest.param("strasse", ["ada", "straße"], False, id="plain, and like one that is taken"),
        pytest.param("straße", ["STRAßE"], True, id="the same, which is for others to say"),
        pytest.param("straße", [], True, id="like nobody"),
        pytest.param(CYRILLIC, [], False, id="flawed"),
    ],
)
@pytest.mark.parametrize("added", [False, True])
def test_a_name_suits_that_is_sound_and_like_no_other(
    name: str, taken: list[str], suits: bool, added: bool
) -> None:
    looks = Looks([] if added else taken)
    assert looks.suit("first")
    for one_more in taken if added else ():
        looks.add(one_more)

    assert looks.suit(name) is suits
