"""
The limits of one application: how much a plan may take away.

One key per *effect*, because a limit on accounts says nothing about
memberships (reliability.md, finding 4). The formula is in
:mod:`reconciler.plan.guards`; defaults come from product.md, section 2. A limit
that is given in part keeps the other half of its default; that happens before
validation, in :mod:`reconciler.config.load`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Percent = Annotated[int, Field(ge=0, le=100)]


class _Closed(BaseModel):
    """Base of the limits: immutable, strict, and a misspelt key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )


class Limit(_Closed):
    """The most a plan may take: a count and a share, both of which must hold."""

    at_most: Annotated[Count, Field(description="Never more than this many.")]
    percent: Annotated[Percent, Field(description="Never more than this share.")]


class AccidentalDeletions(_Closed):
    """Entra's accidental-deletion prevention: disables and deletes together."""

    enabled: Annotated[bool, Field(description="False: this guard never blocks.")] = True
    at_most: Annotated[Count, Field(description="Never more than this many.")] = 50
    percent: Annotated[Percent, Field(description="Never more than this share.")] = 5


class Shrink(_Closed):
    """How much smaller the source may be than at the last plan applied."""

    percent: Annotated[Percent, Field(description="Never more than this share of the rows.")] = 10
    column_percent: Annotated[
        Percent, Field(description="Never more than this share of the people lose a column.")
    ] = 20


class HalfGone(_Closed):
    """How much of anything one plan may take, whatever its own limit says."""

    percent: Annotated[
        Percent, Field(description="Never more than this share, of four or more.")
    ] = 50


Multiple = Annotated[int, Field(ge=1, le=1000)]


class RollingWindow(_Closed):
    """How much several runs may take together, in limits of one run."""

    day: Annotated[
        Multiple, Field(description="In 24 hours never more than so many limits of one run.")
    ] = 2
    week: Annotated[
        Multiple, Field(description="In 7 days never more than so many limits of one run.")
    ] = 4


class SingleCause(_Closed):
    """How many people one rule may take something from."""

    percent: Annotated[
        Percent, Field(description="Never more than this share; ten in any case.")
    ] = 20


class Safety(_Closed):
    """Every limit of an application."""

    accidental_deletions: Annotated[
        AccidentalDeletions,
        Field(description="Users disabled or deleted and groups deleted, as Entra counts them."),
    ] = Field(default_factory=AccidentalDeletions.model_construct)
    delete_users: Annotated[Limit, Field(description="Accounts deleted.")] = Limit.model_construct(
        at_most=10, percent=1
    )
    delete_groups: Annotated[Limit, Field(description="Groups deleted.")] = Limit.model_construct(
        at_most=5, percent=2
    )
    empty_groups: Annotated[Limit, Field(description="Groups that lose their last member.")] = (
        Limit.model_construct(at_most=5, percent=2)
    )
    remove_members: Annotated[Limit, Field(description="Memberships taken away.")] = (
        Limit.model_construct(at_most=200, percent=5)
    )
    group_members: Annotated[Limit, Field(description="Members that any one group loses.")] = (
        Limit.model_construct(at_most=50, percent=20)
    )
    half_gone: Annotated[
        HalfGone,
        Field(description="Accounts, groups, memberships or roles taken, each of all there are."),
    ] = Field(default_factory=HalfGone.model_construct)
    revoke_roles: Annotated[Limit, Field(description="Roles taken away or weakened.")] = (
        Limit.model_construct(at_most=25, percent=5)
    )
    rename_users: Annotated[Limit, Field(description="userNames changed.")] = Limit.model_construct(
        at_most=25, percent=2
    )
    enable_users: Annotated[Limit, Field(description="Accounts switched on again.")] = (
        Limit.model_construct(at_most=20, percent=2)
    )
    create_users: Annotated[
        Limit, Field(description="Accounts created again that our journals say are there.")
    ] = Limit.model_construct(at_most=20, percent=10)
    single_cause: Annotated[
        SingleCause,
        Field(description="People who lose their account or a role by one and the same rule."),
    ] = Field(default_factory=SingleCause.model_construct)
    rolling_window: Annotated[
        RollingWindow, Field(description="What earlier runs and this one take together.")
    ] = Field(default_factory=RollingWindow.model_construct)
    source_shrinks: Annotated[
        Shrink, Field(description="Rows that the source lost since the last plan applied.")
    ] = Field(default_factory=Shrink.model_construct)
    protected: Annotated[
        tuple[str, ...],
        Field(description="userName or objectId that nothing is taken from; cannot be approved."),
    ] = ()
    min_admins: Annotated[
        Count, Field(description="Active holders of privileged roles that must remain.")
    ] = 1
