"""
What this target can do: patch, bulk, filter, etag, page size, schemas.

Made from ``/ServiceProviderConfig``, ``/Schemas`` and ``/ResourceTypes``. Each
may be missing, since many services leave discovery out; the defaults of the
RFCs then stand, and ``missing`` says so. The digest identifies the service in a
plan (INV-5), so nothing that changes by itself is in it.

The documents themselves are kept: a live state that was saved to a file is read
back through the same code that read it from the wire.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from reconciler.diagnostics import ReconcilerError
from reconciler.scim.messages import ServiceProviderConfig
from reconciler.scim.schema import CORE, Schemas

Document = Mapping[str, Any]

CONFIG, SCHEMAS, TYPES = "ServiceProviderConfig", "Schemas", "ResourceTypes"
ME = "Me"
"""Where a service says whose the credential is (RFC 7644, section 3.11)."""


class CapabilitiesError(ReconcilerError):
    """What was discovered, or saved, does not describe a service."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a SCIM service can do; the defaults are those of a service that does not say."""

    patch: bool = True
    bulk: bool = False
    bulk_operations: int | None = None
    """Changes in one bulk request at most."""
    bulk_bytes: int | None = None
    """Bytes of one bulk request at most."""
    filter: bool = True
    etag: bool = False
    filter_max_results: int | None = None
    cursor_paging: bool = False
    index_paging: bool = True
    max_page_size: int | None = None
    schemas: Schemas = field(default=CORE, repr=False)
    digest: str = ""
    """SHA-256 over what was discovered, without ``meta``; hexadecimal."""
    missing: tuple[str, ...] = ()
    """Discovery documents that the service does not have."""
    documents: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What was discovered, without ``meta``."""
    me: str | None = None
    """
    Id of the account that the credential belongs to; None: it is not known.

    Not in the digest: a service stays the same one when it is asked with another credential.
    """

    @property
    def pages_by_cursor(self) -> bool:
        """Whether the service declares cursors (RFC 9865) and no indices."""
        return self.cursor_paging and not self.index_paging

    @classmethod
    def from_discovery(
        cls,
        config: Document | None,
        schemas: Sequence[Document] | None,
        resource_types: Sequence[Document] | None,
    ) -> Capabilities:
        """
        Judge the three discovery documents; None is one that the service does not have.

        Raises:
            CapabilitiesError: The ServiceProviderConfig is not one.
        """
        advertised = _lasting_list(schemas, "id")
        types = _lasting_list(resource_types, "name")
        documents = {CONFIG: _lasting(config), SCHEMAS: advertised, TYPES: types}
        try:
            said = ServiceProviderConfig.model_validate(documents[CONFIG] or {})
        except ValidationError as exc:
            where = ".".join(str(step) for step in exc.errors()[0]["loc"])
            raise CapabilitiesError(f"the ServiceProviderConfig is malformed at `{where}`") from exc
        paging = said.pagination
        return cls(
            patch=said.patch.supported,
            bulk=said.bulk.supported,
            bulk_operations=_positive(said.bulk.max_operations),
            bulk_bytes=_positive(said.bulk.max_payload_size),
            filter=said.filter.supported,
            etag=said.etag.supported,
            filter_max_results=_positive(said.filter.max_results),
            cursor_paging=paging.cursor,
            index_paging=paging.index or not paging.cursor,
            max_page_size=_positive(paging.max_page_size),
            schemas=Schemas.from_discovery(advertised or (), types or ()),
            digest=_digest(documents),
            missing=tuple(name for name, document in documents.items() if document is None),
            documents=documents,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` needs, as plain JSON values."""
        return {**self.documents, **({ME: self.me} if self.me else {})}

    @classmethod
    def from_json(cls, data: Any) -> Capabilities:
        """
        Return the capabilities that :meth:`to_json` described.

        Raises:
            CapabilitiesError: *data* is something else.
        """
        if not isinstance(data, dict) or set(data) - {CONFIG, SCHEMAS, TYPES, ME}:
            raise CapabilitiesError("not the capabilities of a service")
        me = data.get(ME)
        if not isinstance(me, str | None):
            raise CapabilitiesError(f"`{ME}` is not an id")
        config = data.get(CONFIG)
        if not isinstance(config, dict | None):
            raise CapabilitiesError(f"`{CONFIG}` is not an object")
        for name in (SCHEMAS, TYPES):
            if not _is_list_of_objects(data.get(name)):
                raise CapabilitiesError(f"`{name}` is not a list of objects")
        return replace(cls.from_discovery(config, data.get(SCHEMAS), data.get(TYPES)), me=me)


def _is_list_of_objects(value: Any) -> bool:
    """Say whether *value* is a list of objects, or null."""
    if value is None:
        return True
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _lasting(document: Document | None) -> dict[str, Any] | None:
    """Return *document* without ``meta``, whose times and versions change by themselves."""
    if document is None:
        return None
    return {key: value for key, value in document.items() if key.lower() != "meta"}


def _lasting_list(documents: Sequence[Document] | None, key: str) -> list[dict[str, Any]] | None:
    """Return *documents* without ``meta``, in an order that does not depend on the server."""
    if documents is None:
        return None
    lasting = [_lasting(document) or {} for document in documents]
    return sorted(lasting, key=lambda document: (str(document.get(key)), _canonical(document)))


def _positive(number: int | None) -> int | None:
    """Return *number* if it limits anything; some services say 0 for no limit."""
    return number if number and number > 0 else None


def _canonical(value: Any) -> str:
    """Return *value* as JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _digest(documents: Mapping[str, Any]) -> str:
    """Return the SHA-256 of *documents*, hexadecimal."""
    return hashlib.sha256(_canonical(documents).encode("utf-8", "surrogatepass")).hexdigest()
