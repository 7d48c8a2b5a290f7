"""
The keys of ``target`` that only make sense together.

Each kind of authentication has keys of its own: one that is missing would fail
at the first request, and one that belongs to another kind is a sign that the
file says something else than was meant. A proxy and a bundle of certificates
are about TLS, and do nothing, or harm, where there is none.

Called by :mod:`reconciler.config.check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.config.model import Application
from reconciler.config.salvage import Salvaged
from reconciler.diagnostics import Diagnostic

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "bearer": (),
    "basic": ("username",),
    "oauth": ("token_url", "client_id"),
}
"""Keys that a kind cannot do without."""

_OPTIONAL: Mapping[str, tuple[str, ...]] = {"oauth": ("scope", "audience", "credentials_in")}

_OWNER = {
    key: kind for table in (_REQUIRED, _OPTIONAL) for kind, keys in table.items() for key in keys
}
"""The one kind that a key belongs to."""

_AUTH = ("target", "auth")


def check(part: Salvaged[Application]) -> Iterator[Diagnostic]:
    """Complain of keys of `target` that contradict each other."""
    if part.is_whole(*_AUTH):
        yield from _missing(part)
        yield from _unfit(part)
    if part.is_whole("target"):
        yield from _without_tls(part)


def _missing(part: Salvaged[Application]) -> Iterator[Diagnostic]:
    """A kind has what it cannot do without."""
    auth = part.model.target.auth
    for key in _REQUIRED[auth.kind]:
        if getattr(auth, key) is None:
            message = f"the key `{key}` is missing in `auth`: `kind: {auth.kind}` needs it"
            yield Diagnostic("missing-key", message, part.at(*_AUTH))


def _unfit(part: Salvaged[Application]) -> Iterator[Diagnostic]:
    """A kind has no key of another kind."""
    auth = part.model.target.auth
    for key, kind in _OWNER.items():
        if key in auth.model_fields_set and kind != auth.kind:
            message = f"`{key}` belongs to `kind: {kind}`, and the kind is `{auth.kind}`"
            hint = f"write `kind: {kind}`, or remove `{key}`"
            yield Diagnostic("unfit-auth", message, part.key_at(*_AUTH, key), hint)


def _without_tls(part: Salvaged[Application]) -> Iterator[Diagnostic]:
    """
    What is about TLS stands beside addresses that have it.

    Through a proxy, plain http would show the secret to that proxy, and on
    loopback there is nothing for it to do.
    """
    target = part.model.target
    urls = {"tenant_url": target.tenant_url, "token_url": target.auth.token_url}
    plain = [key for key, url in urls.items() if url is not None and url.startswith("http:")]
    if target.proxy is not None and plain:
        message = f"a proxy is for https, and `{plain[0]}` is plain http"
        hint = "remove `proxy`: this machine reaches itself directly"
        yield Diagnostic("needs-https", message, part.at("target", "proxy"), hint)
    if target.ca_bundle is not None and not any(
        (url or "").startswith("https:") for url in urls.values()
    ):
        message = "`ca_bundle` is for https, and nothing here is reached by it"
        hint = "remove it: plain http shows no certificate"
        yield Diagnostic("needs-https", message, part.at("target", "ca_bundle"), hint)
