"""
From the name of a profile to the profile: shipped, or a file of the user's.

A profile says what differs from the one it `extends`: mappings merge key by key,
lists replace, as everywhere in the configuration, and what nobody says is the
default of the model. What is wrong is complained of where it stands, in the
file of the profile; a name that leads nowhere, where the name stands.

The model is in :mod:`reconciler.profiles`, below this floor; reading it takes
the YAML of this one. Called by :mod:`reconciler.config.load`, and by itself for
a profile alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from reconciler.config.check_targets import check_name
from reconciler.config.kinds import stays_below
from reconciler.config.nodes import Entries, Node, Scalar, merge, place, without
from reconciler.config.salvage import Salvaged, salvage
from reconciler.config.texts import ReadText, SourceText, no_files
from reconciler.config.yaml import read
from reconciler.diagnostics import ConfigError, Diagnostic, Position, nearest
from reconciler.profiles.catalog import shipped_names, shipped_text
from reconciler.profiles.model import Profile
from reconciler.scim.coverage import is_nameable
from reconciler.scim.paths import PathError, parse_path

NOT_HANDED_ON = (("extends",), ("tested",))
"""What a profile says of itself alone."""


def is_path(name: str) -> bool:
    """Say whether *name* is that of a file; shipped profiles have neither slash nor dot."""
    return not {"/", "\\", "."}.isdisjoint(name)


class Profiles:
    """The profiles of one configuration; each file is read once."""

    def __init__(self, read_text: ReadText = no_files) -> None:
        """Prepare; nothing is read yet."""
        self._read_text = read_text
        self._texts: dict[str, SourceText | None] = {}
        self._loaded: dict[str, Profile] = {}
        self._problems: list[Diagnostic] = []

    @property
    def loaded(self) -> Mapping[str, Profile]:
        """By name or path, as written, the profiles without an error."""
        return self._loaded

    @property
    def files(self) -> Mapping[str, SourceText]:
        """By path, as written, the files that were read."""
        return {path: text for path, text in self._texts.items() if text is not None}

    def load(self, name: str, position: Position) -> list[Diagnostic]:
        """Load the profile that is named at *position*; return what is wrong with it."""
        if name in self._loaded:
            return []
        self._problems = []
        tree = self._tree(name, position)
        if tree is not None and not self._problems:
            part, self._problems = salvage(tree, Profile, Profile)
            if part is not None:
                self._problems += _unreadable(part)
            if part is not None and not self._problems:
                self._loaded[name] = part.model
        return self._problems

    def _tree(self, name: str, position: Position) -> Node | None:
        """Return the profile called *name*, laid on all that it extends; None when that fails."""
        way: list[str] = []
        layers: list[Node] = []
        while name not in way:
            root = self._root(name, position)
            if root is None:
                return None
            way.append(name)
            layers.append(root)
            parent = root.get("extends")
            if not isinstance(parent, Scalar) or not isinstance(parent.value, str):
                return _laid_on(layers)
            name, position = parent.value, place(parent)
        circle = " extends ".join((*way[way.index(name) :], name))
        self._say("circular-profile", f"this profile extends itself: {circle}", position)
        return None

    def _root(self, name: str, position: Position) -> Entries | None:
        """Return what the profile called *name* says itself, or complain that it says nothing."""
        text = self._text(name, position)
        if text is None:
            return None
        reading = read(text.text, text.name)
        self._problems += reading.problems
        root = reading.document.root if reading.document else None
        if root is not None and not isinstance(root, Entries):
            self._say("wrong-type", "a profile must be a mapping of keys to values", place(root))
        return root if isinstance(root, Entries) else None

    def _text(self, name: str, position: Position) -> SourceText | None:
        """Return the text of the profile called *name*, or complain that there is none."""
        if not is_path(name):
            return self._shipped(name, position)
        if not stays_below(name):
            message = f"the profile {name} must stay below the folder of the configuration"
            self._say("unsafe-path", message, position)
            return None
        if name not in self._texts:
            self._texts[name] = self._read_text(name)
        found = self._texts[name]
        if found is None:
            message = f"there is no profile {name} below the folder of the configuration"
            hint = "`reconciler probe APP --write-profile FILE` writes one"
            self._say("unknown-profile", message, position, hint)
        return found

    def _shipped(self, name: str, position: Position) -> SourceText | None:
        """Return the text of a shipped profile, or complain that there is none of that name."""
        known = shipped_names()
        if name in known:
            return SourceText(name, shipped_text(name))
        close = nearest(name, known)
        listed = f"shipped: {', '.join(known)}; the name of a file has a dot"
        hint = f'did you mean "{close}"? {listed}' if close else listed
        self._say("unknown-profile", f'there is no profile "{name}"', position, hint)
        return None

    def _say(self, code: str, message: str, position: Position, hint: str | None = None) -> None:
        """Note an error."""
        self._problems.append(Diagnostic(code, message, position, hint))


def _unreadable(part: Salvaged[Profile]) -> Iterator[Diagnostic]:
    """Complain of what should name attributes, and does not: it would be of no effect."""
    for key in ("unsupported", "immutable"):
        for index, text in enumerate(getattr(part.model.attributes, key)):
            place = part.at("attributes", key, index)
            if not is_nameable(text):
                message = f"`{text}` is neither an attribute path nor the URN of a schema"
                yield Diagnostic("bad-path", message, place)
                continue
            with suppress(PathError):  # the URN of a schema
                for problem in check_name(parse_path(text.strip())):
                    yield Diagnostic(problem.code, problem.message, place, problem.hint)


def _laid_on(layers: list[Node]) -> Node:
    """Return the last of *layers* with those before it laid on, the first on top."""
    tree = layers[-1]
    for layer in reversed(layers[:-1]):
        tree = merge(without(tree, NOT_HANDED_ON), layer)
    return tree


def load_profile(name: str, read_text: ReadText = no_files) -> Profile:
    """
    Return one profile.

    Args:
        name: A shipped one, or a path that *read_text* takes.
        read_text: Returns files.

    Raises:
        ConfigError: With everything that is wrong with it.
    """
    profiles = Profiles(read_text)
    problems = profiles.load(name, Position(name, 1, 1))
    if problems:
        raise ConfigError(problems)
    return profiles.loaded[name]
