"""
The application behind ``reconciler sandbox``.

It is scim2-server, a full RFC 7643/7644 server, with one rule added: a user
whose userName lies outside the registered domains is refused, as the reference
application refuses it. Nothing here speaks SCIM itself.

The extra ``[sandbox]`` may be missing, and takes half a second to import, so it
is imported when an application is made and not before. Called by
:mod:`reconciler.sandbox.server` and by tests that want a server in process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconciler.diagnostics import ReconcilerError
from reconciler.scope.domains import RegisteredDomains

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

EXTRA = "scim2"
"""What the names of the extra's packages begin with."""


class SandboxError(ReconcilerError):
    """The sandbox cannot be started as asked."""


class PortUnusable(SandboxError):
    """Somebody else listens on the port, or nobody may."""


def make_app(token: str, registered_domains: Sequence[str] = ()) -> WSGIApplication:
    """
    Return an empty SCIM service below ``/v2``.

    Args:
        token: The bearer token that every request must carry.
        registered_domains: Domains a userName may have; none means any.

    Raises:
        SandboxError: The extra is not installed, *token* is empty, or a domain is none.
    """
    if not token:
        raise SandboxError("the sandbox needs a token that is not empty")
    try:
        domains = RegisteredDomains(tuple(registered_domains) or None)
    except ValueError as exc:
        raise SandboxError(f"a registered domain cannot be one: {exc}") from exc
    try:
        from reconciler.sandbox.service import service
    except ModuleNotFoundError as exc:
        if not (exc.name or "").startswith(EXTRA):
            raise
        raise SandboxError(
            "the sandbox is an extra that is not installed: pip install 'scim-reconciler[sandbox]'"
        ) from exc
    return service(token, domains)
