"""The comparison at first sight, held against canonical forms alone; a reader, against a loop."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.diff import Comparator
from reconciler.scim.folding import fold
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import reader
from reconciler.scim.schema import CORE
from reconciler.states import DesiredValue, Generated, ReferenceTo, RoleList
from tests.worlds import ENTERPRISE

MANY = settings(max_examples=150, deadline=None)

WORDS = ("a", "A", "work", "Wor\u212a", "é", "e\u0301", "True", "false", "", "1", "1.0")
PATHS = (
    "userName", "externalId", "active", "title", "x509Certificates", "name.givenName", "name.x",
    "name", "emails", "emails.value", 'emails[type eq "work"].value', 'emails[type eq "Work"].type',
    'emails[type eq "work"]', 'emails[type eq "a" and primary eq "True"].value',
    'emails[value eq "a"].type', 'roles[primary eq "True"].value', "roles",
    f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value",
    f"{ENTERPRISE}:costs[type eq \"work\"].value", "urn:a:b:made", "urn:a:b:made.value",
)  # fmt: skip

scalars: st.SearchStrategy[Any] = st.sampled_from(
    (*WORDS, True, False, None, 0, 1, -1, 0.0, 1.0, 1.5, [], {})
)
names = st.sampled_from(
    ("type", "Type", "value", "VALUE", "primary", "givenName", "GIVENNAME", "department", "made")
)
elements = st.one_of(st.dictionaries(names, scalars, max_size=4), scalars)
containers = st.one_of(scalars, elements, st.lists(elements, max_size=3))
tops = st.sampled_from(
    (
        "userName", "USERNAME", "externalId", "active", "Active", "title", "x509Certificates",
        "name", "Name", "emails", "Emails", "roles", ENTERPRISE, ENTERPRISE.lower(), "urn:a:b",
    )
)  # fmt: skip
resources = st.dictionaries(
    tops, st.one_of(containers, st.dictionaries(names, containers, max_size=4)), max_size=8
)
wanted_values: st.SearchStrategy[DesiredValue] = st.one_of(
    st.sampled_from((*WORDS, *WORDS, True, False, None, 0, 1)),
    st.sampled_from(
        (
            ("a",), ReferenceTo("p1"), RoleList(({"value": "a"},), replaces=True),
            RoleList(({"value": "a"},), replaces=False), Generated("Guid()", {}),
        )
    ),
)  # fmt: skip


def nearly(value: DesiredValue) -> tuple[Any, ...]:
    """Return what is *value*, what Python takes for it, and what a schema may take for it."""
    if isinstance(value, str):
        return value, value, value.swapcase()
    return (value, float(value), int(value)) if isinstance(value, int) else ("a", None)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[list[dict[str, DesiredValue]], dict[str, Any]]:
    """Draw what is wanted of two people, at the same paths, and an account of the second."""
    paths = draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=6))
    wanted = [{path: draw(wanted_values) for path in paths} for _ in range(2)]
    live = draw(resources)
    for path, value in wanted[1].items():
        parsed = parse_path(path)
        if parsed.sub is None and not parsed.conditions and draw(st.booleans()):
            holder = live.setdefault(parsed.urn, {}) if parsed.urn else live
            if isinstance(holder, dict):
                holder[parsed.attribute] = draw(st.sampled_from(nearly(value)))
    return wanted, live


ORDERED, OTHER = 'emails[type eq "work"].value', 'emails[type eq "work"].display'
HOME = {"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "a", "display": "D"}]}


@MANY
@given(comparisons())
@example(([{"title": "a"}, {"title": 1}], {"title": 1.0}))
@example(([{"active": True}, {"active": 1}], {"active": 1.0}))
@example(([{"title": "a"}, {"title": None}], {"title": None}))
@example(([{ORDERED: "a", "title": "b"}, {ORDERED: "c", "title": "d"}], {"title": "x", **HOME}))
@example(([{ORDERED: "a"}, {ORDERED: 1}], HOME))
@example(([{ORDERED: "a", OTHER: "b"}, {ORDERED: "", OTHER: "c"}], HOME))
@example(([{ORDERED: "a", OTHER: "b"}, {ORDERED: "A", OTHER: "work"}], HOME))
@example(([{ORDERED: "a", "active": True}, {ORDERED: "b", "active": False}], HOME))
def test_what_is_equal_at_first_sight_is_equal_by_canonical_forms(
    drawn: tuple[list[dict[str, DesiredValue]], dict[str, Any]],
) -> None:
    (example, wanted), live = drawn
    comparator = Comparator("User", CORE)
    comparator.differences(example, {})  # the glance is made for what is wanted of another

    found = comparator.differences(wanted, live)

    assert repr(found) == repr(comparator.compared(wanted, wanted, live))


def looked_up(mapping: Any, name: str) -> Any:
    """Return the value of *name* compared without case, the letter before the rest."""
    if not isinstance(mapping, dict):
        return None
    spelt = [key for key in mapping if key.lower() == name.lower()]
    value = mapping[name if name in mapping else spelt[0]] if spelt else None
    return None if value in ([], {}) and isinstance(value, list | dict) else value


def met(element: Any, condition: tuple[str, str | bool]) -> bool:
    """Say whether an element meets one condition, in the words of RFC 7643."""
    name, wanted = condition
    value = looked_up(element, name)
    if isinstance(wanted, bool):
        said = (
            {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
        )
        return (False if said is None and value is None else said) is wanted
    if name.lower() in {"value", "$ref"}:
        return value == wanted and isinstance(value, str)
    return isinstance(value, str) and fold(value) == fold(wanted)


def picked(resource: dict[str, Any], path: AttributePath) -> Any:
    """Return the sub-attribute of the first element that meets the conditions, by a plain loop."""
    holder = looked_up(resource, path.urn) if path.urn else resource
    listed = looked_up(holder, path.attribute)
    for element in [listed] if isinstance(listed, dict) else listed or []:
        if isinstance(element, dict) and all(met(element, one) for one in path.conditions):
            return looked_up(element, path.sub) if path.sub else element
    return None


@MANY
@given(resources, st.sampled_from([path for path in PATHS if "[" in path]))
def test_a_filtered_element_is_the_first_that_meets_the_conditions(
    resource: dict[str, Any], path: str
) -> None:
    parsed = parse_path(path)
    listed = looked_up(
        looked_up(resource, parsed.urn) if parsed.urn else resource, parsed.attribute
    )
    if isinstance(listed, str | int | float):
        resource = {}

    assert repr(reader(parsed)(resource)) == repr(picked(resource, parsed))
