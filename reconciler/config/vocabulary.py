"""
Which keys the models know where; for hints on misspelt ones.

Used by :mod:`reconciler.config.translate`.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from reconciler.config.nodes import Loc


def known_keys(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """Return the keys that a mapping at *loc* may have; empty when any will do."""
    kind: Any = model
    for step in loc:
        kind = _inside(kind, step)
    kind = _bare(kind)
    return tuple(_fields(kind)) if _is_model(kind) else ()


def _inside(kind: Any, step: str | int) -> Any:
    """Return the type of what is one step inside a value of type *kind*."""
    kind = _bare(kind)
    if _is_model(kind):
        field = _fields(kind).get(str(step))
        return field.annotation if field else None
    arguments = get_args(kind)
    return arguments[0 if isinstance(step, int) else -1] if arguments else None


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the keys under which the file has them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _bare(kind: Any) -> Any:
    """Take annotations and ``| None`` off a type."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = get_args(kind)[0]
    return kind


def _is_model(kind: Any) -> bool:
    """Say whether *kind* is one of the models."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
