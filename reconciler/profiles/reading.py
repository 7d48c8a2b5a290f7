"""
What a service does differently when it is read (scim.md, 3.4 and 5).

The descriptions say what the engine does with each flag.
Used by :mod:`reconciler.profiles.model`.
"""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.profiles.section import Attribute, Name, Section


class Paging(Section):
    """How a listing is cut into pages."""

    mode: Annotated[
        Literal["auto", "index", "cursor", "none"],
        Field(
            description="How pages are asked for. `auto`: by cursor where the service declares "
            "cursors and no indices, else by `startIndex`. `none`: one request without paging "
            "parameters. A `nextCursor` is followed in every mode."
        ),
    ] = "auto"
    max: Annotated[
        int | None,
        Field(
            ge=1,
            le=10_000,
            description="Resources a page at most. It lowers what is asked for without it: what "
            "the service declares, 1,000 at most and of groups 100; 100 where it declares nothing.",
        ),
    ] = None
    count_param: Annotated[
        bool,
        Field(description="Whether to send `count`. `false`: the service chooses the page size."),
    ] = True
    trust_total: Annotated[
        bool,
        Field(
            description="`true`: a listing by index has ended when as many came as `totalResults` "
            "states. `false`: the last page must also be shorter than one before it; where it is "
            "not, or is the only one, one page more is asked for, and must hold nobody new. "
            "Either way a listing of another length than stated is not complete."
        ),
    ] = False


class Filter(Section):
    """Whether an account can be looked up by one of its values."""

    lookup: Annotated[
        tuple[Name, ...] | None,
        Field(
            description="Attributes that a filter may name; a look-up by any other reads the "
            "listing. `[]`: never filter. Left out: any attribute."
        ),
    ] = None
    calibrate: Annotated[
        bool,
        Field(
            description="`true`: a filter is believed only after a value that nobody has found "
            "nobody, and somebody who is known to be there was found; asked once a run for each "
            "attribute. `false`: it is believed at once. What is found is matched again here in "
            "any case."
        ),
    ] = True
    case_sensitive: Annotated[
        bool,
        Field(
            description="`true`: the service compares with case, whatever its schema says. Then "
            "the known value is asked for as it is written, and other spellings are ruled out by "
            "the listing that each plan and each apply begins with."
        ),
    ] = False


class Listings(Section):
    """What a listing holds."""

    complete: Annotated[
        bool,
        Field(
            description="`false`: a listing does not show everybody, so none is ever complete: "
            "nothing is planned, since nobody can be shown to be missing."
        ),
    ] = True
    members: Annotated[
        Literal["listed", "one_by_one"],
        Field(
            description="Where the members of groups are read, if they are mapped or groups may be "
            "deleted. `listed`: in the listing of groups; where that shows no member at all, a few "
            "groups are read alone, and if one has members, all are. `one_by_one`: the listing "
            "leaves them out (`excludedAttributes=members`), and each group is read alone."
        ),
    ] = "listed"
    attributes: Annotated[
        tuple[Attribute, ...],
        Field(
            description="Attributes to ask for by name (`attributes`) in listings; what is mapped, "
            "matched or needed otherwise is added, so `[id]` is enough to read nothing else. "
            "Empty: the parameter is not sent."
        ),
    ] = ()
    excluded_attributes: Annotated[
        tuple[Attribute, ...],
        Field(
            description="Attributes that listings leave out (`excludedAttributes`), except those "
            "that are mapped, matched or needed otherwise. Not sent beside `attributes`."
        ),
    ] = ()
