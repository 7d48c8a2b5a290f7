"""
The envelopes of RFC 7644: what is around resources, never the resources.

Envelopes are few and foreign, so pydantic checks them; the resources inside
stay plain dictionaries, because there may be a million of them. Unknown keys
are tolerated, names are read without case, and nothing optional is required:
a server is judged by what it says, not by how well it spells.

Used by :mod:`reconciler.live` and :mod:`reconciler.scim.capabilities`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, model_validator
from pydantic.alias_generators import to_camel

LIST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH_URN: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Message(BaseModel):
    """Base: foreign, so tolerant of more, and frozen."""

    model_config = ConfigDict(
        extra="ignore",
        defer_build=True,
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _names_without_case(cls, data: Any) -> Any:
        """Spell the keys as the model does, and read null as absent (RFC 7643, 2.1, 2.5)."""
        if not isinstance(data, dict):
            return data
        spelled = _spellings(cls)
        named = {spelled.get(str(key).lower(), key): value for key, value in data.items()}
        return {key: value for key, value in named.items() if value is not None}


@cache
def _spellings(model: type[Message]) -> Mapping[str, str]:
    """Return how *model* spells its keys, by what they are in lower case."""
    return {(f.alias or n).lower(): f.alias or n for n, f in model.model_fields.items()}


Resources = list[InstanceOf[dict[str, Any]]]
"""Resources as the JSON parser made them: not copied, since nobody else holds them."""


class ListResponse(Message):
    """A page of a listing (RFC 7644, section 3.4.2; RFC 9865 for ``nextCursor``)."""

    schemas: list[str]
    total_results: int | None = Field(default=None, ge=0)
    resources: Resources | None = Field(default=None, alias="Resources")
    next_cursor: str | None = Field(default=None, max_length=8_192)

    @model_validator(mode="after")
    def _is_a_list_response(self) -> "ListResponse":
        if LIST_URN.lower() not in {urn.lower() for urn in self.schemas}:
            raise ValueError("not a ListResponse")
        if self.resources is None and self.total_results != 0:
            raise ValueError("a ListResponse without Resources")
        return self


class Supported(Message):
    """One feature of a ServiceProviderConfig."""

    supported: bool = False


class BulkSupport(Supported):
    """Whether changes may travel together, and how many and how large."""

    max_operations: int | None = None
    max_payload_size: int | None = None


class FilterSupport(Supported):
    """Whether and how far a service filters."""

    max_results: int | None = None


class Pagination(Message):
    """How a service pages (RFC 9865, section 4)."""

    cursor: bool = False
    index: bool = True
    max_page_size: int | None = None


class ServiceProviderConfig(Message):
    """
    What a service says it can do (RFC 7643, section 5).

    What it does not say is taken as SCIM clients need it: PATCH and filters
    work, bulk and ETags do not (entra.md, section 9.3 asks the same).
    """

    patch: Supported = Supported.model_construct(supported=True)
    bulk: BulkSupport = BulkSupport.model_construct()
    filter: FilterSupport = FilterSupport.model_construct(supported=True)
    etag: Supported = Supported.model_construct()
    pagination: Pagination = Pagination.model_construct()


def patch_body(operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the body of a PATCH with *operations* (RFC 7644, section 3.5.2)."""
    return {"schemas": [PATCH_URN], "Operations": [dict(operation) for operation in operations]}
