"""
A real S3 API server on loopback, in a process of its own: that of moto.

It answers one request after the other, so that a conditional write is as atomic there as the
interface promises; moto itself looks first and writes then.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import httpx
import pytest

from reconciler.config.store_url import StoreUrl, parse_store_url
from reconciler.store.bucket import Bucket

KEY_ID, SECRET = "AKIA-canary-key-id", "canary-of-the-secret-access-key"
SESSION = "canary-of-the-session-token"
SERVE = """
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
print(server.server_port, flush=True)
server.serve_forever()
"""
BUCKET = "company"
PATIENCE = 60
"""Seconds; its first request makes it import half of what it has."""
STORE = f"s3://{BUCKET}/provisioning"


@dataclass
class S3Server:
    """The server; `with` it, and it is there."""

    process: subprocess.Popen[str] = field(init=False)
    url: str = field(init=False)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def empty(self) -> None:
        """Throw everything away, and make the bucket anew."""
        httpx.post(f"{self.url}/moto-api/reset", timeout=PATIENCE).raise_for_status()
        httpx.put(f"{self.url}/{BUCKET}", timeout=PATIENCE).raise_for_status()

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables by which a command finds it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": SESSION,
        }


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """The server of a whole session; take `s3`."""
    with S3Server() as server:
        yield server


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """A server with one empty bucket, and what is needed to find it in the environment."""
    s3_server.empty()
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


@dataclass(frozen=True)
class Asked:
    """A request to whatever stands in for the store."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def on(self, url: str, *leave_out: str) -> Answered:
        """Hand it on to the store at *url*, without some headers; return the answer."""
        kept = {n: v for n, v in self.headers.items() if n in PASSED_ON and n not in leave_out}
        got = httpx.request(
            self.method, url + self.target, content=self.body, headers=kept, timeout=PATIENCE
        )
        back = {n: v for n, v in got.headers.items() if n in ("etag", "last-modified")}
        return Answered(got.status_code, got.content, back)


PASSED_ON = ("authorization", "content-type", "if-match", "if-none-match")


@dataclass(frozen=True)
class Answered:
    """What it answers."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn:
    """Something that stands in for the store, and keeps what it is asked."""

    def __init__(self, answer: Callable[[Asked], Answered]) -> None:
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append(Asked(self.command, self.path, headers, body))
                found = answer(outer.asked[-1])
                with suppress(OSError):  # whoever asked may have gone
                    self.send_response(found.status)
                    for name, value in found.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(found.body)))
                    self.end_headers()
                    self.wfile.write(found.body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def url_of(text: str = STORE) -> StoreUrl:
    """Return what *text* names."""
    found = parse_store_url(text)
    assert found is not None
    return found


def bucket_of(text: str = STORE) -> Bucket:
    """Return the store at *text*, as an administrator reaches it."""
    return Bucket(url_of(text))


def objects(bucket: Bucket, below: str = "") -> list[str]:
    """Return the paths of all objects below *below*, sorted."""
    found = bucket.names(below)
    steps = f"{below}/" if below else ""
    names = [steps + name for name in found.objects]
    for folder in found.folders:
        names += objects(bucket, steps + folder)
    return sorted(names)
