"""
Notices by mail (RFC 5321), after STARTTLS (RFC 3207).

The server has to offer STARTTLS and to show a certificate that is trusted, or nothing is
sent: a server between us and the real one could otherwise ask for the password in the
clear. Only a relay that the reviewed file says has none is spoken to without, and it is told
no password. What a server says is never repeated: it may quote what it was told.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

from reconciler.notify.bounded import SECONDS, within
from reconciler.notify.letter import letter
from reconciler.plan.notices import Notice
from reconciler.ports import NotTold


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to the mail server."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in."""

    host: str
    port: int
    starttls: bool
    roots: str | None = None
    """PEM of the authorities to trust; None for those that this machine trusts."""
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """Tells one recipient by mail; implements :class:`reconciler.ports.Notifier`."""

    server: MailServer
    sender: str
    recipient: str
    seconds: float = SECONDS

    def send(self, notice: Notice) -> None:
        """
        Hand the mail in.

        Raises:
            NotTold: The server did not take it, or was not to be trusted with it.
        """
        place = f"{self.server.host}:{self.server.port}"
        try:
            message = letter(notice, self.sender, self.recipient)
            within(self.seconds, lambda: self._hand_in(message))
        except NotTold as exc:
            raise NotTold(f"{place}: {exc}") from exc
        except smtplib.SMTPException as exc:
            raise NotTold(f"{place}: {_words(exc)}") from None
        except ssl.SSLError as exc:
            raise NotTold(f"{place}: TLS failed: {exc.reason or 'no reason given'}") from exc
        except OSError as exc:
            raise NotTold(f"{place}: {exc.strerror or 'it does not answer'}") from exc
        except ValueError:
            raise NotTold(f"{place}: an address or a password cannot be sent to it") from None

    def _hand_in(self, message: EmailMessage) -> None:
        """Speak with the server; our own name is that of the sender's domain, found nowhere."""
        server = self.server
        domain = self.sender.rpartition("@")[2]
        with smtplib.SMTP(server.host, server.port, domain, self.seconds) as smtp:
            if server.starttls:
                smtp.starttls(context=_context(server.roots))
            if server.login is not None:
                smtp.login(server.login.username, server.login.password)
            smtp.send_message(message, self.sender, [self.recipient])


def _context(roots: str | None) -> ssl.SSLContext:
    """Return what TLS is checked against: name and certificate, TLS 1.2 at least."""
    context = ssl.create_default_context(cadata=roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


_WORDS: tuple[tuple[type[smtplib.SMTPException], str], ...] = (
    (smtplib.SMTPAuthenticationError, "it refuses the user name or the password"),
    (smtplib.SMTPNotSupportedError, "it does not offer what is needed (STARTTLS, or a login)"),
    (smtplib.SMTPRecipientsRefused, "it refuses the recipient"),
    (smtplib.SMTPSenderRefused, "it refuses the sender"),
    (smtplib.SMTPServerDisconnected, "it hung up, or is silent"),
    (smtplib.SMTPConnectError, "it refuses to talk"),
)
"""What went wrong, by class; the first that fits decides."""


def _words(error: smtplib.SMTPException) -> str:
    """Say what went wrong, with the server's number and without its words."""
    words = next((text for kind, text in _WORDS if isinstance(error, kind)), "it refuses the mail")
    code = getattr(error, "smtp_code", None)
    return f"{words} ({code})" if isinstance(code, int) and code > 0 else words
