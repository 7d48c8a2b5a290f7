"""The sandbox on a socket, as a witness: what it was sent, in which order, and what is there."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self

from reconciler.sandbox import make_app
from reconciler.sandbox.server import SandboxServer
from tests.e2e.crash_world import neutral_state

TOKEN = "crash-test-token"
DOMAIN = "contoso.example"

METHODS = {"POST": "create", "PATCH": "patch", "PUT": "put", "DELETE": "delete"}
"""What a request is to the client; a POST to /Bulk is a `bulk`."""


@dataclass(frozen=True, slots=True)
class Write:
    """A change that the service was asked for."""

    method: str
    """As the client says: create, patch, put, delete, bulk."""
    path: str
    body: Any


class Service:
    """A SCIM service that remembers what it was asked to change, and can be set back."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.on_write: Callable[[Write], None] = lambda write: None
        """Called when a change was made and before it is answered."""
        self.before_write: Callable[[Write], None] = lambda write: None
        """Called when a change is asked for and before it is made."""
        self.on_request: Callable[[str], None] = lambda asked: None
        """Called with method and path of every request."""
        self.throttles = False
        """Whether changes are refused with 429, and a wait of two minutes."""
        self.refused = 0
        """Changes that were refused so."""
        self._app: Any = make_app(TOKEN, [DOMAIN])
        self._lock = threading.Lock()
        self._server = SandboxServer("127.0.0.1", 0, self._serve)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def tenant_url(self) -> str:
        """Where it is."""
        return self._server.tenant_url

    @property
    def resources(self) -> list[Any]:
        """Everything that is stored; not a copy."""
        found: list[Any] = self._app.storage.resources
        return found

    def _serve(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.on_request(environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"])
        if environ["REQUEST_METHOD"] not in METHODS:
            return self._inner(environ, start_response)
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(content)
        path = environ["PATH_INFO"].removeprefix("/v2")
        method = "bulk" if path == "/Bulk" else METHODS[environ["REQUEST_METHOD"]]
        write = Write(method, path, json.loads(content) if content else None)
        self.before_write(write)
        if self.throttles:
            self.refused += 1
            start_response("429 Too Many Requests", [("Retry-After", "120")])
            return []
        answer = self._inner(environ, start_response)
        with self._lock:
            self.writes.append(write)
        self.on_write(write)
        return answer

    def _inner(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def snapshot(self) -> list[Any]:
        """Return everything that is stored."""
        return deepcopy(self.resources)

    def restore(self, resources: list[Any]) -> None:
        """Set everything back, and forget what was asked."""
        self._app.storage.resources = deepcopy(resources)
        self.writes = []
        self.on_write = self.before_write = lambda write: None
        self.on_request = lambda asked: None
        self.throttles, self.refused = False, 0

    def state(self) -> list[Any]:
        """Return what is there, without what differs from run to run."""
        return neutral_state(self.resources)

    def twins(self) -> list[str]:
        """Return the names that more than one user, or more than one group, has."""
        names = Counter(
            (r.meta.resource_type, getattr(r, "user_name", None) or r.display_name)
            for r in self.resources
        )
        return [str(name) for name, count in names.items() if count > 1]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
