"""
What a service does differently when it is written to (scim.md, 3.1 to 3.4 and 5).

The descriptions say what the engine does with each flag.
Used by :mod:`reconciler.profiles.model`.
"""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.profiles.section import Name, Section


class Write(Section):
    """How an update is said."""

    user_update: Annotated[
        Literal["patch", "put"] | None,
        Field(
            description="How users are changed. `put`: the whole resource as it was just read, "
            "with the changes made in it, and `If-Match` where `etag` allows; not sent where the "
            "schema says that a read does not show everything. Left out: by PATCH, and where the "
            "service declares that it has none, a plan that changes users is refused; `patch`: "
            "whatever it declares."
        ),
    ] = None
    group_update: Annotated[
        Literal["patch", "put"] | None,
        Field(description="The same for groups; `put` also for members who come or go."),
    ] = None
    patch_filter_path: Annotated[
        bool,
        Field(
            description='Whether a PATCH may name an element, `emails[type eq "work"].value`. '
            "`false`: the list of that one attribute is sent whole (`replace`), as it was just "
            "read, with the change made in it. Members are removed as `members.remove` says."
        ),
    ] = True
    atomic: Annotated[
        bool,
        Field(
            description="Whether a PATCH is carried out as a whole or not at all. `false`: each "
            "PATCH has one operation."
        ),
    ] = True


class Members(Section):
    """How the members of groups are changed."""

    readable: Annotated[
        bool,
        Field(
            description="Whether the members of a group can be read. `false`: they are neither "
            "compared nor written, and each plan says so: what cannot be read back is not changed."
        ),
    ] = True
    remove: Annotated[
        Literal["filter", "value_list", "replace", "put"],
        Field(
            description="How a member is removed. `filter`: "
            '`remove members[value eq "id"]`, one operation each. `value_list`: `remove members` '
            "with the leaving in `value`. `replace`: `replace members` with those who stay. `put`: "
            "the whole group. What is left is read back and compared in each case."
        ),
    ] = "filter"
    chunk: Annotated[
        int,
        Field(
            ge=1,
            le=10_000,
            description="Members who come or go in one request; halved where the service says "
            "400 or 413. Not for `replace` and `put`, which name those who stay.",
        ),
    ] = 100
    max: Annotated[
        int | None,
        Field(
            ge=1,
            description="Members that a group can hold. A group that has as many or more, or "
            "would have more, is not written to: its operations fail. Left out: any number.",
        ),
    ] = None


class Deprovision(Section):
    """What taking an account away does."""

    active_false: Annotated[
        Literal["suspends", "deletes", "unsupported"],
        Field(
            description="What `active: false` does. `deletes`: the account is gone, so a disable "
            "counts as a delete for the guards, needs `delete` among `lifecycle.actions`, and is "
            "done when it is not found. `unsupported`: it is never sent to an account; a "
            "`lifecycle` that asks for disables is refused, and who is disabled at the source, and "
            "stays active, is named in each plan."
        ),
    ] = "suspends"
    delete: Annotated[
        Literal["hard", "soft", "forbidden"],
        Field(
            description="What DELETE does. `hard`: done when the account is not found. `soft`: "
            "it is switched off, and may stay: done when it is not found or is not active. "
            "`forbidden`: never sent; a `lifecycle` that asks for deletes is refused."
        ),
    ] = "hard"


class Attributes(Section):
    """Attributes that are not what the schema says."""

    unsupported: Annotated[
        tuple[Name, ...],
        Field(
            description="Attribute paths and schema URNs that the service does not keep: mappings "
            "to them are neither compared nor written, and each plan says so. What accounts are "
            "matched on, or looked up by before a create, is refused."
        ),
    ] = ()
    immutable: Annotated[
        tuple[Name, ...],
        Field(
            description="Attribute paths and schema URNs that are written on create alone; a later "
            "difference is shown as a warning and not sent. References (`manager`, `members`) are "
            "written after a create, and refused."
        ),
    ] = ()
