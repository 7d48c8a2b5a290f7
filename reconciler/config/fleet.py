"""
The database that workers share their jobs through.

Used by :mod:`reconciler.config.model`; what it is used for is :mod:`reconciler.fleet`.
"""

from typing import Annotated

from pydantic import Field

from reconciler.config.references import Model, SecretReference

NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"


class Fleet(Model):
    """A queue of jobs in PostgreSQL, and the name of this configuration in it."""

    name: Annotated[
        str,
        Field(pattern=NAME, description="What this configuration is called in the database."),
    ]
    database: Annotated[
        SecretReference, Field(description="Reference to the connection string of PostgreSQL.")
    ]
