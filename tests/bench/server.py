"""
A fast SCIM service on loopback, in a process of its own: ``python -m tests.bench.server``.

It answers from bytes that were made before it began, so that what is measured is the
client. Whatever stands before `/Users` in a path is ignored: a thousand applications can
share one. It prints its port when it is ready, and ends with its input. `GET /_seen` says
what was asked since `POST /_forget`; neither is counted or delayed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.bench.held import Held, Missing, Taken
from tests.bench.people import accounts, group_account, service

Answer = tuple[int, bytes]
TEST = r'([\w.]+) eq ("(?:[^"\\]|\\.)*")'
FILTER = re.compile(f"{TEST}(?: or {TEST})*", re.IGNORECASE)
TESTS = re.compile(TEST, re.IGNORECASE)
REASONS = {200: "OK", 201: "Created", 204: "No Content", 429: "Too Many Requests"}
UNTOUCHED = {"/_seen", "/_forget"}


@dataclass
class Seen:
    """What was asked of the service."""

    methods: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    sent: int = 0
    """Bytes of all bodies."""
    times: list[float] = field(default_factory=list)

    def told(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(vars(self)).encode()


class Service:
    """Answers requests; knows nothing of connections."""

    def __init__(self, asked: argparse.Namespace) -> None:
        groups = (
            json.dumps(group_account(number, asked.members, asked.people)).encode()
            for number in range(asked.groups)
        )
        self.kinds = {
            "Users": Held("userName", "n", accounts(asked.people, asked.changed)),
            "Groups": Held("displayName", "m", groups, hides=asked.hide_members),
        }
        self.seen = Seen()
        self._config = json.dumps(service(asked.page, bulk=asked.bulk)).encode()
        self._page, self._cap = asked.page, asked.cap
        self._let: deque[float] = deque()

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """Return status and body of the answer to one request."""
        parts = urlsplit(target)
        if parts.path == "/_forget":
            self.seen = Seen()
            return 200, b"{}"
        if parts.path == "/_seen":
            return 200, self.seen.told()
        now = time.monotonic()
        self.seen.methods[method] += 1
        self.seen.sent += len(body)
        self.seen.times.append(now)
        if self._is_too_much(now):
            self.seen.refused += 1
            return 429, b'{"detail": "too many requests"}'
        try:
            return self._route(method, parts.path, parts.query, body)
        except Missing:
            return 404, b'{"detail": "not found"}'
        except Taken:
            return 409, b'{"detail": "taken", "scimType": "uniqueness"}'

    def _is_too_much(self, now: float) -> bool:
        """Say whether the last second is used up."""
        if not self._cap:
            return False
        while self._let and now - self._let[0] >= 1.0:
            self._let.popleft()
        if len(self._let) >= self._cap:
            return True
        self._let.append(now)
        return False

    def _route(self, method: str, path: str, query: str, body: bytes) -> Answer:
        steps = path.rstrip("/").split("/")
        if steps[-1] in self.kinds:
            held = self.kinds[steps[-1]]
            if method == "POST":
                return 201, held.create(json.loads(body))[1]
            return self._list(held, query)
        if len(steps) > 1 and steps[-2] in self.kinds:
            return _one(self.kinds[steps[-2]], method, unquote(steps[-1]), body)
        if steps[-1] == "Bulk":
            return 200, self._bulk(json.loads(body))
        return (200, self._config) if steps[-1] == "ServiceProviderConfig" else (404, b"{}")

    def _list(self, held: Held, query: str) -> Answer:
        asked = {name.lower(): values[0] for name, values in parse_qs(query).items()}
        if "filter" in asked:
            if FILTER.fullmatch(asked["filter"]) is None:
                return 400, b'{"detail": "no such filter", "scimType": "invalidFilter"}'
            tests = TESTS.findall(asked["filter"])
            return 200, held.matching((name, json.loads(value)) for name, value in tests)
        count = min(int(asked.get("count", self._page)), self._page)
        return 200, held.page(max(1, int(asked.get("startindex", 1))), count)

    def _bulk(self, request: dict[str, Any]) -> bytes:
        answers = []
        for one in request["Operations"]:
            kind = one["path"].removeprefix("/")
            try:
                if one["method"] == "POST" and kind in self.kinds:
                    answers.append(_created(one, self.kinds[kind].create(one["data"])[0]))
                    continue
                data = json.dumps(one.get("data")).encode()
                status = self._route(one["method"], one["path"], "", data)[0]
            except Taken:
                status = 409
            except Missing:
                status = 404
            told = {"method": one["method"], "bulkId": one.get("bulkId"), "status": str(status)}
            answers.append({**told, "location": one["path"]})
        urn = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
        return json.dumps({"schemas": [urn], "Operations": answers}).encode()


def _created(one: dict[str, Any], made: str) -> dict[str, str]:
    """Return what a bulk answer says of a new resource: it is not read from its own bytes."""
    where = {"status": "201", "location": f"{one['path']}/{made}"}
    return {"method": one["method"], "bulkId": one["bulkId"], **where}


def _one(held: Held, method: str, resource_id: str, body: bytes) -> Answer:
    """Answer a request about one resource."""
    if method == "GET":
        return 200, held.get(resource_id)
    if method == "DELETE":
        held.delete(resource_id)
        return 204, b""
    return 200, held.patch(resource_id, json.loads(body)["Operations"])


class Connection(asyncio.Protocol):
    """One connection of HTTP/1.1, whose requests come one after another."""

    def __init__(self, answer: Callable[[str, str, bytes], Answer], delay: float) -> None:
        self._answer, self._delay = answer, delay
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer whatever has come as a whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            length = re.search(r"(?i)\r\ncontent-length: *(\d+)", head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            body = bytes(self._buffer[end + 4 : whole])
            del self._buffer[:whole]
            method, target, _ = head.split(" ", 2)
            self._send(target, *self._answer(method, target, body))

    def _send(self, target: str, status: int, body: bytes) -> None:
        assert self._transport is not None
        wait = b"Retry-After: 1\r\n" if status == 429 else b""
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Refused')}\r\n".encode() + wait
        head += b"Content-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n" % len(body)
        if self._delay and target not in UNTOUCHED:
            loop = asyncio.get_running_loop()
            loop.call_later(self._delay, self._transport.write, head + body)
        else:
            self._transport.write(head + body)


async def serve(asked: argparse.Namespace) -> None:
    """Listen on loopback until the input ends, as it does when whoever started us is gone."""
    answering = Service(asked)
    gc.collect()
    gc.freeze()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(answering.answer, asked.delay / 1000), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.server")
    for name, default in (("people", 0), ("changed", 0), ("groups", 0), ("members", 10)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--page", type=int, default=1_000)
    parser.add_argument("--cap", type=int, default=0, help="requests in any one second")
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds")
    parser.add_argument("--bulk", action="store_true")
    parser.add_argument("--hide-members", action="store_true")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
