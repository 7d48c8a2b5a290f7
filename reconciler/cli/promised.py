"""
Commands that are imported when they are called for.

Whoever asks for help, or for one command, does not wait for all the others: what
the list of commands says of each stands in a table, and a test holds it against
the command itself.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click


class Promised(click.Command):
    """A command as the list of commands and the shell's completion show it."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._place = place

    def load(self) -> click.Command:
        """Return the command itself."""
        module, _, attribute = self._place.partition(":")
        if module not in sys.modules:
            _import(module)
        found: click.Command = getattr(sys.modules[module], attribute)
        return found


def _import(module: str) -> None:
    """Import *module*; what that makes lives to the end, and no collector needs to walk it."""
    gc.disable()
    try:
        import_module(module)
    finally:
        gc.freeze()
        gc.enable()


class Promises(click.Group):
    """A group of which only the command that runs is imported."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name of a command, the command itself, and what is left of *args*."""
        name, command, left = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, Promised) else command, left
