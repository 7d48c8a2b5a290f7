"""
One deadline for a whole request.

A read timeout of an HTTP client starts anew with every chunk, so a server that
sends one byte now and then holds it for ever (reliability.md F09). Here the
socket itself knows when its request must be over: connecting, writing, headers
and body share one budget.

Used by :mod:`reconciler.live.connection`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore

AT_ONCE: Final = 1 << 18
"""Bytes that are read at most at a time: the engine asks for a quarter of it, four times."""


class Deadline:
    """When the request at hand must be over."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at = 0.0
        self.sent = 0.0
        """When the last byte of a request was written, so far."""
        self.fresh = False
        """Whether the request at hand has made its connection."""

    def start(self, seconds: float) -> None:
        """Begin a request that may take *seconds*."""
        self._at = self._monotonic() + seconds
        self.fresh = False

    def wrote(self) -> None:
        """Note that bytes have just been written."""
        self.sent = self._monotonic()

    def left(self, timeout: float | None, late: type[Exception]) -> float:
        """
        Return how long the next step may take: *timeout*, or less.

        Raises:
            Exception: *late*, when no time is left.
        """
        rest = self._at - self._monotonic()
        if rest <= 0:
            raise late("the deadline has passed")
        return rest if timeout is None else min(rest, timeout)


class DeadlineStream(httpcore.NetworkStream):
    """A socket that observes the deadline at every step."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, in the time that is left; a page is more than *max_bytes*."""
        left = self._deadline.left(timeout, httpcore.ReadTimeout)
        return self._stream.read(max(max_bytes, AT_ONCE), left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write *buffer* in the time that is left."""
        self._stream.write(buffer, self._deadline.left(timeout, httpcore.WriteTimeout))
        self._deadline.wrote()

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Agree on TLS in the time that is left."""
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the socket below knows of *info*."""
        return self._stream.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Makes connections whose every step observes the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._backend = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect in the time that is left."""
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        self._deadline.fresh = True
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return DeadlineStream(stream, self._deadline)
