"""
Write the parts of expressions.md, testing.md and incidents.md that tables say.

Everything between the two marks comes from :data:`reconciler.expr.FUNCTIONS`, a
table of what each function yields, and every example with what goes in and what
comes out; from :data:`reconciler.testing.FAULTS`; and from the incidents that the
tests play. The rest of the pages is written by hand and stays as it is.

`make docs` runs this; a test fails while a page is not what it would write,
and another one runs every example.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from reconciler.expr import FUNCTIONS, Alternatives, RoleGrant, Surroundings, Value
from reconciler.expr.signatures import Example, Function
from reconciler.testing import FAULTS
from tests.incidents.table import INCIDENTS, OURS

PAGE = Path(__file__).with_name("expressions.md")
TESTING = Path(__file__).with_name("testing.md")
OF_OTHERS = Path(__file__).with_name("incidents.md")

BEGIN = "<!-- Written by docs/generate.py from here on: `make docs`. -->\n"
END = "<!-- Written by hand from here on. -->\n"


def main() -> None:
    """Rewrite the pages."""
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
    TESTING.write_text(renewed_testing(TESTING.read_text("utf-8")), "utf-8")
    OF_OTHERS.write_text(renewed_incidents(OF_OTHERS.read_text("utf-8")), "utf-8")


def renewed(page: str) -> str:
    """Return the page on expressions with the part between the marks written anew."""
    return _with(page, _functions())


def renewed_testing(page: str) -> str:
    """Return the page on testing with the part between the marks written anew."""
    return _with(page, _faults())


def renewed_incidents(page: str) -> str:
    """Return the page on incidents with the part between the marks written anew."""
    return _with(page, _incidents())


def _with(page: str, lines: Iterable[str]) -> str:
    above, _, rest = page.partition(BEGIN)
    _, _, below = rest.partition(END)
    return f"{above}{BEGIN}\n{''.join(lines)}\n{END}{below}"


def _faults() -> Iterator[str]:
    """Yield the lines of the table of faults."""
    yield "| fault | injected into | what a client sees | matrix |\n|---|---|---|---|\n"
    for fault in FAULTS.values():
        wire = " (needs `serve()`)" if fault.on_the_wire else ""
        yield f"| `{fault.name}` | {fault.where.words} | {fault.does}{wire} | {fault.matrix} |\n"


def _incidents() -> Iterator[str]:
    """Yield the lines of the table of incidents."""
    yield "| | what happened | to whom | played here | what it takes | stopped by "
    yield "| a naive reconciler |\n|---:|---|---|---|---|---|---|\n"
    for each in INCIDENTS:
        stops = "; ".join(stop.words for stop in each.stops)
        yield f"| {each.number} | {each.title} | {each.where} | {each.played} "
        yield f"| {each.rules} ({each.named}) | {stops} | {each.harm} |\n"
    yield "\nThe catalogue's guards, and what each is here:\n\n| guard | here |\n|---|---|\n"
    yield from (f"| {guard} | {ours} |\n" for guard, ours in OURS.items())


def _functions() -> Iterator[str]:
    """Yield the lines of the table, then the examples of each function."""
    yield "| function | what it yields |\n|---|---|\n"
    for function in FUNCTIONS.values():
        yield f"| `{function.usage}` | {function.doc} |\n"
    for function in FUNCTIONS.values():
        yield from _examples(function)


def _examples(function: Function) -> Iterator[str]:
    yield f"\n### {function.name}\n\n```text\n"
    for example in function.examples:
        yield f"{example.expression}\n"
        yield from (f"    with {line}\n" for line in _given(example))
        yield f"    yields {_shown(example.output)}\n"
    yield "```\n"


def _given(example: Example) -> Iterator[str]:
    """Yield what an example is given: attributes, and what it knows besides."""
    for name, value in example.inputs.items():
        yield f"[{name}] = {_shown(value)}"
    yield from _known(example.surroundings)


def _known(surroundings: Surroundings) -> Iterator[str]:
    if surroundings.now is not None:
        yield f"the time {surroundings.now:%Y-%m-%dT%H:%M:%SZ}"
    if surroundings.default_domain is not None:
        yield f"source.default_domain = {surroundings.default_domain}"
    if surroundings.chance is not None:
        yield f"the random bytes {', '.join(map(str, surroundings.chance.token(3)))}, …"


def _shown(value: Value) -> str:
    """Return *value* as `reconciler expr` prints it; a role with what people call it."""
    if isinstance(value, Alternatives):
        return f"the first of {_shown(value.values)} that is free"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, RoleGrant):
        return f"{_shown(value.value)} (the role {value.name})"
    return json.dumps(
        value if value is None or isinstance(value, int) else str(value), ensure_ascii=False
    )


if __name__ == "__main__":
    main()
