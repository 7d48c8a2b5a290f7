"""
What a target can answer, in words instead of numbers.

* TargetError
  - TargetUnreachable    no answer at all               (a read is retried)
    + TargetUntrusted    its certificate does not hold  (not retried)
  - OnHold               it asks for a longer wait than a run may take; ends the run
  - AmbiguousOutcome     a write was sent, and nobody knows what became of it
  - TargetMisbehaved     an answer that is not SCIM: HTML, a lie
    + Redirected         3xx                            (never followed)
    + AnswerTooLarge     more bytes than we read        (a smaller page is asked for)
  - TargetRefused        an answer, but an error
    + Throttled          429                            (retried, after ``retry_after``)
    + TargetBroken       5xx but 501                    (a read is retried)
    + NotAuthorized      401, 403                       (ends the run)
    + Conflict           409, 412                       (skips the operation)
    + NotFound           404, 410

The only file that knows status codes of errors; callers decide by class, and
:func:`code_of` has the name for the journal.

An ambiguous write is *not* a kind of TargetUnreachable, because whoever retries
that would send the write twice. Whoever catches AmbiguousOutcome looks at the
target first, and then decides (reliability.md F04 to F08, F27).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from reconciler.diagnostics import ReconcilerError, printable

DETAIL_LIMIT = 200
"""Characters kept of a server's own words: enough to act on, too few to leak a page."""


class TargetError(ReconcilerError):
    """Base of every error that the target, or the road to it, causes."""

    after_write = False
    """Whether a look was refused with it that was to show what became of a write."""


class TargetUnreachable(TargetError):
    """The request got no answer."""


class TargetUntrusted(TargetUnreachable):
    """The certificate of the target cannot be trusted; nothing was sent."""


class OnHold(TargetError):
    """
    The target asks for a longer wait than a run may take (reliability.md F03).

    The request was not carried out, and nothing more is sent in this run.
    """


class AmbiguousOutcome(TargetError):
    """
    A write was sent, and it is unknown whether it was carried out.

    The connection died, the answer took too long, or it was a 5xx. The same
    request may be sent again only after a look at the target.
    """

    def __init__(self, message: str, answer: TargetBroken | None = None) -> None:
        self.answer = answer
        """The 5xx that came; None when nothing came."""
        super().__init__(message)


class TargetMisbehaved(TargetError):
    """The target answered with something that is not SCIM."""


class Redirected(TargetMisbehaved):
    """The target sends us somewhere else."""


class AnswerTooLarge(TargetMisbehaved):
    """The answer is larger than any that is read."""


class TargetRefused(TargetError):
    """The target answered with an error."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        retry_after: float | None = None,
        scim_type: str | None = None,
        request: str = "",
    ) -> None:
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        """Seconds that the server asks to wait; None when it does not say."""
        self.scim_type = scim_type
        """SCIM's own word for the error, e.g. ``uniqueness`` (RFC 7644, section 3.12)."""
        asked = f" to {request}" if request else ""
        super().__init__(f"the target answered {status}{asked}: {detail or 'no detail given'}")


class Throttled(TargetRefused):
    """Asked too often."""


class TargetBroken(TargetRefused):
    """The fault is on the other side."""


class NotAuthorized(TargetRefused):
    """The credential is wrong or too weak."""


class Conflict(TargetRefused):
    """The resource is not as the plan saw it, or its name is taken."""


class NotFound(TargetRefused):
    """There is nothing under this address."""


_BY_STATUS: Final[dict[int, type[TargetRefused]]] = {
    401: NotAuthorized,
    403: NotAuthorized,
    404: NotFound,
    410: NotFound,
    409: Conflict,
    412: Conflict,
    429: Throttled,
    501: TargetRefused,
}


_CODE_BY_SCIM_TYPE: Final[dict[str, str]] = {
    "uniqueness": "EntryConflict",
    "invalidPath": "SchemaAttributeNotFound",
}
"""A 400 may say what it means (RFC 7644, section 3.12)."""

_CODE_BY_STATUS: Final[dict[int, str]] = {
    400: "UnprocessableEntity",
    401: "Unauthorized",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    405: "MethodNotAllowed",
    408: "Timeout",
    409: "EntryConflict",
    410: "InvalidAnchor",
    412: "EntryConflict",
    413: "UnprocessableEntity",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    501: "NotImplemented",
}

_CODE_BY_ERROR: Final[tuple[tuple[type[TargetError], str], ...]] = (
    (TargetBroken, "InternalServerError"),
    (AmbiguousOutcome, "Timeout"),
    (OnHold, "TooManyRequests"),
    (TargetUnreachable, "Timeout"),
    (Redirected, "WebExceptionProtocolError"),
    (TargetMisbehaved, "SystemForCrossDomainIdentityManagementServiceIncompatible"),
)
"""The first class that fits decides."""

OTHERWISE: Final = "WebExceptionProtocolError"
"""Code of a status that says nothing about the resource: from a proxy, a wrong address."""


def code_of(error: TargetError) -> str:
    """
    Return Entra's name for *error* (entra.md, section 8).

    Of a write that was sent, a refused look says nothing: it is in doubt, as without an answer.
    """
    if error.after_write:
        return "Timeout"
    if isinstance(error, AmbiguousOutcome) and error.answer is not None:
        error = error.answer
    if isinstance(error, TargetRefused):
        if error.status == 400 and error.scim_type in _CODE_BY_SCIM_TYPE:
            return _CODE_BY_SCIM_TYPE[error.scim_type]
        if error.status in _CODE_BY_STATUS:
            return _CODE_BY_STATUS[error.status]
    return next((code for kind, code in _CODE_BY_ERROR if isinstance(error, kind)), OTHERWISE)


def refusal(
    status: int,
    body: bytes,
    retry_after: float | None = None,
    request: str = "",
    hide: Callable[[str], str] = str,
) -> TargetRefused:
    """
    Choose the error for a response that is not a success; *request* names what was asked.

    *hide* takes secrets out of the server's words: once they are read, because JSON has
    many spellings of one text, and before they are cut, which could leave half of one.

    Of *body*, only ``detail`` and ``scimType`` of a SCIM error message are kept
    (RFC 7644, section 3.12); a proxy's HTML page, or a user's record echoed
    back, stays out of the logs.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    said = message if isinstance(message, dict) else {}
    detail, scim_type = said.get("detail"), said.get("scimType")
    kind = _BY_STATUS.get(status, TargetBroken if status >= 500 else TargetRefused)
    return kind(
        status,
        _words(hide(detail)) if isinstance(detail, str) else "",
        retry_after,
        _words(hide(scim_type)) if isinstance(scim_type, str) else None,
        request,
    )


def _words(text: str) -> str:
    """Return a server's words, cut, with nothing that could drive a terminal."""
    return printable(" ".join(text.split())[:DETAIL_LIMIT])
