"""
The kinds of text that a model field can hold, and what each refuses.

A complaint carries our own kebab-case code; :mod:`reconciler.config.translate`
hands it on as it is.

Used by :mod:`reconciler.config.model`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.config import urls
from reconciler.config.domains import registered_domain

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DRIVE = re.compile(r"[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")


def _day(value: Any) -> date:
    """Read ``YYYY-MM-DD`` and nothing else; a number is no date."""
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise PydanticCustomError("bad-date", "must be a day written as YYYY-MM-DD")


def _domain(text: str) -> str:
    """Let a domain pass as it is written, if it is one."""
    try:
        registered_domain(text)
    except ValueError as exc:
        raise PydanticCustomError("bad-domain", "{why}", {"why": str(exc)}) from exc
    return text


def _url(read: Callable[[str], str]) -> AfterValidator:
    """Return what puts a URL into its one spelling, as *read* does."""

    def spelled(text: str) -> str:
        try:
            return read(text)
        except urls.InsecureUrl as exc:
            why = {"why": str(exc), "hint": exc.hint}
            raise PydanticCustomError("insecure-url", "{why}", why) from exc
        except ValueError as exc:
            raise PydanticCustomError("bad-url", "{why}", {"why": str(exc)}) from exc

    return AfterValidator(spelled)


def stays_below(pattern: str) -> bool:
    """Say whether the glob *pattern* can only name files below the folder it is used in."""
    steps = pattern.split("/")
    leaves = pattern.startswith(("/", "~")) or "\\" in pattern or _DRIVE.match(pattern)
    return bool(pattern.strip("./")) and not leaves and ".." not in steps and "\0" not in pattern


def _pattern(text: str) -> str:
    """Refuse a pattern that leads out of the folder."""
    if not stays_below(text):
        raise PydanticCustomError("unsafe-path", "must stay below the folder of this file")
    return text


def _not_true(value: Any) -> Any:
    """Refuse a boolean where 1 is meant: Python takes them for the same."""
    if isinstance(value, bool):
        raise PydanticCustomError("not-allowed-value", "must be 1")
    return value


Name = Annotated[str, Field(min_length=1, max_length=256)]
"""A name, an attribute, a path: any text that is not empty."""

MailAddress = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$",
        max_length=254,
    ),
]
"""One mailbox that every mail server takes: nothing in it can end a header or add an address."""

Day = Annotated[date, BeforeValidator(_day)]
Domain = Annotated[Name, AfterValidator(_domain)]
TenantUrl = Annotated[Name, _url(urls.tenant_url)]
TokenUrl = Annotated[Name, _url(urls.token_url)]
ProxyUrl = Annotated[Name, _url(urls.proxy_url)]
IncludePattern = Annotated[Name, AfterValidator(_pattern)]
FormatVersion = BeforeValidator(_not_true)
