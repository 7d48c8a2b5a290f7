"""
Write the part of expressions.md that the table of functions says.

Everything between the two marks comes from :data:`reconciler.expr.FUNCTIONS`: a
table of what each function yields, and every example with what goes in and what
comes out. The rest of the page is written by hand and stays as it is.

`make docs` runs this; a test fails while the page is not what it would write,
and another one runs every example.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from reconciler.expr import FUNCTIONS, Alternatives, RoleGrant, Surroundings, Value
from reconciler.expr.signatures import Example, Function

PAGE = Path(__file__).with_name("expressions.md")

BEGIN = "<!-- Written by docs/generate.py from here on: `make docs`. -->\n"
END = "<!-- Written by hand from here on. -->\n"


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")


def renewed(page: str) -> str:
    """Return *page* with the part between the marks written anew."""
    above, _, rest = page.partition(BEGIN)
    _, _, below = rest.partition(END)
    return f"{above}{BEGIN}\n{''.join(_functions())}\n{END}{below}"


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
