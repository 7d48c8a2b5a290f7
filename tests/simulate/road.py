"""
The road to the service, in place of the wire: requests and answers get lost on it.

Stands where :class:`reconciler.live.connection.Connections` does, so that everything
above it is the program's own: retries, pages, searches, and what it makes of a status.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from reconciler.live.connection import Lost, NotSent, Response
from reconciler.scim.errors import TargetUnreachable
from tests.simulate.clock import Clock
from tests.simulate.fate import Fate
from tests.simulate.service import KINDS, Entry, Refusal, Service

PREFIX = "/v2/"
TIMEOUT = 30.0
JSON = {"content-type": "application/scim+json"}

READS = ("not sent", "throttled", "5xx", "lost answer", "slow", "unauthorized", "bad page")
WRITES = (
    "not sent",
    "throttled",
    "5xx before",
    "5xx after",
    "lost request",
    "lost answer",
    "late commit",
    "conflict",
    "outdated",
    "unauthorized",
    "forbidden",
    "ignored",
    "overreach",
    "slow",
)
PAGES = ("overlap", "lost row", "hidden row", "lying total", "failing page", "empty list")


@dataclass
class Road:
    """One connection, from one process."""

    service: Service
    clock: Clock
    fate: Fate
    meddle: Callable[[], None]
    """Lets an administrator do something."""
    trace: Callable[[str], None] | None = None
    refused: bool = False
    """Whether the credential is refused, until the process ends."""
    answering: Entry | None = None
    """The change whose answer is on its way back."""
    failing: set[str] = field(default_factory=set)
    """Requests for pages that fail for as long as the process lives."""

    def close(self) -> None:
        pass

    def will_send(self, raw_path: str) -> bool:
        return ".." not in raw_path

    def unreachable(self, error: NotSent) -> TargetUnreachable:
        return TargetUnreachable(str(error))

    def exchange(
        self,
        method: str,
        name: str,
        raw_path: str,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        fate = self.fate
        fate.step("before a request")
        self.meddle()
        self.clock.sleep(0.001 + fate.chance.random() / 50)
        path = raw_path.removeprefix(PREFIX)
        if method == "GET":
            status, body, more = self._read(path)
        else:
            status, body, more = self._write(method, path, content, headers)
        if self.trace:
            self.trace(f"{method} {unquote(path)} {(content or b'').decode()} -> {status}")
        fate.step("before an answer")
        if self.answering is not None:
            self.answering.answered, self.answering = True, None
        self.clock.sleep(0.001 + fate.chance.random() / 50)
        data = b"" if body is None else json.dumps(body).encode()
        return Response(status, {**JSON, **more}, data, self.clock.monotonic(), False)

    def _fault(self, kinds: tuple[str, ...], often: float) -> str | None:
        return self.fate.chance.choice(kinds) if self.fate.meets(often) else None

    def _lost(self, fault: str, seconds: float = 0.2) -> Lost:
        if self.trace:
            self.trace(f"    {fault}")
        self.fate.step("before a timeout")
        self.clock.sleep(seconds)
        return Lost("the connection was lost")

    # -- reads --------------------------------------------------------------------------

    def _read(self, path: str) -> tuple[int, Any, Mapping[str, str]]:
        if self.refused:
            return 401, None, {}
        if path in self.failing:
            return 503, None, {}
        fault = self._fault(READS, self.fate.reading)
        if fault is None or fault == "bad page":
            return self._shown(path, bad=fault is not None)
        self.fate.met[f"read: {fault}"] += 1
        return self._read_in_vain(path, fault)

    def _read_in_vain(self, path: str, fault: str) -> tuple[int, Any, Mapping[str, str]]:
        if fault == "not sent":
            raise NotSent("connection refused", tls=False)
        if fault == "lost answer":
            raise self._lost(fault, TIMEOUT)
        if fault == "slow":
            self.clock.sleep(self.fate.chance.uniform(1, 20))
            return self._shown(path, bad=False)
        if fault == "throttled":
            return 429, None, {"retry-after": str(self.fate.chance.randrange(1, 9))}
        if fault == "unauthorized":
            self.refused = True
        return 401 if self.refused else 503, None, {}

    def _shown(self, path: str, *, bad: bool) -> tuple[int, Any, Mapping[str, str]]:
        try:
            status, body = self.service.read(path)
        except Refusal as refusal:
            return refusal.status, None, {}
        if bad and "Resources" in (body or {}):
            return self._bad_page(path, body)
        return status, body, {}

    def _bad_page(self, path: str, page: dict[str, Any]) -> tuple[int, Any, Mapping[str, str]]:
        fault, chance = self.fate.chance.choice(PAGES), self.fate.chance
        self.fate.met[f"page: {fault}"] += 1
        if self.trace:
            self.trace(f"    {fault}")
        rows = list(page["Resources"])
        if fault == "overlap" and rows:
            rows.append(chance.choice(rows))
        elif fault in {"lost row", "hidden row"} and rows:
            rows.pop(chance.randrange(len(rows)))
        elif fault == "failing page":
            self.failing.add(path)
            return 503, None, {}
        elif fault == "empty list":
            return 200, {**page, "totalResults": 0, "Resources": []}, {}
        total = page["totalResults"]
        if fault == "lying total":
            total += chance.choice((-1, 1, len(rows), 100))
        if fault == "hidden row":
            total -= 1
        return 200, {**page, "totalResults": max(total, 0), "Resources": rows}, {}

    # -- writes -------------------------------------------------------------------------

    def _write(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Any, Mapping[str, str]]:
        fault = "unauthorized" if self.refused else self._fault(WRITES, self.fate.trouble)
        if fault == "late commit" and not self.service.traits.late:
            fault = "lost request"
        if fault:
            self.fate.met[f"write: {fault}"] += 1
        if fault == "not sent":
            raise NotSent("connection refused", tls=False)
        entry = self._entry(method, path, content, headers)
        if fault in _REFUSALS:
            return self._refuse(entry, fault)
        if fault in {"lost request", "late commit", "5xx before"}:
            return self._not_now(entry, fault)
        if fault == "slow":
            self.clock.sleep(self.fate.chance.uniform(1, 20))
        return self._carry_out(entry, fault)

    def _carry_out(self, entry: Entry, fault: str | None) -> tuple[int, Any, Mapping[str, str]]:
        quirk = fault if fault in {"ignored", "overreach"} else None
        status, body = self.service.write(entry, quirk)
        if fault == "lost answer":
            raise self._lost(fault)
        if fault == "5xx after":
            return 503, None, {}
        self.fate.step("after a change")
        self.answering = entry
        return status, body, {}

    def _entry(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Entry:
        steps = [unquote(step) for step in urlsplit(path).path.strip("/").split("/")]
        body = None if content is None else json.loads(content)
        target = steps[1] if len(steps) > 1 else None
        version = headers.get("If-Match")
        entry = Entry("client", method, KINDS[steps[0]], target, body, version, self.clock.tick())
        self.service.arrives(entry)
        return entry

    def _refuse(self, entry: Entry, fault: str) -> tuple[int, Any, Mapping[str, str]]:
        entry.status = _REFUSALS[fault]
        self.answering = entry
        if fault == "unauthorized":
            self.refused = True
        after = {"retry-after": str(self.fate.chance.randrange(1, 9))}
        return _REFUSALS[fault], {"detail": fault}, after if fault == "throttled" else {}

    def _not_now(self, entry: Entry, fault: str) -> tuple[int, Any, Mapping[str, str]]:
        if fault == "5xx before":
            return 503, None, {}
        if fault == "late commit":
            late = self.fate.chance.uniform(0.1, self.service.traits.late)
            service = self.service
            self.clock.at(0.2 + late, lambda: service.write(entry) and None)
        raise self._lost(fault)


_REFUSALS = {
    "throttled": 429,
    "conflict": 409,
    "outdated": 412,
    "unauthorized": 401,
    "forbidden": 403,
}
