"""
Is a user name, as it will be written, in a registered domain.

The reference application refuses user names of other domains; asking here
first makes it a skip with a reason (`InvalidDomain`) instead of a failed
request. A domain is compared as a whole, in its A-label form by strict IDNA
2008 (reliability.md, S28): ``contoso.example.evil.example`` is not
``contoso.example``, nor is a sub-domain, nor a look-alike.

Used by :mod:`reconciler.desired`.
"""

from __future__ import annotations

from functools import lru_cache

from reconciler.config.domains import registered_domain

NAMED = 5
"""Registered domains that a complaint lists."""


class RegisteredDomains:
    """The domains that user names may have; None allows any user name."""

    def __init__(self, domains: tuple[str, ...] | None) -> None:
        self._known = None if domains is None else frozenset(map(registered_domain, domains))
        shown = ", ".join((domains or ())[:NAMED])
        self._shown = f"{shown}, …" if domains and len(domains) > NAMED else shown
        self._domain_problem = lru_cache(maxsize=4096)(self._judge)

    @property
    def allows_all(self) -> bool:
        """Whether every user name is accepted."""
        return self._known is None

    def problem(self, user_name: str) -> str | None:
        """Return why *user_name* would be refused, in a sentence; None when it is fine."""
        if self._known is None:
            return None
        local, at, domain = user_name.partition("@")
        if not at or not local or not domain or "@" in domain:
            return f'"{user_name}" is not a name, one @ and a domain'
        return self._domain_problem(domain)

    def _judge(self, domain: str) -> str | None:
        """Return what is wrong with a domain; few domains have many people, so it is remembered."""
        try:
            label = registered_domain(domain)
        except ValueError as error:
            return f'the domain "{domain}" cannot be registered: {error}'
        if self._known is None or label in self._known:
            return None
        return f'the domain "{label}" is not registered; registered are {self._shown}'
