"""
App roles of several grants: the strongest first.

An application's roles are listed from the strongest down; somebody who comes
by several of them holds them in that order, each once (ruling 13).

Used by :mod:`reconciler.scope.decide`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.config.model import AppRole
from reconciler.scope.assignments import Grant

DEFAULT_ACCESS = "Default Access"
"""Entra's name of the role that an assignment without a role gives."""


def strongest_first(roles: Sequence[AppRole], grants: Iterable[Grant]) -> tuple[AppRole, ...]:
    """
    Return the app roles that the valid ones of *grants* give, strongest first.

    Default Access is no app role. Every role that is named must be one of
    *roles*, which :mod:`reconciler.config` has checked.
    """
    named = {grant.role for grant in grants if not grant.expired}
    return tuple(role for role in roles if role.name in named)
