"""
What happens to the accounts of those who leave, as ``lifecycle:`` says it.

Source of every key and default: product.md, section 2, and ruling 6.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Lifecycle(BaseModel):
    """What happens to the account of somebody who leaves (ruling 6)."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )

    actions: Annotated[
        tuple[Literal["create", "update", "delete"], ...],
        Field(
            min_length=1,
            description="Entra's target object actions; without `update` nobody is disabled.",
        ),
    ] = ("create", "update", "delete")
    leaves_scope: Annotated[
        Literal["disable", "delete", "keep"],
        Field(description="For who is unassigned, filtered out, expired or Default Access only."),
    ] = "disable"
    deleted_at_source: Annotated[
        Literal["disable", "delete", "keep"],
        Field(description="For who is soft-deleted at, or gone from, the source."),
    ] = "disable"
    delete_after: Annotated[
        str,
        Field(
            pattern=r"^(never|[1-9][0-9]{0,3}d)$",
            description="Days between our own disable and the delete, e.g. `30d`.",
        ),
    ] = "never"

    @property
    def delete_after_days(self) -> int | None:
        """Days of `delete_after`; None for `never`."""
        return None if self.delete_after == "never" else int(self.delete_after[:-1])
