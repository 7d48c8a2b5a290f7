"""
How fast, how many at once, and what answers mean (scim.md, 5; reliability.md, 3.1).

The descriptions say what the engine does with each flag.
Used by :mod:`reconciler.profiles.model`.
"""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.profiles.section import Name, Section

Status = Annotated[int, Field(ge=400, le=599)]
"""An HTTP status that is an error."""


class ReadAfterWrite(Section):
    """How long a service may take to show what was written."""

    retries: Annotated[
        int,
        Field(
            ge=0,
            le=20,
            description="How often a resource is read again when it does not show what was "
            "written, or is not found after a create.",
        ),
    ] = 2
    delay_seconds: Annotated[
        int,
        Field(ge=0, le=300, description="The wait before the first of them; doubled each time."),
    ] = 1


class Concurrency(Section):
    """What may happen at the same time."""

    etag: Annotated[
        Literal["if_declared", "never"],
        Field(
            description="`if_declared`: changes carry `If-Match` where the service declares ETags "
            "and the resource has a version. `never`: not even then. The resource is compared "
            "again before each change in any case."
        ),
    ] = "if_declared"
    max_inflight: Annotated[
        int | None,
        Field(
            ge=1,
            le=64,
            description="Requests in flight at most; the lower of this and `target.concurrency`.",
        ),
    ] = None
    read_after_write: Annotated[
        ReadAfterWrite, Field(description="How long to wait until a change shows.")
    ] = Field(default_factory=ReadAfterWrite.model_construct)
    settle_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=3_600,
            description="How long a request that nobody waits for any more may still be carried "
            "out. Only after that is a create sent again that had no answer, be it of this run or "
            "of an earlier one.",
        ),
    ] = 10


class Limits(Section):
    """How fast requests may go."""

    requests_per_second: Annotated[
        int | None,
        Field(
            ge=1,
            le=10_000,
            description="Requests per second; the lower of this and `target.rate_limit`. "
            "Left out: `target.rate_limit`.",
        ),
    ] = None
    burst: Annotated[
        int, Field(ge=1, le=1_000, description="Requests that may go at once after a rest.")
    ] = 5
    retry_after: Annotated[
        tuple[Name, ...],
        Field(
            description="Headers that say how long to wait: seconds or a date, in one that ends in "
            "`-Reset` also Unix time. The first that can be understood decides. A `-Reset` counts "
            "where the `-Remaining` beside it is 0, or is missing and the answer is a 429."
        ),
    ] = (
        "Retry-After",
        "X-Retry-After",
        "X-RateLimit-Reset",
        "X-Rate-Limit-Reset",
        "RateLimit-Reset",
    )
    max_wait_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=3_600,
            description="All waits of one request together; a service that asks for more ends the "
            "run, which the same command resumes.",
        ),
    ] = 300


class Errors(Section):
    """What answers mean."""

    duplicate: Annotated[
        tuple[Status, ...],
        Field(
            description="Statuses by which a create says that the name is taken. The name is then "
            "looked up; if nobody has it, the answer is an error like any other."
        ),
    ] = (409,)


class Bulk(Section):
    """Whether changes travel together."""

    use: Annotated[
        Literal["auto", "never"],
        Field(description="`auto`: where the service declares bulk requests. `never`: not there."),
    ] = "auto"
    max_operations: Annotated[
        int | None,
        Field(
            ge=1,
            le=10_000,
            description="Operations in one bulk request; the lower of this and what the service "
            "declares. Left out: what it declares.",
        ),
    ] = None
