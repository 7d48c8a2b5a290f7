"""
One request to the real application, in process.

The only place that speaks WSGI (PEP 3333) in both directions: a request of ours
to an application, and the request of a WSGI server to us.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode
from wsgiref.util import setup_testing_defaults

from reconciler.testing.exchange import Reply, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_OWN = ("content-type", "content-length")
"""Headers that WSGI names without ``HTTP_``."""


def call(app: WSGIApplication, mount: str, request: Request) -> Reply:
    """Return what *app*, whose tenant URL ends in *mount*, answers to *request*."""
    environ = _environ(mount, request)
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        said.append((status, headers))
        return lambda data: None

    chunks = app(environ, start)  # type: ignore[arg-type]
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = said[-1]
    named = {name.title(): value for name, value in headers}
    media_type = named.pop("Content-Type", None)
    named.pop("Content-Length", None)
    return Reply(body, int(status[:3]), media_type, named)


def _environ(mount: str, request: Request) -> WSGIEnvironment:
    """Return the environment of *request*."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(f"{mount}{request.path}").decode("latin-1"),
        "QUERY_STRING": urlencode(request.query, quote_via=quote, safe=""),
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.input": BytesIO(request.body),
    }
    for name, value in request.headers.items():
        if name not in _OWN:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    setup_testing_defaults(environ)
    return environ


def read(environ: WSGIEnvironment, mount: str) -> Request:
    """Return the request that a WSGI server hands over."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/.:@+~")
    return Request(
        environ["REQUEST_METHOD"],
        path.removeprefix(mount),
        dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        headers,
        environ["wsgi.input"].read(length) if length else b"",
    )
