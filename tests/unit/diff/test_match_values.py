"""Every kind of matching value in every situation (rulings 9 and 10; entra.md, section 1.6)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import pytest

from reconciler.diff import Pairing
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import put
from reconciler.scim.schema import Schemas
from reconciler.states import Candidate, DesiredResource, Standing
from tests.matching import L, S, W, codes, leaving, paired, pairs

OWN = "urn:example:scim:1.0:User"
ADVERTISED: list[dict[str, Any]] = [
    {
        "id": OWN,
        "attributes": [
            {"name": "number", "type": "integer"},
            {"name": "share", "type": "decimal"},
            {"name": "badge", "type": "string", "caseExact": True},
            {"name": "aliases", "type": "string", "multiValued": True},
        ],
    },
    {
        "id": "urn:ietf:params:scim:schemas:core:2.0:User",
        "attributes": [{"name": "nickName", "type": "string", "caseExact": True}],
    },
]
SCHEMAS = Schemas.from_discovery(ADVERTISED, [])


@dataclass(frozen=True)
class Kind:
    """A matching attribute, a value of the source, and what servers may say."""

    path: str
    value: str
    same: tuple[Any, ...]
    """Live values that are the same."""
    others: tuple[Any, ...]
    """Live values that are not."""


KINDS = {
    "text": Kind("userName", "Ada", ("ada", "ADA", "Ada"), ("ad", "adam", "Ada ")),
    "text beyond ASCII": Kind(
        "userName", "Zoë", ("zoë", "ZOË", "zoe\u0308"), ("zoe", "zo\u0450", "zoé")
    ),
    "text that counts case by the standard": Kind("externalId", "a7F", ("a7F",), ("A7f", "a7f")),
    "text that counts case by the server": Kind("nickName", "Ada", ("Ada",), ("ada", "ADA")),
    "text of the server's own": Kind(f"{OWN}:badge", "B-7", ("B-7",), ("b-7", "B7")),
    "text that no schema knows": Kind("urn:other:User:code", "Ab", ("Ab",), ("ab", "AB")),
    "digits that are text": Kind("title", "007", ("007",), ("7", "07", 7)),
    "a number": Kind(f"{OWN}:number", "7", (7, "7", "007"), (8, "8", "seven", 7.5)),
    "a number with a sign": Kind(f"{OWN}:number", "-7", (-7, "-7"), (7,)),
    "nought": Kind(f"{OWN}:number", "0", (0, "0"), ("", 1)),
    "a decimal": Kind(f"{OWN}:share", "1.5", (1.5, "1.5"), (15, "1,5")),
    "part of a name": Kind("name.familyName", "Byron", ("BYRON",), ("Byrom",)),
    "an address of a type": Kind(
        'emails[type eq "work"].value', "ada@x.example", ("ADA@x.example",), ("ada@y.example",)
    ),
    "one of several values": Kind(
        f"{OWN}:aliases", "al", (["x", "al"], ["AL"], "al"), (["x", "y"], [], ["all"])
    ),
}
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def person(anchor: str, kind: Kind, value: str | None, standing: Standing = W) -> Candidate:
    """Return somebody who is matched by one attribute."""
    written = {kind.path: value} if value else {}
    wanted = DesiredResource(written, written) if standing is W else None
    matching = ((kind.path, value),)
    return Candidate(anchor, anchor, standing, "because", matching, code="Code", desired=wanted)


def account(kind: Kind, value: Any, **more: Any) -> dict[str, Any]:
    """Return an account that has *value*."""
    resource: dict[str, Any] = dict(more)
    put(resource, parse_path(kind.path), value)
    return resource


def outcome(pairing: Pairing, anchor: str) -> str:
    """Return what happens to somebody: an account, a code, or a create."""
    if any(candidate.source_id == anchor for candidate in pairing.unmatched):
        return "created"
    return {**pairs(pairing), **codes(pairing)}.get(anchor, "nothing")


def matched(people: list[Candidate], live: dict[str, dict[str, Any]], **more: Any) -> Pairing:
    """Pair by the schemas of the server."""
    return paired(people, live, schemas=SCHEMAS, **more)


@kinds
def test_the_same_value_finds_the_account(kind: Kind) -> None:
    for value in kind.same:
        live = {"t1": account(kind, value)}

        assert outcome(matched([person("p", kind, kind.value)], live), "p") == "t1", value


@kinds
def test_another_value_finds_nobody(kind: Kind) -> None:
    live = {f"t{n}": account(kind, value) for n, value in enumerate(kind.others)}

    assert outcome(matched([person("p", kind, kind.value)], live), "p") == "created"


@kinds
@pytest.mark.parametrize("live", [{}, {"t1": {}}, {"t1": {"userName": None}}])
def test_where_there_is_no_value_there_is_nobody(kind: Kind, live: dict[str, Any]) -> None:
    assert outcome(matched([person("p", kind, kind.value)], live), "p") == "created"


@kinds
@pytest.mark.parametrize("value", [None, ""])
def test_ruling_10_without_a_value_nobody_is_found_nor_created(
    kind: Kind, value: str | None
) -> None:
    pairing = matched([person("p", kind, value)], {"t1": account(kind, kind.same[0])})

    assert outcome(pairing, "p") == "ImportSkipped"


@kinds
@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_ruling_10_two_accounts_of_one_value(kind: Kind, ownership: Any) -> None:
    live = {"t1": account(kind, kind.same[0]), "t2": account(kind, kind.same[-1])}

    pairing = matched([person("p", kind, kind.value)], live, ownership=ownership)

    assert outcome(pairing, "p") == "DuplicateTargetEntries"
    assert (leaving(pairing), pairing.kept) == ([], {"t1", "t2"})


@kinds
@pytest.mark.parametrize("links", [{}, {"p": "t1"}], ids=["not linked", "one of them linked"])
def test_ruling_10_two_objects_of_one_value(kind: Kind, links: dict[str, str]) -> None:
    people = [person("p", kind, kind.value), person("q", kind, kind.value)]
    live = {"t1": account(kind, kind.same[0])}

    pairing = matched(people, live, links=links, ownership="all")

    assert codes(pairing) == dict.fromkeys("pq", "DuplicateSourceEntries")
    assert (pairing.pairs, pairing.unmatched, leaving(pairing)) == ([], [], [])


@kinds
@pytest.mark.parametrize("standing", [W, S, L])
def test_ruling_10_an_account_that_is_linked_to_another(kind: Kind, standing: Standing) -> None:
    owner = person("owner", kind, None, standing)
    live = {"t1": account(kind, kind.same[0])}

    pairing = matched([person("p", kind, kind.value), owner], live, links={"owner": "t1"})

    assert outcome(pairing, "p") == "EntryConflict"
    assert pairing.account_of.get("p") is None


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.path != "externalId"])
def test_ruling_10_an_account_that_carries_anothers_external_id(kind: Kind) -> None:
    owner = replace(person("owner", kind, "zz"), external_id="owner")
    live = {"t1": account(kind, kind.same[0], externalId="owner")}

    pairing = matched([person("p", kind, kind.value), owner], live)

    assert outcome(pairing, "p") == "EntryConflict"


@kinds
def test_ruling_10_a_link_comes_before_the_value(kind: Kind) -> None:
    live = {"t1": account(kind, kind.others[0]), "t2": account(kind, kind.same[0])}

    pairing = matched([person("p", kind, kind.value)], live, links={"p": "t1"})

    assert outcome(pairing, "p") == "t1"


@kinds
def test_ruling_5_who_is_skipped_keeps_the_account_with_the_value(kind: Kind) -> None:
    live = {"t1": account(kind, kind.same[0])}

    pairing = matched([person("p", kind, kind.value, S)], live, ownership="all")

    assert (leaving(pairing), pairing.kept) == ([], {"t1"})


@kinds
def test_who_leaves_is_found_by_the_value(kind: Kind) -> None:
    live = {"t1": account(kind, kind.same[0])}

    pairing = matched([person("p", kind, kind.value, L)], live, ownership="all")

    assert leaving(pairing) == [("p", "t1")]


# several attributes

PATHS = ("userName", "externalId", "title")


def of_several(order: tuple[str, ...], **values: str) -> Candidate:
    """Return somebody who is matched by several attributes, in *order*."""
    wanted = DesiredResource(values, values)
    matching = tuple((path, values.get(path)) for path in order)
    return Candidate("p", "p", W, "because", matching, external_id="p", desired=wanted)


orders = pytest.mark.parametrize("order", [*permutations(PATHS)], ids=" ".join)


@orders
@pytest.mark.parametrize("path", PATHS)
def test_an_account_is_found_by_any_attribute_whatever_its_precedence(
    order: tuple[str, ...], path: str
) -> None:
    values = {name: f"v-{name}" for name in PATHS}

    pairing = paired([of_several(order, **values)], {"t1": {path: values[path]}})

    assert pairs(pairing) == {"p": "t1"}


@orders
@pytest.mark.parametrize("missing", PATHS)
def test_an_attribute_without_a_value_is_passed_over(order: tuple[str, ...], missing: str) -> None:
    values = {name: f"v-{name}" for name in PATHS if name != missing}

    pairing = paired([of_several(order, **values)], {"t1": dict(values), "t2": {missing: "v"}})

    assert pairs(pairing) == {"p": "t1"}


@orders
def test_ruling_10_wins_over_entras_rule_that_the_first_attribute_with_a_hit_decides(
    order: tuple[str, ...],
) -> None:
    """
    Entra stops at the first attribute that finds an account (entra.md, section 1.6).

    Here the second is asked too: two that point at two accounts say that one of
    them is wrong, and nothing is written.
    """
    values = {name: f"v-{name}" for name in PATHS}
    live = {"t1": {order[0]: values[order[0]]}, "t2": {order[1]: values[order[1]]}}

    pairing = paired([of_several(order, **values)], live, ownership="all")

    assert codes(pairing) == {"p": "DuplicateTargetEntries"}
    assert (leaving(pairing), pairing.kept) == ([], {"t1", "t2"})


@orders
def test_ruling_10_a_conflict_at_one_attribute_is_not_mended_by_a_hit_at_another(
    order: tuple[str, ...],
) -> None:
    values = {name: f"v-{name}" for name in PATHS}
    owner = Candidate("owner", "owner", W, "", (("userName", "o"),), external_id="owner")
    live = {
        "t1": {"title": values["title"]},
        "t2": {"userName": values["userName"], "externalId": "owner"},
    }

    pairing = paired([of_several(order, **values), owner], live)

    assert codes(pairing) == {"p": "EntryConflict"}


def hidden(path: str) -> Callable[[Candidate], Candidate]:
    """Return what hides the values of *path*."""
    return lambda candidate: replace(candidate, redacted=frozenset({path}))


@pytest.mark.parametrize("path", ["userName", "username"])
def test_a_hidden_value_is_in_no_reason(path: str) -> None:
    kind = KINDS["text"]
    people = [person(a, kind, v) for a, v in (("p", "secret"), ("q", "secret"), ("r", "known"))]
    owner = person("owner", kind, None)
    live = {"t1": {"userName": "known"}}

    pairing = paired([*map(hidden(path), people), owner], live, {"owner": "t1"})

    details = {rejected.candidate.source_id: rejected.detail for rejected in pairing.rejected}
    assert details["p"] == "userName [Redact] is claimed by several objects of the source"
    assert details["r"] == "userName [Redact]: account t1 belongs to owner"
