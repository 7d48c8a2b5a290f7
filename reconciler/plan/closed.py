"""
Parts of a plan of which there are ten thousands.

As structs they are read and written in a fraction of the time of dataclasses. To whatever
else reads a plan, and to its schema, they look like dataclasses of the same fields.

Used by :mod:`reconciler.plan.operation`.
"""

from __future__ import annotations

from dataclasses import make_dataclass
from typing import Any, get_type_hints

import msgspec
from pydantic import ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

CLOSED = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)


class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An object of a plan that has just its own keys, each of its own type."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic reads and writes it: as a dataclass of the same fields."""
        hints = get_type_hints(cls)
        names = cls.__struct_fields__
        twin = make_dataclass(
            cls.__name__,
            [(name, hints[name]) for name in names],
            namespace={"__pydantic_config__": CLOSED, "__doc__": cls.__doc__},
            frozen=True,
        )
        form = handler.generate_schema(twin)
        return core_schema.no_info_after_validator_function(
            lambda made: cls(*(getattr(made, name) for name in names)),
            form,
            serialization=core_schema.plain_serializer_function_ser_schema(msgspec.to_builtins),
        )
