"""Ruling 10: a recorded link first, then precedence; nothing is guessed."""

from typing import Any

import pytest

from reconciler.scim.schema import Schemas
from reconciler.states import Candidate, DesiredResource, Standing
from tests.matching import L, Ownership, S, W, codes, leaving, one, paired, pairs

# who has which account


def test_ruling_10_a_recorded_link_comes_before_every_attribute() -> None:
    live = {"t1": {"userName": "other"}, "t2": {"userName": "ada", "externalId": "ada"}}

    assert pairs(paired([one("ada")], live, {"ada": "t1"})) == {"ada": "t1"}


@pytest.mark.parametrize(
    "account",
    [{"userName": "ADA"}, {"externalId": "ada"}, {"USERNAME": "ada", "externalId": "ada"}],
    ids=["by name, in any case", "by externalId", "by both"],
)
def test_ruling_10_an_account_is_found_by_any_matching_attribute(account: dict[str, str]) -> None:
    assert pairs(paired([one("ada")], {"t1": account})) == {"ada": "t1"}


def test_who_is_found_nowhere_is_to_be_created() -> None:
    pairing = paired([one("ada")], {"t1": {"userName": "bob"}})

    assert [candidate.source_id for candidate in pairing.unmatched] == ["ada"]


def test_ruling_10_two_attributes_that_point_at_two_accounts_are_no_match() -> None:
    pairing = paired([one("ada")], {"t1": {"userName": "ada"}, "t2": {"externalId": "ada"}})

    assert codes(pairing) == {"ada": "DuplicateTargetEntries"}
    assert pairing.kept == {"t1", "t2"}


def test_ruling_10_two_accounts_of_one_value_are_no_match() -> None:
    pairing = paired([one("ada")], {"t1": {"userName": "ada"}, "t2": {"userName": "Ada"}})

    assert codes(pairing) == {"ada": "DuplicateTargetEntries"}


@pytest.mark.parametrize("standing", [S, L, Standing.DISABLED, Standing.DELETED])
def test_ruling_10_an_account_that_is_linked_to_another_is_a_conflict(standing: Standing) -> None:
    candidates = [one("ada"), one("old", "somebody", standing)]

    pairing = paired(candidates, {"t1": {"userName": "ada"}}, {"old": "t1"})

    assert codes(pairing)["ada"] == "EntryConflict"
    assert pairs(pairing).get("ada") is None


@pytest.mark.parametrize("standing", [W, S, L])
@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_ruling_10_an_account_that_carries_anothers_external_id_is_a_conflict(
    standing: Standing, ownership: Ownership
) -> None:
    live = {"t1": {"userName": "ada", "externalId": "old"}}

    pairing = paired([one("ada"), one("old", "", standing)], live, ownership=ownership)

    assert codes(pairing)["ada"] == "EntryConflict"


def test_ruling_10_an_external_id_of_nobody_is_no_conflict() -> None:
    live = {"t1": {"userName": "ada", "externalId": "stranger"}}

    assert pairs(paired([one("ada")], live)) == {"ada": "t1"}


def test_ruling_10_an_external_id_is_compared_as_the_server_compares() -> None:
    advertised = {
        "id": "urn:ietf:params:scim:schemas:core:2.0:User",
        "attributes": [{"name": "externalId", "type": "string", "caseExact": False}],
    }
    schemas = Schemas.from_discovery([advertised], [])
    live = {"t1": {"userName": "ada", "externalId": "OLD"}}

    pairing = paired([one("ada"), one("Old", "x", L)], live, schemas=schemas)

    assert codes(pairing) == {"ada": "EntryConflict"}


@pytest.mark.parametrize("first", ["new", "old"])
def test_an_external_id_that_two_objects_share_does_not_depend_on_their_order(first: str) -> None:
    """An employee number that a new object has taken over from the one that left."""
    shared: dict[str, Any] = {"external_id": "7", "matching": (("userName", "ada"),)}
    new = Candidate("new", "ada", W, "", desired=DesiredResource({}, {}), **shared)
    old = Candidate("old", "ada", L, "", **shared)
    order = [new, old] if first == "new" else [old, new]

    pairing = paired(order, {"t1": {"userName": "ada", "externalId": "7"}})

    assert pairs(pairing) == {"new": "t1"}


def test_ruling_10_the_account_of_who_is_gone_may_be_taken_over() -> None:
    """Rehired with another objectId: the link stands for nobody in the source."""
    pairing = paired([one("new", "ada")], {"t1": {"userName": "ada"}}, {"old": "t1"})

    assert pairs(pairing) == {"new": "t1"}
    assert leaving(pairing) == []


def test_ruling_10_a_leaver_who_is_not_linked_gives_way_to_who_is_wanted() -> None:
    live = {"t1": {"userName": "ada"}}

    pairing = paired([one("old", "ada", L), one("new", "ada")], live, ownership="all")

    assert pairs(pairing) == {"new": "t1"}
    assert leaving(pairing) == []


# duplicates at the source


def test_ruling_10_two_objects_that_claim_one_value_are_both_rejected() -> None:
    pairing = paired([one("a", "same"), one("b", "SAME")], {"t1": {"userName": "same"}})

    assert codes(pairing) == dict.fromkeys("ab", "DuplicateSourceEntries")
    assert pairing.kept == {"t1"}
    assert pairing.pairs == []


def test_ruling_5_linked_duplicates_keep_their_accounts() -> None:
    live = {"t1": {"userName": "a"}, "t2": {"userName": "b"}}

    pairing = paired([one("a", "same"), one("b", "same")], live, {"a": "t1", "b": "t2"})

    assert codes(pairing) == dict.fromkeys("ab", "DuplicateSourceEntries")
    assert (pairing.kept, leaving(pairing)) == ({"t1", "t2"}, [])
    assert pairing.account_of == {"a": "t1", "b": "t2"}


def test_ruling_10_two_objects_that_match_one_account_by_different_values_are_both_rejected() -> (
    None
):
    live = {"t1": {"userName": "a", "title": "B"}}

    pairing = paired([one("a", title="A"), one("b", title="B")], live)

    assert codes(pairing) == dict.fromkeys("ab", "DuplicateSourceEntries")
    assert pairing.kept == {"t1"}


def test_ruling_5_what_two_accounts_of_a_skipped_person_may_be_is_nobody_elses() -> None:
    live = {"t1": {"userName": "s"}, "t2": {"title": "S", "externalId": "w9"}, "t3": {}}
    live["t2"]["userName"] = "w"

    pairing = paired([one("s", standing=S, title="S"), one("w", title="W")], live)

    assert codes(pairing) == {"s": "InvalidDomain", "w": "DuplicateSourceEntries"}
    assert pairing.kept == {"t1", "t2"}


def test_ruling_5_a_skipped_person_claims_a_value_even_without_an_account() -> None:
    pairing = paired([one("s", "same", S), one("w", "same")], {})

    assert codes(pairing) == {"s": "InvalidDomain", "w": "DuplicateSourceEntries"}
    assert pairing.unmatched == []


def test_ruling_5_what_a_skipped_person_may_have_does_not_leave_with_another() -> None:
    live = {"t1": {"userName": "s", "title": "L"}, "t2": {"title": "S"}}

    pairing = paired(
        [one("l", standing=L, title="L"), one("s", standing=S, title="S")], live, ownership="all"
    )

    assert (leaving(pairing), pairing.kept) == ([], {"t1", "t2"})


def test_what_a_leaver_may_have_goes_to_who_is_wanted() -> None:
    live = {"t1": {"userName": "w", "title": "L"}, "t2": {"userName": "l"}}

    pairing = paired([one("l", standing=L, title="L"), one("w", title="W")], live, ownership="all")

    assert (pairs(pairing), pairing.kept) == ({"w": "t1"}, {"t2"})


def test_a_leaver_claims_nothing() -> None:
    pairing = paired([one("a", "same"), one("b", "same", L)], {})

    assert codes(pairing) == {}
    assert len(pairing.unmatched) == 1


def test_ruling_10_without_any_matching_value_there_is_no_match() -> None:
    nobody = Candidate("a", "a", W, "", (("userName", None),), desired=DesiredResource({}, {}))

    assert codes(paired([nobody], {"t1": {"userName": "a"}})) == {"a": "ImportSkipped"}


# names that are given up in the same plan


@pytest.mark.parametrize(
    ("owner", "linked", "conflict"),
    [
        pytest.param(one("old", "new-name"), True, False, id="renamed in this plan"),
        pytest.param(one("old", "ada"), True, None, id="a duplicate, not a rename"),
        pytest.param(one("old", "new-name", L), True, True, id="a leaver keeps the name"),
        pytest.param(one("old", "new-name", S), True, True, id="the skipped keep the name"),
        pytest.param(one("old", "new-name"), False, True, id="not linked yet"),
        pytest.param(one("old", ""), True, True, id="nothing is written there"),
    ],
)
def test_ruling_11_a_name_that_its_owner_gives_up_is_free(
    owner: Candidate, linked: bool, conflict: bool | None
) -> None:
    live = {"t1": {"userName": "ada", "externalId": "old"}}

    pairing = paired([one("ada"), owner], live, {"old": "t1"} if linked else None)

    expected = {None: "DuplicateSourceEntries", True: "EntryConflict", False: None}[conflict]
    assert codes(pairing).get("ada") == expected
    assert pairs(pairing).get("ada") is None


# who leaves


@pytest.mark.parametrize(
    ("ownership", "links", "expected"),
    [
        pytest.param("recorded", {"eve": "t1"}, [("eve", "t1")], id="ours"),
        pytest.param("recorded", {}, [], id="not ours"),
        pytest.param("all", {}, [("eve", "t1")], id="all ours"),
    ],
)
def test_ruling_8_only_what_is_ours_leaves(
    ownership: Ownership, links: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    pairing = paired([one("eve", standing=L)], {"t1": {"userName": "eve"}}, links, ownership)

    assert leaving(pairing) == expected
    assert pairing.account_of == {"eve": "t1"}


@pytest.mark.parametrize(
    ("ownership", "links", "expected"),
    [
        pytest.param("recorded", {"gone": "t1"}, [(None, "t1")], id="ours"),
        pytest.param("recorded", {}, [], id="not ours"),
        pytest.param("all", {}, [(None, "t1")], id="all ours"),
        pytest.param("all", {"gone": "t1"}, [(None, "t1")], id="all ours, and recorded"),
    ],
)
def test_ruling_8_what_nobody_in_the_source_explains_leaves_if_it_is_ours(
    ownership: Ownership, links: dict[str, str], expected: list[tuple[None, str]]
) -> None:
    assert leaving(paired([], {"t1": {"userName": "x"}}, links, ownership)) == expected


@pytest.mark.parametrize(
    "somebody",
    [
        pytest.param(one("s", standing=S, known=False), id="whose match cannot be worked out"),
        pytest.param(one("s", "", S), id="skipped, without a name"),
        pytest.param(one("s", ""), id="wanted, without a name"),
        pytest.param(one("s", standing=L, known=False), id="leaving, match not worked out"),
    ],
)
def test_ruling_5_with_ownership_all_an_account_that_may_be_somebodys_is_kept(
    somebody: Candidate,
) -> None:
    pairing = paired([somebody], {"t1": {"userName": "x"}}, ownership="all")

    assert (leaving(pairing), pairing.kept) == ([], {"t1"})


@pytest.mark.parametrize(
    "somebody",
    [
        pytest.param(one("s", standing=S), id="skipped, and looked for by every value"),
        pytest.param(one("s", "", L), id="leaving, without a name"),
        pytest.param(one("s"), id="to be created"),
    ],
)
def test_with_ownership_all_an_account_that_is_nobodys_leaves(somebody: Candidate) -> None:
    assert leaving(paired([somebody], {"t1": {"userName": "x"}}, ownership="all")) == [(None, "t1")]


def test_ruling_5_whoever_has_an_account_may_lack_a_value() -> None:
    """Bob's account is known by its link; the other one cannot be his."""
    live = {"t1": {"userName": "bob"}, "t2": {"userName": "x"}}

    pairing = paired([one("bob", "", S)], live, {"bob": "t1"}, ownership="all")

    assert leaving(pairing) == [(None, "t2")]
    assert pairing.kept == {"t1"}


def test_ruling_5_with_ownership_all_a_carried_external_id_is_enough_to_be_kept() -> None:
    """The link is lost, the name is another, and the account cannot be matched by externalId."""
    bob = Candidate("bob", "bob", S, "", (("userName", "bob"),), external_id="bob", code="X")

    pairing = paired([bob], {"t1": {"userName": "old", "externalId": "bob"}}, ownership="all")

    assert (leaving(pairing), pairing.kept) == ([], {"t1"})


def test_ruling_10_a_leaver_who_matches_several_accounts_leaves_them_alone() -> None:
    live = {"t1": {"userName": "eve"}, "t2": {"externalId": "eve"}}

    pairing = paired([one("eve", standing=L)], live, ownership="all")

    assert (leaving(pairing), pairing.kept) == ([], {"t1", "t2"})


def test_of_several_leavers_the_linked_one_leaves() -> None:
    live = {"t1": {"userName": "eve"}}

    pairing = paired([one("x", "eve", L), one("y", "eve", L)], live, ownership="all")

    assert leaving(pairing) == [("x", "t1")]


def test_a_skipped_person_among_the_leavers_keeps_the_account() -> None:
    live = {"t1": {"userName": "eve"}}

    pairing = paired([one("x", "eve", L), one("y", "eve", S)], live, ownership="all")

    assert (leaving(pairing), pairing.kept) == ([], {"t1"})
    assert codes(pairing) == {"y": "InvalidDomain"}


def test_who_leaves_stands_in_the_order_of_ids() -> None:
    live = {f"t{n}": {"userName": f"x{n}"} for n in (3, 1, 2)}

    assert [target for _, target in leaving(paired([], live, ownership="all"))] == [
        "t1",
        "t2",
        "t3",
    ]
