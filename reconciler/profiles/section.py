"""
Base of all parts of a profile.

Used by the modules of this room.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=256)]
"""A name, an attribute, a header: any text that is not empty."""


class Section(BaseModel):
    """Base of all parts: immutable, strict, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
