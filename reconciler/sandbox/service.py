"""
scim2-server with the domain rule of the reference application.

The rule sits in the storage, the one door that every write passes: a POST, a
PUT, a PATCH with or without a path, and each operation of a bulk request. What
is judged is the resource as it would be stored, so no way of writing a request
gets round it.

Imports the extra ``[sandbox]``; only :func:`reconciler.sandbox.app.make_app`
imports this module.
"""

from __future__ import annotations

from typing import Any

from scim2_models import InvalidValueException, Resource, ResourceType, ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

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


def service(token: str, domains: RegisteredDomains) -> BearerTokenApplication:
    """Return the service: default schemas and abilities, one bearer token, announced."""
    config = load_default_service_provider_config()
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config
    )
    return BearerTokenApplication(
        RegisteredDomainStorage(domains),
        provider,
        service=ScimService(provider),
        bearer_tokens=[token],
    )
