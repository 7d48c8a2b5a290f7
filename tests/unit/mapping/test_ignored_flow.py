"""IgnoreFlowIfNullOrEmpty takes an attribute out of the flow altogether (entra.md, section 4.2)."""

import json
from typing import Any

import pytest

from reconciler.config.model import AttributeMapping
from reconciler.mapping import Projection, Table
from reconciler.scim.schema import CORE


def projected(cells: dict[str, str], **line: Any) -> Projection:
    mapping = AttributeMapping.model_validate_json(json.dumps({"target": "title", **line}))
    return Table([mapping], "User", CORE).project(cells)


@pytest.mark.parametrize(
    "more",
    [{}, {"default": "Employee"}, {"clear": True}, {"default": "Employee", "apply": "on_create"}],
    ids=["nothing else", "a default", "clearing", "on create"],
)
@pytest.mark.parametrize("cells", [{}, {"jobTitle": ""}], ids=["absent", "empty"])
def test_nothing_is_written_whatever_else_the_mapping_says(
    more: dict[str, Any], cells: dict[str, str]
) -> None:
    found = projected(cells, expression="IgnoreFlowIfNullOrEmpty([jobTitle])", **more)

    assert (found.created, found.managed) == ({}, {})


def test_a_value_that_is_there_flows() -> None:
    found = projected({"jobTitle": "Boss"}, expression="IgnoreFlowIfNullOrEmpty([jobTitle])")

    assert found.managed == {"title": "Boss"}


def test_inside_another_function_it_only_yields_null() -> None:
    expression = "Coalesce(IgnoreFlowIfNullOrEmpty([jobTitle]), [missing])"

    assert projected({}, expression=expression, default="Employee").created == {"title": "Employee"}
