"""
Where notices are sent: a mail server, a webhook, or both.

Secrets are references, as everywhere. A name and a password go out after STARTTLS only,
and the server must show a certificate that is trusted; what is told holds no personal data,
so a relay that asks for no password may be spoken to without.

Used by :mod:`reconciler.config.model`; the rules between two keys are in
:func:`reconciler.config.check_notifications.check`, the sending in :mod:`reconciler.notify`.
"""

from typing import Annotated

from pydantic import Field

from reconciler.config.kinds import MailAddress, Name, TokenUrl
from reconciler.config.references import Model, SecretReference


class Smtp(Model):
    """A mail server that takes notices (RFC 6409)."""

    host: Annotated[
        Name,
        Field(
            pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]+$",
            description="Name or address of the server.",
        ),
    ]
    port: Annotated[int, Field(ge=1, le=65_535, description="Its port.")] = 587
    starttls: Annotated[
        bool, Field(description="Go on under TLS, and send nothing if that cannot be had.")
    ] = True
    username: Annotated[
        SecretReference | None, Field(description="Reference to the user name.")
    ] = None
    password: Annotated[SecretReference | None, Field(description="Reference to the password.")] = (
        None
    )
    ca_bundle: Annotated[
        Name | None,
        Field(description="PEM file of the authorities to trust instead of the usual ones."),
    ] = None
    sender: Annotated[MailAddress, Field(alias="from", description="Address that mails are from.")]


class Webhook(Model):
    """An address that notices are posted to."""

    url: Annotated[TokenUrl, Field(description="https, or http on loopback.")]
    secret_token: Annotated[
        SecretReference, Field(description="Reference to the secret that bodies are signed with.")
    ]


class Notifications(Model):
    """How people are told of failures and quarantine; nothing by default."""

    smtp: Annotated[
        Smtp | None,
        Field(description="Mails go to the `notification_email` of the application."),
    ] = None
    webhook: Annotated[Webhook | None, Field(description="Told of every application.")] = None
