"""
Validation that goes on after the first mistake.

A misspelt key and an unknown role in one file should both be shown (ruling 1),
but rules between nouns need a model, and a model that failed is none. So what
is wrong is complained of, cut out of a copy of the tree, and the rest validated
again, until there is something the rules can look at. Whatever was cut leaves a
*hole*: a rule that asks "is there any …?" must not answer when it looks into
one. A file with one error is refused, and nothing that was salvaged is ever
planned with; `validate` alone holds it against the source.

Called by :mod:`reconciler.config.load`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler.config.nodes import (
    Loc,
    Node,
    find,
    locate,
    locate_key,
    longest,
    plain,
    shortened,
    without,
)
from reconciler.config.translate import diagnose, follows, meant_by, nulls, standing
from reconciler.config.tree import LIMITS
from reconciler.diagnostics import Diagnostic, Position

ModelT = TypeVar("ModelT", bound=BaseModel)

_ROUNDS = 8
"""More than any chain of consequences: clause, filter, list of filters, all filters."""

_FIRST = (1_000, 10_000, 50_000)
"""How many items of a list are looked at first: beyond some hundred mistakes nobody reads on,
and to collect a quarter of a million takes half a gigabyte (INV-32)."""

_STAND_INS: dict[str, Any] = {
    "target": {"tenant_url": "https://unknown.invalid", "secret_token": {"env": "UNKNOWN"}},
    "mappings": {"users": [{"target": "userName", "source": "userPrincipalName", "match": 1}]},
    "version": 1,
    "source": {"users": "unknown.csv"},
}
"""For required parts that could not be read; each is a hole, so no rule looks at them."""


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[ModelT]):
    """A model for the rules to look at, and the tree that locates its values."""

    model: ModelT
    tree: Node
    holes: frozenset[str]
    """The ways, as ``mappings.users``, to what something was cut out of."""

    def at(self, *loc: str | int) -> Position:
        """Return where the value at *loc* of the model stands."""
        return locate(self.tree, loc)

    def key_at(self, *loc: str | int) -> Position:
        """Return where the key of the value at *loc* of the model stands."""
        return locate_key(self.tree, loc)

    def node(self, *loc: str | int) -> Node | None:
        """Return the node at *loc* of the model."""
        return find(self.tree, loc)

    def is_whole(self, *keys: str) -> bool:
        """Say whether nothing was cut at or below *keys*, nor anything that holds them."""
        way = ".".join(keys)
        return not any(
            hole == way or hole.startswith(f"{way}.") or way.startswith(f"{hole}.")
            for hole in self.holes
        )


def salvage(
    tree: Node, model: type[ModelT], vocabulary: type[BaseModel]
) -> tuple[Salvaged[ModelT] | None, list[Diagnostic]]:
    """
    Validate *tree* as *model*.

    Args:
        tree: What was written, merged.
        model: What it should be.
        vocabulary: The model whose keys are proposed for misspelt ones.

    Returns:
        What the rules may look at (None when nothing is left), and all that is wrong.
    """
    problems = list(nulls(tree).values())
    claimed = {problem.position for problem in problems}
    holes: set[str] = set()
    for attempt in range(_ROUNDS):
        try:
            found = _validated(model, tree, holes)
            return Salvaged(found, tree, frozenset(holes)), problems
        except ValidationError as exc:
            errors = [error for error in _errors(exc) if not follows(error, tree)]
            if exc.error_count() > LIMITS.problems:
                return None, [*problems, *diagnose(errors, tree, vocabulary)]
        if attempt == 0:
            said = diagnose(errors, tree, vocabulary)
            problems += [
                one for one in said if one.code == "missing-key" or one.position not in claimed
            ]
        cuts = {_cut(error, tree) for error in errors}
        if () in cuts:
            break
        holes |= {_hole(error, tree, vocabulary) for error in errors}
        tree = without(tree, cuts)
    return None, problems


def _errors(exc: ValidationError) -> list[ErrorDetails]:
    """Return what pydantic said, without the values, as far as anybody reads."""
    return exc.errors(include_url=False, include_input=False)[: LIMITS.problems + 1]


def _validated(model: type[ModelT], tree: Node, holes: Collection[str]) -> ModelT:
    """
    Validate *tree* with stand-ins for its *holes*.

    The first items of long lists come first: when those hold more mistakes than
    anybody reads, the others are not looked at.

    Raises:
        pydantic.ValidationError: Something is wrong.
    """
    items = longest(tree)
    for most in (most for most in _FIRST if most < items):
        try:
            _as_model(model, shortened(tree, most), holes)
        except ValidationError as exc:
            if exc.error_count() > LIMITS.problems:
                raise
    return _as_model(model, tree, holes)


def _as_model(model: type[ModelT], tree: Node, holes: Collection[str]) -> ModelT:
    """Validate as JSON, so that lists become tuples and nothing else is converted."""
    data = plain(tree)
    if holes:
        data = {**{k: v for k, v in _STAND_INS.items() if k in holes}, **data}
    return model.model_validate_json(json.dumps(data))


def _cut(error: ErrorDetails, tree: Node) -> Loc:
    """
    Return what to leave out so that *error* is gone: as little as can stand alone.

    An unknown key goes alone; otherwise the item of the innermost list goes,
    and outside of lists the whole part.
    """
    loc = standing(error, tree)
    if error["type"] == "extra_forbidden":
        return loc
    indices = [place for place, step in enumerate(loc) if isinstance(step, int)]
    return loc[: indices[-1] + 1] if indices else loc[:1]


def _hole(error: ErrorDetails, tree: Node, vocabulary: type[BaseModel]) -> str:
    """
    Return the keys of what is cut because of *error*, without the indices of lists.

    A misspelt key leaves its hole where the key that was meant should be.
    """
    cut = _cut(error, tree)
    if error["type"] == "extra_forbidden":
        cut = meant_by(cut, vocabulary)
    return ".".join(step for step in cut if isinstance(step, str))
