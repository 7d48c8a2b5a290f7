"""
What is sent takes its time, and no more than that.

A mail server that answers one byte every few seconds keeps to every timeout of a socket,
and a name server none at all. So each sending has a thread of its own, which is left behind
when the time is over: an apply does not wait for the post.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from reconciler.ports import NotTold

SECONDS = 10.0
"""How long one sending may take, whatever it is made of."""


def within(seconds: float, send: Callable[[], None]) -> None:
    """
    Call *send*, and wait for it *seconds* at most.

    Raises:
        NotTold: It takes longer; whatever *send* raises is raised as it is.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            send()
        except BaseException as exc:
            raised.append(exc)

    thread = Thread(target=run, name="notify", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise NotTold(f"it took longer than {seconds:g} seconds")
    for error in raised:
        raise error
