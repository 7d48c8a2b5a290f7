"""
Functions that say something about the whole mapping, or about where it is used.

What they mean is carried out elsewhere: who shows values hides those of Redact
(:data:`reconciler.expr.surroundings.REDACTING_FUNCTIONS`), and the plan picks the
alternative of SelectUniqueValue that nobody has yet.
"""

from __future__ import annotations

from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Example, Function
from reconciler.expr.surroundings import Surroundings
from reconciler.expr.values import Alternatives, Value, plain_text


def _default_domain(arguments: Arguments) -> Reader:
    domain = arguments.surroundings.default_domain

    def default_domain(row: Row) -> Value:
        if not domain:
            raise arguments.failure("there is none; set source.default_domain")
        return domain

    return default_domain


SHOWN_MESSAGE = 200
"""Characters of an author's own message that are kept."""


def _error(arguments: Arguments) -> Reader:
    """
    Build Error: whoever it is evaluated for is skipped.

    A message that is a constant is shown. One that is made of a person's values
    is not, because messages go where values must not: its formula is.
    """
    constant = arguments.constant(0)
    message = arguments.operands[0].label if constant is None else constant[:SHOWN_MESSAGE]

    def error(row: Row) -> Value:
        raise arguments.failure(message)

    return error


def _ignore_flow(arguments: Arguments) -> Reader:
    read = arguments.reader(0)

    def ignore_flow(row: Row) -> Value:
        value = read(row)
        if isinstance(value, tuple):
            return value if any(part != "" for part in arguments.laid_out(value)) else None
        return None if value == "" else value

    return ignore_flow


def _redact(arguments: Arguments) -> Reader:
    return arguments.reader(0)


def _select_unique_value(arguments: Arguments) -> Reader:
    rules = tuple(operand.read for operand in arguments.operands)

    def candidates(row: Row) -> Value:
        texts = (plain_text(rule(row), arguments.call.name) for rule in rules)
        found = tuple(dict.fromkeys(text for text in texts if text))
        return Alternatives(found) if found else None

    return candidates


_JOHN = {"givenName": "John", "surname": "Smith"}

EFFECT_FUNCTIONS = (
    Function(
        "DefaultDomain",
        "",
        minimum=0,
        maximum=0,
        doc="The default domain of the source, `source.default_domain`; an error without one.",
        examples=(
            Example(
                'Join("@", [mailNickname], DefaultDomain())',
                "ada@contoso.example",
                {"mailNickname": "ada"},
                Surroundings(default_domain="contoso.example"),
            ),
        ),
        build=_default_domain,
    ),
    Function(
        "Error",
        "message",
        minimum=1,
        maximum=1,
        doc="No value: whoever it is worked out for is skipped, with the message.",
        examples=(
            Example(
                'Coalesce([mail], Error("mail is required"))',
                "ada@contoso.example",
                {"mail": "ada@contoso.example"},
            ),
        ),
        build=_error,
    ),
    Function(
        "IgnoreFlowIfNullOrEmpty",
        "expression",
        minimum=1,
        maximum=1,
        doc="The value; null, so that nothing is written, when it is null or empty.",
        examples=(
            Example("IgnoreFlowIfNullOrEmpty([department])", "Sales", {"department": "Sales"}),
            Example("IgnoreFlowIfNullOrEmpty([department])", None, {"department": ""}),
        ),
        build=_ignore_flow,
    ),
    Function(
        "Redact",
        "value",
        minimum=1,
        maximum=1,
        doc="The value, sent as it is and shown as `[Redact]` in every output.",
        examples=(
            Example(
                "Redact([userPrincipalName])",
                "ada@contoso.example",
                {"userPrincipalName": "ada@contoso.example"},
            ),
        ),
        build=_redact,
    ),
    Function(
        "SelectUniqueValue",
        "rule1, rule2, …",
        minimum=2,
        maximum=None,
        required=2,
        doc="The first of the values that nobody on the target has yet; for `apply: on_create`.",
        examples=(
            Example(
                'SelectUniqueValue(Join(".", [givenName], [surname]), '
                'Join(".", Left([givenName], 1), [surname]), '
                'Join(".", Left([givenName], 2), [surname]))',
                Alternatives(("John.Smith", "J.Smith", "Jo.Smith")),
                _JOHN,
            ),
        ),
        build=_select_unique_value,
        outermost=True,
    ),
)
