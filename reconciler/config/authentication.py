"""
How the target is told who we are, as the file says it.

Three kinds, each with the one secret that ``secret_token`` refers to: a bearer
token (RFC 6750), a password (RFC 7617), or the secret of an OAuth 2.0 client
that fetches tokens for itself (RFC 6749, section 4.4). Which keys belong to
which kind is said by :mod:`reconciler.config.check_auth`.

Used by :mod:`reconciler.config.model`; read by :mod:`reconciler.live`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.config.kinds import Name, TokenUrl


class Authentication(BaseModel):
    """What the secret is, and what goes with it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )

    kind: Annotated[
        Literal["bearer", "basic", "oauth"],
        Field(description="What `secret_token` is: a bearer token, a password, a client secret."),
    ] = "bearer"
    username: Annotated[
        Name | None,
        Field(pattern=r"^[^:\x00-\x1f\x7f]+$", description="For `basic`: whose password it is."),
    ] = None
    token_url: Annotated[
        TokenUrl | None,
        Field(description="For `oauth`: the token endpoint; https, or http on loopback."),
    ] = None
    client_id: Annotated[
        Name | None,
        Field(pattern=r"^[\x20-\x7e]+$", description="For `oauth`: whose secret it is."),
    ] = None
    scope: Annotated[
        Name | None,
        Field(
            pattern=r"^[!#-\[\]-~]+( [!#-\[\]-~]+)*$",
            description="For `oauth`: what is asked for, where the endpoint wants to be told.",
        ),
    ] = None
    audience: Annotated[
        Name | None,
        Field(description="For `oauth`: for whom the token is, where the endpoint wants it."),
    ] = None
    credentials_in: Annotated[
        Literal["header", "body"],
        Field(description="For `oauth`: where the endpoint reads client id and secret."),
    ] = "header"
