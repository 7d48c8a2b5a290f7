"""Every filter that we send, read by scim2-models: one comparison, with the very value in it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from scim2_models import EnterpriseUser, ScimFilter, User
from scim2_models.path import AttrPath, CompareOperator, Comparison, LogicalExpr, ValuePath

from reconciler.scim.filters import equals
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.schema import ENTERPRISE_URN

MODEL: Any = User[EnterpriseUser]
Parsed: Any = ScimFilter[MODEL]

texts = st.text(
    st.sampled_from("\"\\ab []()/\n\t\x00\x1f\x7f\u2028ß李🦊'") | st.characters(codec="utf-8")
)
pieces = st.sampled_from(
    ['" or userName pr', '" eq "', "\\", '"', "\\u0022", "]", " and ", "not ("]
)
values = st.lists(texts | pieces, max_size=4).map("".join)

ATTRIBUTES = {
    "userName": AttrPath("userName"),
    "name.familyName": AttrPath("name", "familyName"),
    f"{ENTERPRISE_URN}:department": AttrPath("department", uri=ENTERPRISE_URN),
}


def is_equal(attribute: AttrPath, value: str) -> Comparison:
    return Comparison(attribute, CompareOperator.eq, value)


@given(st.sampled_from(sorted(ATTRIBUTES)), values)
def test_a_value_stays_a_value(path: str, value: str) -> None:
    read = Parsed(equals(parse_path(path), value)).ast

    assert read == is_equal(ATTRIBUTES[path], value)


@given(values, values)
def test_a_value_in_brackets_stays_a_value(kind: str, value: str) -> None:
    path = AttributePath(None, "roles", (("type", kind),), "value")

    read = Parsed(equals(path, value)).ast

    assert isinstance(read, ValuePath)
    assert isinstance(read.val_filter, LogicalExpr)
    assert read.val_filter.terms == (
        is_equal(AttrPath("type"), kind),
        is_equal(AttrPath("value"), value),
    )


@given(values.filter(bool))
def test_who_has_the_value_is_found(value: str) -> None:
    sought = Parsed(equals(parse_path("userName"), value))

    assert sought.match(MODEL(user_name=value))
    assert not sought.match(MODEL(user_name=f"{value}."))
