"""
The keys of ``notifications`` that only make sense together.

Called by :mod:`reconciler.config.check`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config.model import Head
from reconciler.config.salvage import Salvaged
from reconciler.diagnostics import Diagnostic

_SMTP = ("notifications", "smtp")


def check(head: Salvaged[Head]) -> Iterator[Diagnostic]:
    """Complain of credentials in part or in the clear, and of authorities that are not needed."""
    smtp = head.model.notifications.smtp
    if smtp is None or not head.is_whole("notifications"):
        return
    given = {key: getattr(smtp, key) is not None for key in ("username", "password")}
    for key, there in given.items():
        if not there and any(given.values()):
            other = next(name for name, known in given.items() if known)
            message = f"the key `{key}` is missing in `smtp`: `{other}` needs it"
            yield Diagnostic("missing-key", message, head.at(*_SMTP))
    needs = [key for key in ("username", "ca_bundle") if getattr(smtp, key) is not None]
    if needs and not smtp.starttls:
        message = f"`{needs[0]}` needs STARTTLS, and `starttls` is false"
        hint = "remove `starttls: false`: a password is never sent in the clear"
        yield Diagnostic("needs-starttls", message, head.at(*_SMTP, "starttls"), hint)
