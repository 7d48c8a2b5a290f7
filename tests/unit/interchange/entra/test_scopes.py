"""Scoping filters of Graph as filters of the file."""

from typing import Any

import pytest

from reconciler.config import Clause, ScopingFilter
from reconciler.diagnostics import ConfigError
from reconciler.interchange.entra import Imported
from reconciler.interchange.entra.scopes import OPERATORS
from tests.entra import (
    Json,
    application_in,
    clause,
    held,
    imported,
    object_mapping,
    said,
    schema,
    scope,
    there_and_back,
)

UNARY = ("IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE")


def of(*clauses: Json, **keys: object) -> Json:
    """Return a schema with one filter."""
    group = {"name": "F", "clauses": list(clauses)}
    return schema(object_mapping(scope=scope(group, **keys)))


def filters(value: Json) -> tuple[ScopingFilter, ...] | None:
    """Return the filters of the import."""
    return application_in(imported(value).text).scoping_filters.users


def only_clause(value: Json) -> Clause:
    """Return the one clause of the import."""
    ((one,),) = (each.clauses for each in filters(value) or ())
    return one


def enabled(made: Imported) -> bool:
    return application_in(made.text).enabled


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_each_operator_is_taken_over_as_it_is(operator: str) -> None:
    values = () if operator in UNARY else ("5",)
    value = of(clause(operator, "level", *values))

    made = only_clause(value)

    assert (made.attribute, made.operator) == ("level", operator)
    assert made.value == (None if operator in UNARY else "5")
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("operator", "becomes", "pattern"),
    [
        ("EQUALS", "REGEX MATCH", r"a\.b|c"),
        ("NOT EQUALS", "NOT REGEX MATCH", r"a\.b|c"),
        ("Includes", "REGEX MATCH", r"(?s:.*(a\.b|c).*)"),
        ("ENDS_WITH", "REGEX MATCH", r"(?s:.*(a\.b|c))"),
        ("REGEX MATCH", "REGEX MATCH", r"(a.b)|(c)"),
        ("NOT REGEX MATCH", "NOT REGEX MATCH", r"(a.b)|(c)"),
    ],
)
def test_several_values_become_alternatives_to_be_looked_at(
    operator: str, becomes: str, pattern: str
) -> None:
    value = of(clause(operator, "department", "a.b", "c"))

    made = only_clause(value)

    assert (made.operator, made.value) == (becomes, pattern)
    assert held(imported(value)) == ("several values of a clause are taken as alternatives",)
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (clause("Present", "mail", "x"), "the operator Present is not known here"),
        (clause("Greater_Than", "level", "1", "2"), "the operator Greater_Than has several values"),
        (clause("EQUALS", "department"), "the operator EQUALS has no value"),
        (clause("EQUALS", "userType", "Guest"), "filters cannot look at `userType`"),
        (clause("EQUALS", "proxyAddresses", "x"), "it holds several values"),
        (clause("Greater_Than", "level", "tall"), "compares whole numbers"),
        (clause("REGEX MATCH", "mail", "(?=x).*"), "this pattern cannot be used"),
        ({"operatorName": None}, "the operator  is not known here"),
    ],
)
def test_a_filter_that_cannot_be_said_is_left_out_and_switches_off(one: Json, why: str) -> None:
    value = of(clause("IS NOT NULL", "mail"), one)

    made = imported(value)

    assert filters(value) is None
    assert not enabled(made)
    assert "a scoping filter of users is left out" in made.held
    (finding,) = (each for each in made.findings if each.kind == "unsupported")
    assert why in finding.message
    assert "# - title: F" in said(made.text)
    assert there_and_back(value) == value


def test_a_pattern_of_a_filter_that_is_left_out_is_not_told_twice() -> None:
    made = imported(of(clause("REGEX MATCH", "mail", "((")))

    assert [each.kind for each in made.findings if each.place != "scope"] == ["unsupported"]


def test_a_key_in_other_letters_is_refused_and_not_overlooked() -> None:
    """A `Scope` that nobody reads would let everybody in."""
    value = schema(object_mapping(scope=None, Scope=scope()))

    with pytest.raises(ConfigError, match=r"\[0\]\.Scope is called `scope` in what Graph answers"):
        imported(value)


@pytest.mark.parametrize(
    ("values", "words"),
    [(None, None), ([None], "must be text, not null"), ([5], "must be text, not a number")],
)
def test_values_are_text(values: Any, words: str | None) -> None:
    one = {**clause("IS NULL", "x"), "targetOperand": {"values": values}}

    if words is None:
        assert only_clause(of(one)).value is None
    else:
        with pytest.raises(ConfigError, match=rf"targetOperand\.values\[0\] {words}"):
            imported(of(one))


@pytest.mark.parametrize("key", ["inputFilterGroups", "categoryFilterGroups"])
def test_other_groups_decide_nothing_and_switch_off(key: str) -> None:
    value = of(clause("IS NOT NULL", "mail"), **{key: [{"name": "x", "clauses": []}]})

    made = imported(value)

    assert not enabled(made)
    assert any(each.place.endswith(f"scope.{key}") for each in made.findings)
    assert there_and_back(value) == value


def test_a_filter_without_clauses_lets_everybody_pass() -> None:
    value = schema(object_mapping(scope=scope({"name": "all", "clauses": []})))

    made = imported(value)

    assert filters(value) is None
    assert any("everybody passes" in each.message for each in made.findings)
    assert there_and_back(value) == value


def test_a_filter_without_a_name_gets_one() -> None:
    value = schema(object_mapping(scope=scope({"clauses": [clause("IS NULL", "x")]})))

    assert [one.title for one in filters(value) or ()] == ["Filter 1"]
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("pattern", "wider"),
    [
        ("[1-9][0-9]", ".*([1-9][0-9]).*"),
        (r".*\@contoso.example", r"(.*\@contoso.example).*"),
        ("^x", "(^x).*"),
        ("^x$", None),
        (".*x.*", None),
    ],
)
def test_a_pattern_that_is_not_anchored_is_told_with_what_dotnet_would_find(
    pattern: str, wider: str | None
) -> None:
    value = of(clause("REGEX MATCH", "employeeId", pattern))

    told = [one.message for one in imported(value).findings if "whole value" in one.message]

    assert only_clause(value).value == pattern
    assert [message.rpartition(": ")[2] for message in told] == ([] if wider is None else [wider])


def test_an_unary_operator_may_come_with_an_empty_value() -> None:
    value = of(clause("IS NULL", "x", ""))

    assert only_clause(value).value is None
    assert there_and_back(value) == value


def test_filters_of_groups_are_those_of_groups() -> None:
    groups = object_mapping(
        name="g",
        sourceObjectName="Group",
        targetObjectName="Group",
        attributeMappings=[
            {
                "targetAttributeName": "displayName",
                "source": {"type": "Attribute", "name": "displayName"},
                "matchingPriority": 1,
            }
        ],
        scope=scope({"name": "Apps", "clauses": [clause("Includes", "displayName", "app")]}),
    )

    application = application_in(imported(schema(object_mapping(), groups)).text)

    assert application.scoping_filters.users is None
    assert [one.title for one in application.scoping_filters.groups or ()] == ["Apps"]
