"""
What a kind of SCIM service does differently, in flags; the defaults are any service's.

The engine knows flags and no products: a service that needs more than these
needs a new flag, and the profile of no product is ever asked for by name. Each
description says what the engine does with its flag (scim.md, section 5.1), and
each default is what suits a service of which nothing is known.

The models are closed, frozen and strict, as those of ``provisioning.yaml``.
Made by :mod:`reconciler.config.profile_files`; read by ``live``, ``plan`` and
``apply``.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from reconciler.profiles.reading import Filter, Listings, Paging
from reconciler.profiles.section import Name, Section
from reconciler.profiles.traffic import Bulk, Concurrency, Errors, Limits
from reconciler.profiles.writing import Attributes, Deprovision, Members, Write


class Profile(Section):
    """Everything that is known of a kind of service."""

    extends: Annotated[
        Name | None,
        Field(
            description="The profile that this one is laid on: a shipped one, or the path of one "
            "below the folder of the configuration. Mappings merge key by key, lists replace."
        ),
    ] = None
    tested: Annotated[
        Name,
        Field(
            description="The server on which this very profile was tested, or `none`. For people; "
            "not handed on by `extends`."
        ),
    ] = "none"
    discovery: Annotated[
        Literal["full", "partial", "none"],
        Field(
            description="What the service tells about itself. `full`: all three documents; one "
            "that is missing is an error. `partial`: for what is missing the RFC's defaults stand. "
            "`none`: it is not asked, and the RFC's defaults stand."
        ),
    ] = "partial"
    me: Annotated[
        bool,
        Field(
            description="`true`: the service answers `/Me` with the account that the credential "
            "belongs to (RFC 7644, section 3.11). It is asked once for each plan and each apply, "
            "and the guard `self` takes nothing from that account. `false`: it is not asked."
        ),
    ] = False
    paging: Annotated[Paging, Field(description="How a listing is cut into pages.")] = Field(
        default_factory=Paging.model_construct
    )
    filter: Annotated[Filter, Field(description="Whether accounts can be looked up.")] = Field(
        default_factory=Filter.model_construct
    )
    list: Annotated[Listings, Field(description="What a listing holds.")] = Field(
        default_factory=Listings.model_construct
    )
    write: Annotated[Write, Field(description="How an update is said.")] = Field(
        default_factory=Write.model_construct
    )
    members: Annotated[Members, Field(description="How members are changed.")] = Field(
        default_factory=Members.model_construct
    )
    deprovision: Annotated[Deprovision, Field(description="What taking away does.")] = Field(
        default_factory=Deprovision.model_construct
    )
    attributes: Annotated[
        Attributes, Field(description="Attributes that are not what the schema says.")
    ] = Field(default_factory=Attributes.model_construct)
    concurrency: Annotated[Concurrency, Field(description="What may happen at the same time.")] = (
        Field(default_factory=Concurrency.model_construct)
    )
    limits: Annotated[Limits, Field(description="How fast requests may go.")] = Field(
        default_factory=Limits.model_construct
    )
    errors: Annotated[Errors, Field(description="What answers mean.")] = Field(
        default_factory=Errors.model_construct
    )
    bulk: Annotated[Bulk, Field(description="Whether changes travel together.")] = Field(
        default_factory=Bulk.model_construct
    )

    def same_service(self, other: "Profile") -> bool:
        """Say whether both make the engine act alike; what is only for people does not count."""
        told = {"extends", "tested"}
        return self.model_dump(exclude=told) == other.model_dump(exclude=told)


GENERIC: Final = Profile.model_construct()
"""What is assumed of a service of which nothing is known."""
