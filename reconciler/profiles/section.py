"""
Base of all parts of a profile.

Used by the modules of this room. Why annotations are no text here, and defaults are made by
`model_construct`: :mod:`reconciler.config.references`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=256)]
"""A name, an attribute, a header: any text that is not empty."""

Attribute = Annotated[
    str,
    Field(max_length=256, pattern=r"^([uU][rR][nN]:[A-Za-z0-9:._-]+:)?\$?[A-Za-z][A-Za-z0-9_.-]*$"),
]
"""An attribute, perhaps with its schema's URN in front, or a part of one."""


class Section(BaseModel):
    """Base of all parts: immutable, strict, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
