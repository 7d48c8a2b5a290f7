"""
What is measured inside one process: mapping (T5) and wording (T6), of ours and of peers.

``python -m tests.bench.inside WHAT --people N --runs R`` prints the CPU microseconds of
one person, over all runs. Under callgrind it is the instructions that count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.bench.people import EXPRESSIONS, USER_MAPPINGS, account, row, wanted

Work = Callable[[], object]

TEMPLATES = {
    "active": "{{ 'True' if IsSoftDeleted == 'False' else 'False' }}",
    "displayName": "{{ givenName }} {{ surname }}",
    "name.formatted": "{{ surname }}, {{ givenName }}",
    "nickName": "{{ mailNickname[:12] }}",
    "title": "{{ jobTitle | trim }}",
    "userType": (
        "{% if employeeType == 'employee' %}Internal{% elif employeeType == 'contractor' %}"
        "External{% else %}Other{% endif %}"
    ),
    "email": "{{ mail | lower }}",
    "phone": "{{ telephoneNumber | replace(' ', '-') }}",
    "preferredLanguage": "{{ preferredLanguage or 'en-US' }}",
    "address": "{{ city }}, Europe",
    "department": "{% if department == 'Legal' %}Law{% else %}{{ department }}{% endif %}",
    "costCenter": "{{ country }}-{{ costCenter }}",
}
"""The twelve expressions of T5 as a script has them."""


def mapping(people: int) -> Work:
    """Work the twelve expressions out for everybody, by ours."""
    from reconciler.config.model import AttributeMapping
    from reconciler.expr.surroundings import Surroundings
    from reconciler.mapping import Table, attributes_of
    from reconciler.scim.schema import CORE

    table = Table(
        [AttributeMapping(target=path, expression=text) for path, text in EXPRESSIONS.items()],
        "User",
        CORE,
        Surroundings(datetime(2026, 11, 30, tzinfo=UTC)),
    )
    seen = [attributes_of(_cells(n), (), soft_deleted=False) for n in range(people)]
    first = table.project(seen[0]).managed
    expected = wanted(0)
    if first["displayName"] != expected["displayName"] or first["title"] != expected["title"]:
        raise SystemExit("the mapping does not say what the account says")
    return lambda: [table.project(each) for each in seen]


def jinja(people: int) -> Work:
    """Do the same with Jinja, each template compiled once."""
    from jinja2 import Environment

    environment = Environment(autoescape=False)  # noqa: S701 - no HTML
    templates = [environment.from_string(text) for text in TEMPLATES.values()]
    seen = [{**row(n), "IsSoftDeleted": "False"} for n in range(people)]
    return lambda: [[each.render(cells) for each in templates] for cells in seen]


def wording(people: int) -> Work:
    """Say what differs between a changed account and what it should be, by ours."""
    from reconciler.config.model import AttributeMapping
    from reconciler.diff.compare import Comparator
    from reconciler.expr.surroundings import Surroundings
    from reconciler.mapping import Table, attributes_of
    from reconciler.scim.schema import CORE

    lines = [AttributeMapping.model_validate(line) for line in USER_MAPPINGS]
    table = Table(lines, "User", CORE, Surroundings(datetime(2026, 11, 30, tzinfo=UTC)))
    comparator = Comparator("User", CORE)
    pairs = [
        (
            table.project(attributes_of(_cells(n), (), soft_deleted=False)).managed,
            account(n, 100),
        )
        for n in range(people)
    ]
    if len(comparator.differences(*pairs[0])) != 2:
        raise SystemExit("a changed account does not differ by two attributes")
    return lambda: [comparator.differences(*pair) for pair in pairs]


def deepdiff(people: int) -> Work:
    """Do the same with DeepDiff."""
    from deepdiff import DeepDiff

    pairs = [({**account(n), **wanted(n)}, account(n, 100)) for n in range(people)]
    return lambda: [DeepDiff(*pair, ignore_order=True) for pair in pairs]


def client(people: int) -> Work:
    """Make an httpx client, as a script does for each application."""
    import httpx

    return lambda: [httpx.Client() for _ in range(people)]


def _cells(n: int) -> Mapping[str, Any]:
    """Return what the source's reader makes of a row: an empty cell is null."""
    return {name: cell or None for name, cell in row(n).items()}


WORKS: Mapping[str, Callable[[int], Work]] = {
    "mapping": mapping,
    "jinja": jinja,
    "wording": wording,
    "deepdiff": deepdiff,
    "client": client,
}


def main() -> None:
    """Print microseconds a person."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.inside")
    parser.add_argument("what", choices=WORKS)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    work = WORKS[asked.what](asked.people)
    start = time.process_time()
    for _ in range(asked.runs):
        work()
    print((time.process_time() - start) / (asked.people * asked.runs) * 1e6)


if __name__ == "__main__":
    main()
