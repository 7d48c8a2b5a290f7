"""Laws of matching, and of the texts it compares, in small worlds where anything may be there."""

import random
import unicodedata
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.diff import Comparator, Matcher, Pairing, split_live
from reconciler.diff.lookalikes import flaw, is_plain, skeleton, spelling
from reconciler.scim.folding import fold
from reconciler.scim.schema import CORE
from reconciler.states import Candidate, DesiredResource, Recorded, ResourceType, Standing

MANY = settings(max_examples=150, deadline=None)
ANCHORS = ("p0", "p1", "p2", "p3")
TARGETS = ("t0", "t1", "t2", "t3")
NAMES = (
    "a", "A", "ada", "\u0430da", "a\u200bda", "straße", "strasse", "STRASSE", "i", "İ", "ı",
    "é", "e\u0301", "m", "rn",
)  # fmt: skip
PATHS = ("userName", "externalId", "title")
STANDINGS = (*[Standing.WANTED] * 3, *Standing)

names = st.sampled_from(NAMES)
letters = st.characters(exclude_categories=["Cs"])
texts = st.text(st.one_of(letters, st.sampled_from("aAiIİıſßẞΣςσéΩ\u0301\u0307\u200b")), max_size=8)


@st.composite
def candidates(draw: st.DrawFn, anchor: str) -> Candidate:
    """Draw one object of the source; it may be anything, and lack any value."""
    maybe = st.one_of(st.none(), names)
    values = {"userName": draw(maybe), "externalId": draw(st.sampled_from((None, *ANCHORS)))}
    values["title"] = draw(st.one_of(st.none(), st.none(), names))
    standing = draw(st.sampled_from(STANDINGS))
    written = {path: value for path, value in values.items() if value}
    matched = PATHS[: draw(st.integers(1, 3))]
    return Candidate(
        anchor,
        anchor,
        standing,
        "because",
        tuple((path, values[path]) for path in matched),
        matching_known=draw(st.sampled_from((True, True, True, False))),
        external_id=values["externalId"],
        code="InvalidDomain" if standing is Standing.SKIPPED else None,
        desired=DesiredResource(written, written) if standing is Standing.WANTED else None,
    )


@st.composite
def accounts(draw: st.DrawFn, target: str) -> dict[str, Any]:
    """Draw one account; any attribute may be missing."""
    drawn = {"userName": draw(names), "externalId": draw(st.sampled_from(ANCHORS))}
    drawn["title"] = draw(names)
    kept = draw(st.sets(st.sampled_from(PATHS)))
    return {"id": target, **{path: value for path, value in drawn.items() if path in kept}}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Candidate], list[dict[str, Any]], Recorded, Any]:
    """Draw both sides, what is recorded, and who owns."""
    people = [draw(candidates(a)) for a in draw(st.lists(st.sampled_from(ANCHORS), unique=True))]
    live = [draw(accounts(t)) for t in draw(st.lists(st.sampled_from(TARGETS), unique=True))]
    linked = draw(st.lists(st.sampled_from((*ANCHORS, "gone")), unique=True, max_size=3))
    ids = draw(st.permutations(TARGETS))
    links = {(ResourceType.USER, a): t for a, t in zip(linked, ids, strict=False)}
    return people, live, Recorded(links), draw(st.sampled_from(("recorded", "all")))


World = tuple[list[Candidate], list[dict[str, Any]], Recorded, Any]


def paired(world: World) -> Pairing:
    """Pair a world."""
    people, live, recorded, ownership = world
    split = split_live(live, recorded, ownership, ResourceType.USER)
    return Matcher(people, split, Comparator("User", CORE)).pair()


def account_ids(world: World, candidate: Candidate) -> set[str]:
    """Return the accounts that are linked to somebody, or have one of their matching values."""
    _, live, recorded, _ = world
    linked = recorded.links.get((ResourceType.USER, candidate.source_id))
    if linked in {resource["id"] for resource in live}:
        return {str(linked)}
    same = Comparator("User", CORE).same
    return {
        resource["id"]
        for resource in live
        for path, value in candidate.matching
        if value and path in resource and same(path, value, resource[path])
    }


@MANY
@given(worlds())
def test_nobody_shares_an_account_and_nobody_has_two(world: World) -> None:
    pairing = paired(world)
    targets = [target for _, target in pairing.pairs]
    anchors = [candidate.source_id for candidate, _ in pairing.pairs]

    assert len(set(targets)) == len(targets)
    assert len(set(anchors)) == len(anchors)
    assert not {target for _, target in pairing.leaving} & {*targets, *pairing.kept}


@MANY
@given(worlds())
def test_everybody_wanted_is_one_of_paired_to_be_created_or_rejected(world: World) -> None:
    pairing = paired(world)
    outcomes = [
        *(candidate.source_id for candidate, _ in pairing.pairs),
        *(candidate.source_id for candidate in pairing.unmatched),
        *(r.candidate.source_id for r in pairing.rejected if r.candidate.standing is WANTED),
    ]

    assert sorted(outcomes) == sorted(c.source_id for c in world[0] if c.standing is WANTED)


WANTED = Standing.WANTED


@MANY
@given(worlds())
def test_ruling_5_the_accounts_of_who_is_rejected_or_skipped_never_leave(world: World) -> None:
    pairing = paired(world)
    theirs = {t for r in pairing.rejected for t in account_ids(world, r.candidate)}
    linked = {
        world[2].links[ResourceType.USER, c.source_id]: c.source_id
        for c in world[0]
        if (ResourceType.USER, c.source_id) in world[2].links
    }

    assert not [
        target for leaver, target in pairing.leaving
        if target in theirs and (leaver is None or linked.get(target) != leaver.source_id)
    ]  # fmt: skip


@MANY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_listing_decides_nothing(world: World, chance: random.Random) -> None:
    people, live, recorded, ownership = world
    first = paired(world)
    shuffled = chance.sample(live, len(live))
    second = paired((people, shuffled, recorded, ownership))

    assert second == first


@MANY
@given(worlds())
def test_s26_no_two_names_that_look_alike_are_given_and_no_flawed_one(world: World) -> None:
    """Of what a create writes: against every account, and against every other create."""
    pairing = paired(world)
    live = [r["userName"] for r in world[1] if "userName" in r]
    new = [
        c.desired.created["userName"]
        for c in pairing.unmatched
        if c.desired and "userName" in c.desired.created
    ]

    for number, name in enumerate(map(str, new)):
        assert flaw(name) is None
        for other in (*live, *map(str, new[number + 1 :])):
            assert skeleton(name) != skeleton(other) or spelling(name) == spelling(other)


@given(texts)
@example("ΟΔΟΣ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts, texts)
@example("straße", "STRASSE")
@example("İ", "i")
@example("ﬁ", "FI")
def test_what_differs_by_more_than_case_and_composition_never_folds_together(
    one: str, other: str
) -> None:
    """Letter by letter: the same small letters, in the same places."""

    def small(text: str) -> list[str]:
        composed = unicodedata.normalize("NFC", text).lower()
        return list(unicodedata.normalize("NFD", composed))

    assert (fold(one) == fold(other)) is (small(one) == small(other))


@given(texts)
def test_folding_neither_adds_nor_hides_letters(text: str) -> None:
    """İ alone becomes two characters: a small i, and its dot."""
    composed = unicodedata.normalize("NFC", text)
    lengthened = composed.count("İ")

    assert len(unicodedata.normalize("NFC", fold(text))) <= len(composed) + lengthened


@given(texts)
def test_the_skeleton_of_a_skeleton_is_itself(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)


@given(texts, texts)
def test_names_that_are_the_same_to_a_server_are_no_look_alikes(one: str, other: str) -> None:
    if fold(one) == fold(other):
        assert spelling(one) == spelling(other)


@given(st.text(st.characters(max_codepoint=126, min_codepoint=32)))
def test_plain_names_have_their_skeleton_for_a_spelling(text: str) -> None:
    assert is_plain(text)
    assert spelling(text) == skeleton(text)
    assert flaw(text) is None
