"""
Functions of attributes with several values.

A list within a list is laid out, nulls do not count, and a single value is a
list of one (:mod:`reconciler.expr.values`). Positions count from 1.

Decisions where Entra's pages are silent:

* A position after the last one holds nothing. One below 1 is an error.
* Values are the same when their texts are, with case: ``SMTP:a@x`` and
  ``smtp:a@x`` are two proxy addresses. The first of them stays.
* Contains looks for a part of each value, with case, and yields the position of
  the first value that has it, 0 without one; so it can be counted with and
  serve as a condition. Nothing is found nowhere.
"""

from __future__ import annotations

from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Example, Function
from reconciler.expr.values import Value, plain_text


def _contains(arguments: Arguments) -> Reader:
    source, sought = arguments.values(0), arguments.text(1)
    if arguments.constant(1) == "":
        hint = 'name what to look for, as in Contains([proxyAddresses], "SMTP:")'
        raise arguments.problem(1, "the text to look for is empty", hint)

    def contains(row: Row) -> Value:
        values, part = source(row), sought(row)
        if not part:
            return 0
        found = (at for at, value in enumerate(values, 1) if part in (plain_text(value) or ""))
        return next(found, 0)

    return contains


def _count(arguments: Arguments) -> Reader:
    read = arguments.values(0)
    return lambda row: len(read(row))


def _item(arguments: Arguments) -> Reader:
    source, position = arguments.values(0), arguments.integer(1, least=1)

    def item(row: Row) -> Value:
        values, wanted = source(row), position(row)
        return values[wanted - 1] if wanted <= len(values) else None

    return item


def _remove_duplicates(arguments: Arguments) -> Reader:
    read = arguments.values(0)

    def remove_duplicates(row: Row) -> Value:
        first_by_text: dict[str | None, Value] = {}
        for value in read(row):
            first_by_text.setdefault(plain_text(value), value)
        return tuple(first_by_text.values()) or None

    return remove_duplicates


_ADDRESSES = (
    "SMTP:ada@contoso.example",
    "smtp:ada.l@contoso.example",
    "smtp:ada.l@contoso.example",
)

LIST_FUNCTIONS = (
    Function(
        "Contains",
        "attribute, search",
        minimum=2,
        maximum=2,
        required=2,
        doc="The position of the first value that holds the text, with case; 0 when none does.",
        examples=(
            Example('Contains([proxyAddresses], "smtp:")', 2, {"proxyAddresses": _ADDRESSES}),
            Example(
                'IIF(Contains([proxyAddresses], "X400:") > 0, "yes", "no")',
                "no",
                {"proxyAddresses": _ADDRESSES},
            ),
        ),
        build=_contains,
    ),
    Function(
        "Count",
        "attribute",
        minimum=1,
        maximum=1,
        doc="The number of values of an attribute; 0 for null.",
        examples=(Example("Count([proxyAddresses])", 3, {"proxyAddresses": _ADDRESSES}),),
        build=_count,
    ),
    Function(
        "Item",
        "attribute, index",
        minimum=2,
        maximum=2,
        required=2,
        doc="One value of an attribute with several; the first is 1. Null past the last.",
        examples=(
            Example(
                "Item([proxyAddresses], 1)",
                "SMTP:ada@contoso.example",
                {"proxyAddresses": _ADDRESSES},
            ),
            Example('Item(Split([dn], ","), 2)', "ou=Sales", {"dn": "cn=Joe,ou=Sales"}),
        ),
        build=_item,
    ),
    Function(
        "RemoveDuplicates",
        "attribute",
        minimum=1,
        maximum=1,
        doc="The values of an attribute, each once, compared with case; the first one stays.",
        examples=(
            Example(
                "RemoveDuplicates([proxyAddresses])",
                ("SMTP:ada@contoso.example", "smtp:ada.l@contoso.example"),
                {"proxyAddresses": _ADDRESSES},
            ),
        ),
        build=_remove_duplicates,
    ),
)
