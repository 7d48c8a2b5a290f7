"""
The SCIM service behind the port :class:`reconciler.ports.Target`.

Every answer is checked before anybody sees it: a resource has the id it was
asked for, a list is a list, nothing found is really nothing found. Ids are
checked before they become part of a path (reliability.md S11).

What became of a write is said as far as it is known: a success that does not
name the new resource has no `id`, an answer that is no SCIM is
:class:`AmbiguousOutcome`; whoever asked looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Any

from reconciler.config.authentication import Authentication
from reconciler.config.model import Target as TargetConfig
from reconciler.live.ahead import Ahead
from reconciler.live.answer import Answer
from reconciler.live.auth import Auth, BasicAuth, BearerAuth
from reconciler.live.bulk import send_bulk
from reconciler.live.connection import Road, Timeouts
from reconciler.live.discover import discover, own_account
from reconciler.live.ids import usable_id
from reconciler.live.members import hides_members, one_by_one
from reconciler.live.oauth import OAuth
from reconciler.live.page_size import paging_of
from reconciler.live.pages import read_all
from reconciler.live.proved import Fetched, Proof
from reconciler.live.search import Search
from reconciler.live.several import Several
from reconciler.live.shown import parameters
from reconciler.live.token_endpoint import TokenEndpoint, TokenRequest
from reconciler.live.transport import Transport
from reconciler.plan.cost import pace_of
from reconciler.plan.groups import MEMBERS
from reconciler.ports import Budget, Clock, Notes
from reconciler.profiles.model import GENERIC, Profile
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import AmbiguousOutcome, NotFound, TargetError, TargetMisbehaved
from reconciler.scim.messages import patch_body
from reconciler.scim.paths import parse_path
from reconciler.states import Listing, Resource, ResourceType


def connect(
    config: TargetConfig,
    secret: str,
    clock: Clock,
    profile: Profile = GENERIC,
    roots: str | None = None,
    budget: Budget | None = None,
) -> ScimTarget:
    """
    Return the service that the configuration names; nothing is sent yet.

    Args:
        config: Where it is, and how it is told who we are.
        secret: What `secret_token` refers to.
        clock: Waits, and says when a token is over.
        profile: What is known of this kind of service.
        roots: PEM of the authorities in `ca_bundle`.
        budget: What other processes that ask the same host have a share in.

    Raises:
        ConfigError: Code ``bad-token`` or ``bad-secret``.
    """
    road = Road(config.proxy, roots)
    inflight = min(config.concurrency, profile.concurrency.max_inflight or config.concurrency)
    transport = Transport(
        config.tenant_url,
        _auth(config.auth, secret, clock, road),
        clock,
        rate_limit=pace_of(config, profile),
        concurrency=inflight,
        limits=profile.limits,
        road=road,
        budget=budget,
    )
    return ScimTarget(transport, profile, inflight)


def _auth(config: Authentication, secret: str, clock: Clock, road: Road) -> Auth:
    """Return the credential of the configured kind."""
    if config.kind == "bearer":
        return BearerAuth.of(secret)
    if config.kind == "basic":
        return BasicAuth.of(config.username or "", secret)
    request = TokenRequest.of(config, secret)
    endpoint = TokenEndpoint(request, Timeouts(), monotonic, road)
    return OAuth(endpoint.fetch, clock, request.secrets, endpoint.close)


class ScimTarget:
    """A SCIM 2.0 service; safe for threads. Use it as a context manager, or close it."""

    def __init__(
        self, transport: Transport, profile: Profile = GENERIC, pages_ahead: int = 1
    ) -> None:
        self.profile = profile
        """What is known of this kind of service."""
        self._pages_ahead = pages_ahead
        self._transport = transport
        self._capabilities: Capabilities | None = None
        self._searches: dict[tuple[ResourceType, str], Search] = {}
        self._several: dict[tuple[ResourceType, str], Several] = {}
        self._lock = Lock()

    def __enter__(self) -> ScimTarget:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def discover(self) -> Capabilities:
        """
        Return what the service can do; asks anew each time.

        Raises:
            TargetError: A document could not be had, or is something else.
        """
        found = discover(self._document, self.profile.discovery)
        mine = own_account(self._document) if self.profile.me else None
        self._capabilities = replace(found, me=mine)
        return self._capabilities

    def _document(self, name: str) -> Any:
        """Return what lies right below the tenant URL under a name."""
        return self._read((name,))

    def list(
        self,
        resource_type: ResourceType,
        wanted: frozenset[str] | None = None,
        notes: Notes | None = None,
        page_size: int | None = None,
    ) -> Listing:
        """
        Return all resources of a type, and whether the reading was proved complete (INV-1).

        Args:
            resource_type: What to list.
            wanted: Attributes that must be read, whatever the service does with its
                listings; None takes these as they come.
            notes: How notes are taken of them, if they are many.
            page_size: Resources a page; None takes what suits the service.

        Raises:
            TargetError: A page could not be had, or is no page.
        """
        flags = self.profile.list
        if not flags.complete:
            problem = "by its profile, no listing of this service shows everybody"
            return Listing((), None, complete=False, problem=problem)
        paging = paging_of(resource_type, self._known(), self.profile, page_size)
        segments = (_segment(resource_type),)
        chosen, proof = parameters(flags, resource_type, wanted), Proof(notes)
        with Ahead(
            lambda query: _came(self._answer(segments, {**query, **chosen}), proof),
            self._pages_ahead,
            lambda came: came[0].json(lambda _: proof.page(came[1])),
            past_the_end=not paging.trusting,
        ) as fetch:
            listing = read_all(fetch, paging, notes)
        members = resource_type is ResourceType.GROUP and MEMBERS in (wanted or ())
        return self._with_members(listing) if members and listing.complete else listing

    def _with_members(self, listing: Listing) -> Listing:
        """Return the groups of *listing* with their members, each read alone where it must be."""
        alone = cache(partial(self.get, ResourceType.GROUP))  # nobody is read twice
        apart = self.profile.list.members == "one_by_one"
        if apart or hides_members(alone, listing.resources):
            return one_by_one(alone, listing, self._pages_ahead)
        return listing

    def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
        """Return the JSON that one query of a listing is answered with."""
        return self._read((_segment(resource_type),), query)

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        """
        Return one resource, or None when the service says it does not exist (404).

        Raises:
            TargetMisbehaved: The answer is another resource, or none.
        """
        try:
            resource = self._read(_address(resource_type, resource_id))
        except NotFound:
            return None
        if not isinstance(resource, dict) or resource.get("id") != resource_id:
            raise TargetMisbehaved(
                f"the target answered a GET below {resource_type.endpoint} with something "
                "that is not the resource asked for"
            )
        return resource

    def search(self, resource_type: ResourceType, path: str, value: str) -> Sequence[Resource]:
        """
        Return the resources whose attribute *path* equals *value*, matched again here.

        Raises:
            PathError: *path* is not an attribute path.
            TargetError: A request failed, or neither filter nor listing can be trusted.
        """
        return self.searching(resource_type, path).find(value)

    def searching(self, resource_type: ResourceType, path: str) -> Search:
        """Return what searches by *path*; what it learns of the filter is kept."""
        schemas = self._known().schemas
        with self._lock:
            key = (resource_type, path.lower())
            if key not in self._searches:
                self._searches[key] = Search(
                    self, resource_type, parse_path(path), schemas, self.profile.filter
                )
            return self._searches[key]

    def search_many(
        self, resource_type: ResourceType, path: str, values: Sequence[str]
    ) -> Sequence[Sequence[Resource] | None]:
        """
        Return for each of *values* who is seen with it; None where it must be searched alone.

        Raises:
            PathError: *path* is not an attribute path.
            TargetError: A request failed.
        """
        search = self.searching(resource_type, path)
        with self._lock:
            key = (resource_type, path.lower())
            if key not in self._several:
                most = self._known().filter_max_results
                counts = self.profile.paging.count_param
                self._several[key] = Several(search, most, counts=counts)
        return self._several[key].find(values)

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """
        Create a resource and return what the service answered: without `id` if it is not said.

        Raises:
            TargetRefused: Nothing was created.
            AmbiguousOutcome: Nobody knows whether it was created.
            TargetMisbehaved: The new resource has an id that cannot be used.
        """
        answer = self._transport.send("POST", (_segment(resource_type),), body=body)
        if not answer.body:
            return {}
        try:
            created = answer.json()
        except TargetMisbehaved as exc:
            raise AmbiguousOutcome(f"nobody knows whether it was created: {exc}") from exc
        if not isinstance(created, dict) or created.get("id") is None:
            return {}
        if not usable_id(created["id"]):
            raise TargetMisbehaved("the target gave the new resource an id that cannot be used")
        return created

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """
        Send one PATCH with *operations* (RFC 7644, section 3.5.2).

        Raises:
            Conflict: The resource has another version by now, or a name is taken.
            NotFound: The resource is gone.
            AmbiguousOutcome: Nobody knows whether it was carried out.
        """
        address = _address(resource_type, resource_id)
        self._transport.send("PATCH", address, body=patch_body(operations), version=version)

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """
        Replace a resource with *body*, which is all of it (RFC 7644, section 3.5.1).

        Raises:
            As :meth:`patch`.
        """
        address = _address(resource_type, resource_id)
        self._transport.send("PUT", address, body=body, version=version)

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        """
        Delete a resource.

        Raises:
            NotFound: It is gone already.
            Conflict: The resource has another version by now.
            AmbiguousOutcome: Nobody knows whether it was carried out.
        """
        self._transport.send("DELETE", _address(resource_type, resource_id), version=version)

    def bulk(self, operations: Sequence[BulkOperation]) -> Sequence[Resource | TargetError]:
        """
        Send several changes in one request (RFC 7644, section 3.7).

        Returns:
            For each what the single request would have returned, nothing being
            ``{}``, or the error that it would have raised.

        Raises:
            AmbiguousOutcome: Nobody knows which of them were carried out.
            TargetRefused: None was.
        """
        return send_bulk(self._transport, operations)

    def _known(self) -> Capabilities:
        """Return the capabilities, discovered at the latest now."""
        return self._capabilities or self.discover()

    def _read(self, segments: Sequence[str], query: Mapping[str, str] | None = None) -> Any:
        """
        Return the JSON of a GET.

        Raises:
            TargetMisbehaved: The answer is a success, and yet not what was asked for (INV-3).
        """
        return self._answer(segments, query).json()

    def _answer(self, segments: Sequence[str], query: Mapping[str, str] | None) -> Answer:
        """Return the answer to a GET, its body as it came; raises as :meth:`_read`."""
        answer = self._transport.send("GET", segments, query)
        if answer.status != 200:
            raise TargetMisbehaved(
                f"the target answered {answer.request} with {answer.status}, where 200 was expected"
            )
        return answer


def _came(answer: Answer, proof: Proof) -> tuple[Answer, Fetched]:
    """Take in a page, as soon as it has come, and beside everything else."""
    return answer, proof.fetched(answer.body)


def _segment(resource_type: ResourceType) -> str:
    """Return the endpoint as a part of a path."""
    return resource_type.endpoint.lstrip("/")


def _address(resource_type: ResourceType, resource_id: str) -> tuple[str, str]:
    """
    Return the path of one resource.

    Raises:
        TargetMisbehaved: The id would change what is asked for (S11).
    """
    if not usable_id(resource_id):
        raise TargetMisbehaved("a resource of the target has an id that cannot be part of a path")
    return _segment(resource_type), resource_id
