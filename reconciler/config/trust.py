"""
Who may sign, as ``trust:`` says it.

Without keys nothing is signed, and whoever may write the store decides what is
applied; with keys, what they sign is believed and nothing else. What a file of
a key holds is read by :mod:`reconciler.workflow.wiring` and judged by
:mod:`reconciler.signing`; this room knows text only.

Taken from the configuration that a command is given, never from a plan
(ruling 17).
"""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

Role = Literal["approver", "planner"]
"""What a key may sign: approvals, or plans."""

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$"


def _signer(text: str) -> str:
    """Refuse what is no name of somebody: it stands in messages, and is compared with authors."""
    if not re.fullmatch(_NAME, text):
        raise PydanticCustomError("bad-format", "must be letters, digits and any of . _ @ + -")
    return text


SignerName = Annotated[
    str, AfterValidator(_signer), WithJsonSchema({"type": "string", "pattern": _NAME})
]

PEM = "-----BEGIN "
"""How a key begins that stands in the file itself."""

_UNITS = {"h": "hours", "d": "days"}


class _Closed(BaseModel):
    """Base of this noun: immutable, strict, and a misspelt key is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
    )


class TrustedKey(_Closed):
    """The public key of somebody, and what they may sign with it."""

    public_key: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1024,
            description="Path of an Ed25519 public key in PEM form, or the PEM itself.",
        ),
    ]
    roles: Annotated[
        tuple[Role, ...],
        Field(
            description="What it may sign; `[]`: nothing any more, and what it signed stays good."
        ),
    ]


class Trust(_Closed):
    """Who may sign what, and for how long an approval is good."""

    keys: Annotated[
        dict[SignerName, TrustedKey],
        Field(description="Public keys by the name of who holds the private one."),
    ] = Field(default_factory=dict)
    signed_plans: Annotated[
        Literal["optional", "required"],
        Field(description="`required`: a plan that no planner signed is refused."),
    ] = "optional"
    approver_not_author: Annotated[
        bool, Field(description="True: whoever made a plan cannot approve it.")
    ] = False
    approvals_expire: Annotated[
        str,
        Field(
            pattern=r"^[1-9][0-9]{0,2}[hd]$",
            description="How long an approval is good, e.g. `24h` or `2d`.",
        ),
    ] = "24h"

    @property
    def lifetime(self) -> timedelta:
        """How long an approval is good."""
        return timedelta(**{_UNITS[self.approvals_expire[-1]]: int(self.approvals_expire[:-1])})

    def holders_of(self, role: Role) -> tuple[str, ...]:
        """Return the names of those who have *role*."""
        return tuple(name for name, key in self.keys.items() if role in key.roles)
