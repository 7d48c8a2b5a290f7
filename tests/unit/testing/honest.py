"""The smallest application that a fault can stand around."""

from collections.abc import Iterable
from typing import Any


def honest(environ: Any, start_response: Any) -> Iterable[bytes]:
    """Answer anything with the method and the path that were asked for."""
    body = f'{{"id": "{environ["REQUEST_METHOD"]} {environ["PATH_INFO"]}"}}'.encode()
    start_response("200 OK", [("Content-Type", "application/scim+json"), ("ETag", 'W/"1"')])
    return [body]
