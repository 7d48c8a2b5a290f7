"""What is done with many names in one go, held against one name after the other."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.diff import Comparator, Matcher, Pairing, split_live
from reconciler.diff.normalize import Canonical, boolean, canonical_for, canonical_of_all
from reconciler.scim.schema import CORE, AttributeDefinition
from reconciler.states import ResourceType
from tests.property.test_match_laws import World, worlds

MANY = settings(max_examples=100, deadline=None)

FORMS = {
    "without case": canonical_for(AttributeDefinition("a")),
    "to the letter": canonical_for(AttributeDefinition("a", case_exact=True)),
    "unknown": canonical_for(None),
    "integer": canonical_for(AttributeDefinition("a", type="integer")),
    "boolean": boolean,
}

texts = st.text(st.sampled_from("aA\0\u212aİßé\u0301 "), max_size=3)
values: st.SearchStrategy[Any] = st.one_of(
    texts, st.sampled_from([None, True, 0, 1.5, "", [], {}, ["A", "b"], [{"Value": "A"}], "12"])
)


@pytest.mark.parametrize("canonical", [pytest.param(form, id=name) for name, form in FORMS.items()])
@given(st.one_of(st.lists(texts, max_size=5), st.lists(values, max_size=5)))
@example(["a\0B", "C"])
@example(["", ""])
@example([])
def test_many_values_have_the_canonical_forms_of_each(
    canonical: Canonical, many: list[Any]
) -> None:
    found = canonical_of_all(canonical, many)

    assert repr([*found]) == repr([canonical(value) for value in many])


def paired(world: World, strangers: list[dict[str, Any]]) -> Pairing:
    """Pair a world in which there are *strangers*, too."""
    people, live, recorded, ownership = world
    split = split_live([*live, *strangers], recorded, ownership, ResourceType.USER)
    return Matcher(people, split, Comparator("User", CORE)).pair()


def known(pairing: Pairing) -> tuple[Any, ...]:
    """Return what came of everybody but the strangers."""
    leaving = [(candidate, target) for candidate, target in pairing.leaving if target < "z"]
    kept = {target for target in pairing.kept if target < "z"}
    return (
        pairing.pairs, pairing.unmatched, leaving, pairing.rejected, kept, pairing.account_of
    )  # fmt: skip


@MANY
@given(worlds())
def test_strangers_who_have_no_names_or_the_same_change_nothing(world: World) -> None:
    """Names that are all there and all different are indexed in one go, all others are not."""
    nameless = {"id": "z1"}
    twins = [
        {"id": target, "userName": "zz", "externalId": "zz", "title": ["zz", "yy"]}
        for target in ("z2", "z3")
    ]

    assert known(paired(world, [nameless, *twins])) == known(paired(world, []))
