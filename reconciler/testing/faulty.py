"""
A SCIM service with faults in it, around one that has none.

`FaultyScim` is a WSGI application around another. Each request goes through the
faults that the schedule has for it, in the schedule's order, and then, unless
one of them keeps it, to the real application. What arrives, what gets through
and what was injected is recorded.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from reconciler.testing import upstream
from reconciler.testing.exchange import HONEST_WIRE, Reply, Request
from reconciler.testing.fault import Act, Turn, Where
from reconciler.testing.schedule import Inject, Line, draw_for, lines
from reconciler.testing.wire import listening

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class NeedsServe(RuntimeError):
    """A fault of the socket was met where there is no socket: use :meth:`FaultyScim.serve`."""


class Reached(NamedTuple):
    """A write that reached the real application, and what came of it."""

    request: Request
    """As the application saw it; a fault may have changed it."""
    status: int

    @property
    def effective(self) -> bool:
        """Whether the application carried it out."""
        return 200 <= self.status < 300


class Injected(NamedTuple):
    """One fault that was injected."""

    number: int
    """Of the request, from 1."""
    fault: str


@dataclass
class _Armed:
    """One line of the schedule, with what it has seen."""

    line: Inject
    count: int = 0
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Aftermath:
    """What a fault has left behind for the requests that follow."""

    where: Where
    act: Act
    left: int


class FaultyScim:
    """A SCIM service with a schedule of faults; safe for threads."""

    def __init__(
        self,
        app: WSGIApplication,
        schedule: Iterable[Line] = (),
        seed: int = 0,
        *,
        mount: str = "/v2",
    ) -> None:
        """
        Stand around *app*; nothing is asked yet.

        Args:
            app: The real SCIM service.
            schedule: Names of faults, faults, or :class:`Inject`; applied in this order.
            seed: Of every draw.
            mount: The path at which *app* serves SCIM, as in its tenant URL.

        Raises:
            UnknownFault: The schedule names a fault that there is not.
        """
        self._app, self._mount, self._seed = app, mount, seed
        self._lock = Lock()
        self._armed: list[_Armed] = []
        self._aftermath: list[_Aftermath] = []
        self.requests: list[Request] = []
        """Every request that arrived, in order."""
        self.reached: list[Reached] = []
        """Every write that reached the real application, in order."""
        self.injected: list[Injected] = []
        """Every fault that was injected, in order."""
        self.arm(*schedule)

    def __repr__(self) -> str:
        """Show what reproduces the faults."""
        return f"FaultyScim(app, {[armed.line for armed in self._armed]!r}, seed={self._seed})"

    @property
    def writes(self) -> list[Request]:
        """Every write that arrived, whether it got through or not."""
        return [request for request in self.requests if request.writes]

    @property
    def effects(self) -> list[Reached]:
        """Every write that the real application carried out."""
        return [each for each in self.reached if each.effective]

    def arm(self, *schedule: Line) -> None:
        """
        Replace the schedule and forget what was recorded; what is stored stays.

        Without arguments, the service is honest from now on.

        Raises:
            UnknownFault: The schedule names a fault that there is not.
        """
        armed = [_Armed(line) for line in lines(schedule)]
        with self._lock:
            self._armed, self._aftermath = armed, []
            self.requests, self.reached, self.injected = [], [], []

    @contextmanager
    def serve(self, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        """
        Listen on a free loopback port until the block ends; gives the tenant URL.

        With *tls*, https is served, with the certificate that it holds.
        """
        with listening(self.answer, self._mount, tls) as url:
            yield url

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """
        Answer a request of a WSGI server.

        Raises:
            NeedsServe: A fault of the schedule lies in what the socket does.
        """
        reply = self.answer(upstream.read(environ, self._mount))
        on_the_wire = any(armed.line.row().on_the_wire for armed in self._armed)
        if on_the_wire or reply.wire != HONEST_WIRE:
            raise NeedsServe("a fault of the schedule lies in the socket: use FaultyScim.serve()")
        phrase = HTTPStatus(reply.status).phrase
        start_response(f"{reply.status} {phrase}", list(reply.fields().items()))
        return [reply.body]

    def answer(self, request: Request) -> Reply:
        """Send one request through its faults to the application, and return the answer."""
        forward = self._reach
        with self._lock:
            request = replace(request, number=len(self.requests) + 1)
            self.requests.append(request)
            acts = [*self._left_behind(request), *self._scheduled(request)]
        for act in reversed(acts):
            forward = partial(act, forward=forward)
        return forward(request)

    def _left_behind(self, request: Request) -> list[Callable[..., Reply]]:
        """Return what earlier faults have left for this request, and count it down."""
        found = [each for each in self._aftermath if each.where.test(request)]
        for each in found:
            each.left -= 1
        self._aftermath = [each for each in self._aftermath if each.left > 0]
        return [partial(self._act, each.act, Random(self._seed), 1, {}) for each in found]  # noqa: S311 - it must be foreseeable

    def _scheduled(self, request: Request) -> list[Callable[..., Reply]]:
        """Return what the schedule has for this request, and count it."""
        acts: list[Callable[..., Reply]] = []
        for index, armed in enumerate(self._armed):
            if not armed.line.matches(request):
                continue
            armed.count += 1
            chance = draw_for(self._seed, index, armed.count)
            if armed.line.hits(armed.count, chance):
                row = armed.line.row()
                self.injected.append(Injected(request.number, row.name))
                acts.append(partial(self._act, row.act, chance, armed.count, armed.memory))
        return acts

    def _act(
        self,
        act: Act,
        chance: Random,
        nth: int,
        memory: dict[str, Any],
        request: Request,
        *,
        forward: Callable[[Request], Reply],
    ) -> Reply:
        """Let one fault act on one request."""
        later: list[_Aftermath] = []
        turn = Turn(
            nth,
            chance,
            memory,
            forward,
            partial(upstream.call, self._app, self._mount),
            lambda where, what, times: later.append(_Aftermath(where, what, times)),
        )
        reply = act(request, turn)
        with self._lock:
            self._aftermath += later
        return reply

    def _reach(self, request: Request) -> Reply:
        """Hand a request to the real application, and record it if it writes."""
        reply = upstream.call(self._app, self._mount, request)
        if request.writes:
            self.reached.append(Reached(request, reply.status))
        return reply
