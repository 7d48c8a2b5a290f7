"""
scim2-server with the domain rule of the reference application, and Entra's part of a role.

The rule sits in the storage, the one door that every write passes: a POST, a
PUT, a PATCH with or without a path, and each operation of a bulk request. What
is judged is the resource as it would be stored, so no way of writing a request
gets round it.

Imports the extra ``[sandbox]``; only :func:`reconciler.sandbox.app.make_app`
imports this module.
"""

from __future__ import annotations

from typing import Any

from scim2_models import InvalidValueException, Resource, ResourceType, Schema, ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

from reconciler.scim.schema import CORE_URN
from reconciler.scope.domains import RegisteredDomains


class RegisteredDomainStorage(InMemoryStorage):
    """Resources in memory; a user outside the registered domains is never among them."""

    def __init__(self, domains: RegisteredDomains) -> None:
        super().__init__()
        self._domains = domains

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Store a new resource, unless the rule refuses it."""
        self._refuse_foreign(resource_type, resource)
        return super().create(resource_type, resource)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Store a changed resource, unless the rule refuses what it would become."""
        self._refuse_foreign(resource_type, resource)
        return super().update(resource_type, resource, expected_version=expected_version)

    def _refuse_foreign(self, resource_type: ResourceType, resource: Resource[Any]) -> None:
        """Raise the SCIM error ``invalidValue`` (RFC 7644, section 3.12) for a foreign domain."""
        if resource_type.name != "User":
            return
        problem = self._domains.problem(getattr(resource, "user_name", None) or "")
        if problem is not None:
            raise InvalidValueException(detail=f"userName is refused: {problem}")


def _schemas() -> dict[str, Schema]:
    """
    Return the schemas of RFC 7643, with `displayName` as a part of a role.

    Whoever speaks Entra's dialect sends it (entra.md, section 1.10), so whatever
    Entra can be pointed at knows it.
    """
    schemas: dict[str, Schema] = load_default_schemas()
    attributes = schemas[CORE_URN["User"]].attributes or []
    parts = next(each.sub_attributes or [] for each in attributes if each.name == "roles")
    display = next(part for part in parts if part.name == "display")
    parts.append(display.model_copy(update={"name": "displayName"}))
    return schemas


def service(token: str, domains: RegisteredDomains) -> BearerTokenApplication:
    """Return the service: default schemas and abilities, one bearer token, announced."""
    config = load_default_service_provider_config()
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    provider = ScimProvider.from_discovery(
        _schemas().values(), load_default_resource_types().values(), config=config
    )
    return BearerTokenApplication(
        RegisteredDomainStorage(domains),
        provider,
        service=ScimService(provider),
        bearer_tokens=[token],
    )
