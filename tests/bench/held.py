"""
What the bench's service holds: resources of one kind, as the bytes that it sends.

Bytes are made once; a page is those of its rows joined, and kept until something is
written. Only what is changed or looked up by another attribute is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.scim.paths import parse_path
from reconciler.scim.resource import drop, put, reader

LIST = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],'


class Missing(LookupError):
    """There is no such resource."""


class Taken(ValueError):
    """Somebody else has this name."""


class Held:
    """The users, or the groups, of the service."""

    def __init__(
        self, named_by: str, prefix: str, rows: Iterable[bytes], *, hides: bool = False
    ) -> None:
        """
        Begin with *rows*.

        Args:
            named_by: The attribute that is unique: `userName` or `displayName`.
            prefix: What the ids of new resources begin with.
            rows: Resources as JSON, the id of each near its beginning.
            hides: Whether listings leave `members` out.
        """
        self._named_by, self._prefix, self._hides = named_by, prefix, hides
        self._rows: dict[str, bytes] = {}
        self._pages: dict[tuple[int, int], bytes] = {}
        self._order: list[bytes] | None = None
        self._by: dict[str, dict[str, set[str]]] = {}
        self._made = 0
        for body in rows:
            self._rows[_id_in(body)] = body

    def page(self, start: int, count: int) -> bytes:
        """Return one page, from *start*, which is 1 for the first."""
        found = self._pages.get((start, count))
        if found is None:
            if self._order is None:
                self._order = [self._shown(body) for body in self._rows.values()]
            rows = self._order[start - 1 : start - 1 + count]
            found = self._pages[start, count] = _listed(rows, len(self._order), start)
        return found

    def matching(self, tests: Iterable[tuple[str, str]]) -> bytes:
        """Return who passes one of *tests*, attribute and value, compared without case."""
        ids: set[str] = set()
        for attribute, value in tests:
            ids |= self._index(attribute).get(value.casefold(), set())
        rows = [self._shown(self._rows[one]) for one in sorted(ids)]
        return _listed(rows, len(rows), 1)

    def get(self, resource_id: str) -> bytes:
        """Return one resource, or raise :class:`Missing`."""
        try:
            return self._rows[resource_id]
        except KeyError:
            raise Missing(resource_id) from None

    def create(self, body: Mapping[str, Any]) -> tuple[str, bytes]:
        """Take a new resource in; return its id, and the whole."""
        if self._index(self._named_by).get(str(body[self._named_by]).casefold()):
            raise Taken(self._named_by)
        self._made += 1
        resource_id = f"{self._prefix}{self._made:08}"
        return resource_id, self._keep(resource_id, {**body, "id": resource_id})

    def patch(self, resource_id: str, operations: Iterable[Mapping[str, Any]]) -> bytes:
        """Change a resource by the operations of a PATCH."""
        held = json.loads(self.get(resource_id))
        self._forget(resource_id, held)
        for one in operations:
            _carry_out(held, one)
        return self._keep(resource_id, held)

    def delete(self, resource_id: str) -> None:
        """Remove a resource."""
        self._forget(resource_id, json.loads(self.get(resource_id)))
        del self._rows[resource_id]
        self._changed()

    def _keep(self, resource_id: str, held: dict[str, Any]) -> bytes:
        for attribute, index in self._by.items():
            index.setdefault(str(held.get(attribute)).casefold(), set()).add(resource_id)
        body = self._rows[resource_id] = json.dumps(held, ensure_ascii=False).encode()
        self._changed()
        return body

    def _forget(self, resource_id: str, held: Mapping[str, Any]) -> None:
        for attribute, index in self._by.items():
            index[str(held.get(attribute)).casefold()].discard(resource_id)

    def _changed(self) -> None:
        self._order = None
        self._pages.clear()

    def _index(self, attribute: str) -> dict[str, set[str]]:
        """Return ids by the values of a simple attribute; made when first asked for."""
        if attribute not in self._by:
            index = self._by[attribute] = {}
            for resource_id, body in self._rows.items():
                value = str(json.loads(body).get(attribute)).casefold()
                index.setdefault(value, set()).add(resource_id)
        return self._by[attribute]

    def _shown(self, body: bytes) -> bytes:
        """Return a resource as listings show it."""
        if not self._hides:
            return body
        held = json.loads(body)
        held.pop("members", None)
        return json.dumps(held, ensure_ascii=False).encode()


def _id_in(body: bytes) -> str:
    """Return the id of a resource that was made here: the first one in its text."""
    begin = body.index(b'"id": "') + 7
    return body[begin : body.index(b'"', begin)].decode()


def _listed(rows: list[bytes], total: int, start: int) -> bytes:
    """Return a ListResponse."""
    head = b'"totalResults":%d,"startIndex":%d,"itemsPerPage":%d,"Resources":['
    return LIST + head % (total, start, len(rows)) + b",".join(rows) + b"]}"


def _carry_out(held: dict[str, Any], operation: Mapping[str, Any]) -> None:
    """Carry out one operation of a PATCH (RFC 7644, section 3.5.2)."""
    path = parse_path(operation["path"])
    value = operation.get("value")
    if operation["op"] == "remove":
        drop(held, path)
    elif operation["op"] == "add" and isinstance(value, list):
        put(held, path, [*(reader(path)(held) or ()), *value])
    elif operation["op"] == "add" and isinstance(value, dict):
        put(held, path, {**(reader(path)(held) or {}), **value})
    else:
        put(held, path, value)
