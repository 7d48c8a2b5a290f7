"""
The functions a mapping may call: one table, one row each.

The rows stand beside their implementations, by family; this is where they come
together. The parser's checks, every message, the generated documentation and
the tests read :data:`FUNCTIONS` and nothing else. A new function is a row in
one of the families (or a new family here) and its tests.

Source of names, parameters and semantics: entra.md 4.2 to 4.4 and 1.10. Nothing
here reads a clock, a file or a random number.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.expr.functions.chance import RANDOM_FAMILY
from reconciler.expr.functions.dates import DATE_FUNCTIONS
from reconciler.expr.functions.effects import EFFECT_FUNCTIONS
from reconciler.expr.functions.encoding import ENCODING_FUNCTIONS
from reconciler.expr.functions.lists import LIST_FUNCTIONS
from reconciler.expr.functions.logic import LOGIC_FUNCTIONS
from reconciler.expr.functions.numbers import NUMBER_FUNCTIONS
from reconciler.expr.functions.replace import REPLACE_FUNCTIONS
from reconciler.expr.functions.roles import ROLE_FAMILY
from reconciler.expr.functions.text import TEXT_FUNCTIONS
from reconciler.expr.functions.words import WORD_FUNCTIONS
from reconciler.expr.signatures import Function

_FAMILIES = (
    LOGIC_FUNCTIONS,
    REPLACE_FUNCTIONS,
    TEXT_FUNCTIONS,
    DATE_FUNCTIONS,
    EFFECT_FUNCTIONS,
    ENCODING_FUNCTIONS,
    LIST_FUNCTIONS,
    NUMBER_FUNCTIONS,
    RANDOM_FAMILY,
    ROLE_FAMILY,
    WORD_FUNCTIONS,
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for function in sorted(
            (function for family in _FAMILIES for function in family),
            key=lambda function: function.name,
        )
    }
)
"""By name, in the order of the alphabet; names are case-sensitive."""
