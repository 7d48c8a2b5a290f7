"""
What every noun of the file is built on, and the reference to a secret.

Apart from :mod:`reconciler.config.model` so that the parts it is made of can use them.

Two things keep the start of every command short. A module of models has its annotations as they
are, not as text (`from __future__ import annotations`), which pydantic would compile once more. And
a default that is a model is made by `model_construct`: validation would build a validator for each.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.config.kinds import Name


class Model(BaseModel):
    """Base of all configuration: immutable, strict, and a misspelt key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )


def exactly_one(*given: object, of: str) -> None:
    """Refuse anything but one given value; *of* names the choices for the reader."""
    if sum(value is not None for value in given) != 1:
        raise PydanticCustomError(
            "exactly-one", "must give exactly one of {choice}", {"choice": of}
        )


class SecretReference(Model):
    """Where a secret is found; never the secret."""

    env: Annotated[
        str | None,
        Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Name of an environment variable."),
    ] = None
    file: Annotated[Name | None, Field(description="Path of a file that holds the secret.")] = None

    @model_validator(mode="after")
    def _one_place(self) -> "SecretReference":
        exactly_one(self.env, self.file, of="`env` and `file`")
        return self
