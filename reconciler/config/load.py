"""
Text in, checked configuration out; every mistake at once, or none.

Files are read by the caller: this floor knows text only. Included files bring
``applications:`` and nothing else. What an application does not say comes from
``defaults:``, and what those do not say from the program: mappings merge deep,
lists replace. The merge happens on trees that know their places, so that a
complaint points to where the value stands and not to where it is used.

Called by :mod:`reconciler.workflow`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from reconciler.config import check_profile
from reconciler.config.check import check, check_head
from reconciler.config.kinds import stays_below
from reconciler.config.model import (
    APPLICATION_NAME,
    Application,
    Head,
    Provisioning,
    Source,
    Target,
)
from reconciler.config.nodes import (
    Entries,
    Items,
    Node,
    Origin,
    Scalar,
    find,
    locate,
    merge,
    place,
    without,
)
from reconciler.config.profile_files import Profiles
from reconciler.config.salvage import Salvaged, salvage
from reconciler.config.shipped import shipped_defaults
from reconciler.config.texts import ReadText, SourceText, no_files
from reconciler.config.tree import LIMITS
from reconciler.config.yaml import Document, Reading, read
from reconciler.diagnostics import ConfigError, Diagnostic, Position
from reconciler.profiles.model import Profile

_APPLICATIONS = "applications"
_PROFILE = ("target", "profile")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration without errors, and where everything in it stands."""

    config: Provisioning
    documents: tuple[Document, ...]
    """The main file, then the included ones in the order they were given."""
    warnings: tuple[Diagnostic, ...]
    sha256: str
    """Digest of all texts; the names of files do not count, but those of profiles do."""
    trees: Mapping[str, Node]
    """By application, its merged tree."""
    profiles: Mapping[str, Profile]
    """The profiles of all targets, by name or path, as written."""

    def locate(self, *loc: str | int) -> Position:
        """Return where a value stands, e.g. ``("applications", name, "assignments", 0)``."""
        tree = self.trees.get(str(loc[1])) if loc[:1] == (_APPLICATIONS,) and loc[1:] else None
        if tree is not None:
            return locate(tree, loc[2:])
        return self.documents[0].locate(loc)


class Refused(ConfigError):
    """A configuration with errors, and what of it `validate` can still hold against the source."""

    def __init__(
        self,
        found: Iterable[Diagnostic],
        source: Source | None,
        applications: Sequence[Salvaged[Application]],
    ) -> None:
        super().__init__(found)
        self.source = source
        """None when this part is itself wrong."""
        self.applications = applications


def includes_of(main: SourceText) -> tuple[str, ...]:
    """
    Return the globs under ``include``, for the caller to read those files first.

    Never raises: what is wrong with the file, or with a pattern that leads out
    of its folder and is therefore not returned, is what :func:`load_config` says.
    """
    document = read(main.text, main.name).document
    root = document.root if document else None
    patterns = root.get("include") if isinstance(root, Entries) else None
    items = patterns.items if isinstance(patterns, Items) else []
    texts = [item.value for item in items if isinstance(item, Scalar)]
    return tuple(text for text in texts if isinstance(text, str) and stays_below(text))


def load_config(
    main: SourceText, included: Sequence[SourceText] = (), read_text: ReadText = no_files
) -> Loaded:
    """
    Read, merge, validate and check a configuration.

    Args:
        main: The file that the user named.
        included: The files that its `include` matched, in a settled order.
        read_text: Returns the profiles that lie below the folder of *main*; those that
            targets name are asked for, and those that they extend.

    Raises:
        Refused: With every error and warning found, in the order of the files.
    """
    texts = [main, *included]
    readings = _read_all(texts)
    found = [problem for reading in readings for problem in reading.problems]
    documents = tuple(reading.document for reading in readings if reading.document)
    profiles = Profiles(read_text)
    loader = _Loader({problem.position for problem in found}, profiles)
    if readings[0].document:
        loader.load(documents)
    files = [text.name for text in (*texts, *profiles.files.values())]
    found = _in_order([*found, *loader.found], files)
    if any(one.severity == "error" for one in found) or loader.head is None:
        raise Refused(found, loader.source(), tuple(loader.parts.values()))
    models = {name: part.model for name, part in loader.parts.items()}
    fields = {name: getattr(loader.head.model, name) for name in Head.model_fields}
    config = Provisioning.model_construct(**fields, applications=models)
    trees = {name: part.tree for name, part in loader.parts.items()}
    digest = _digest(texts, profiles.files)
    return Loaded(config, documents, tuple(found), digest, trees, profiles.loaded)


def _read_all(texts: Iterable[SourceText]) -> list[Reading]:
    """Read the files one after the other; the number of values is limited over all of them."""
    readings: list[Reading] = []
    values = 0
    for text in texts:
        readings.append(read(text.text, text.name, values))
        values = readings[-1].values
    return readings


class _Loader:
    """What is gathered on the way from documents to models."""

    def __init__(self, claimed: set[Position | None], profiles: Profiles) -> None:
        self.found: list[Diagnostic] = []
        self.head: Salvaged[Head] | None = None
        self.parts: dict[str, Salvaged[Application]] = {}
        self._claimed = claimed
        self._profiles = profiles

    def load(self, documents: Sequence[Document]) -> None:
        """Validate and check everything in *documents*, the main one first."""
        root = documents[0].root
        if not isinstance(root, Entries):
            self._say("wrong-type", "the file must be a mapping of keys to values", place(root))
            return
        self._take_head(root)
        base = merge(shipped_defaults(), _mapping(root.get("defaults")))
        for name, (key, tree) in self._applications(documents).items():
            self._take_application(name, key, base, tree)

    def source(self) -> Source | None:
        """Return what the file says about its source, if nothing is wrong there."""
        whole = self.head is not None and self.head.is_whole("source")
        return self.head.model.source if self.head and whole else None

    def _take_head(self, root: Entries) -> None:
        """Validate everything but the applications."""
        tree = without(root, [(_APPLICATIONS,)])
        self.head, problems = salvage(tree, Head, Provisioning)
        self._add(problems)
        if self.head:
            self._add(check_head(self.head))

    def _take_application(self, name: str, key: Scalar, base: Node, tree: Node) -> None:
        """Validate and check one application on top of the defaults."""
        if not re.fullmatch(APPLICATION_NAME, name):
            message = f"`{name}` cannot be the name of an application"
            hint = "use lower-case letters, digits and dashes, at most 63"
            self._say("bad-application-name", message, place(key), hint)
        if not isinstance(tree, Entries):
            self._say("wrong-type", f"the application `{name}` must be a mapping", place(tree))
            return
        tree = merge(base, tree)
        profile = self._take_profile(tree)
        part, problems = salvage(tree, Application, Application)
        self._add(problems)
        if part:
            self._add(check(part))
            self._add(check_profile.check(part, *profile) if profile else ())
            self.parts[name] = part

    def _take_profile(self, tree: Node) -> tuple[str, Profile] | None:
        """
        Load the profile of the target in *tree*, whatever else may be wrong with that.

        Returns it with its name, or None when it cannot be used.
        """
        named = find(tree, _PROFILE)
        name = named.value if isinstance(named, Scalar) else Target.model_fields["profile"].default
        if not isinstance(name, str) or not name:
            return None
        position = place(named or tree)
        self._add(self._profiles.load(name, position))
        profile = self._profiles.loaded.get(name)
        return None if profile is None else (name, profile)

    def _applications(self, documents: Sequence[Document]) -> dict[str, tuple[Scalar, Node]]:
        """Return every application by name, and complain of names used twice."""
        found: dict[str, tuple[Scalar, Node]] = {}
        for document in documents:
            for name, (key, tree) in self._entries(document, document is documents[0]).items():
                if name in found:
                    message = f"the application `{name}` is already in {place(found[name][0])}"
                    self._say("repeated-application", message, place(key))
                else:
                    found[name] = (key, tree)
        is_sound = all(one.severity != "error" for one in self.found)
        if not found and is_sound and not self._claimed:
            self._say("no-applications", "no file defines an application", place(documents[0].root))
        return found

    def _entries(self, document: Document, is_main: bool) -> dict[str, tuple[Scalar, Node]]:
        """Return the applications of one file."""
        root = document.root
        if not isinstance(root, Entries):
            message = "an included file must be a mapping with the key `applications`"
            self._say("wrong-type", message, place(root))
            return {}
        for name, (key, _) in root.entries.items():
            if not is_main and name != _APPLICATIONS:
                message = f"an included file holds `applications` only, not `{name}`"
                self._say("unknown-key", message, place(key), "move it to the main file")
        node = root.get(_APPLICATIONS)
        if node is not None and not isinstance(node, Entries):
            self._say("wrong-type", "`applications` must be a mapping of names", place(node))
        return _mapping(node).entries

    def _say(self, code: str, message: str, position: Position, hint: str | None = None) -> None:
        """Note an error."""
        self._add([Diagnostic(code, message, position, hint)])

    def _add(self, found: Iterable[Diagnostic]) -> None:
        """Note *found*, but nothing that only follows from what is wrong as YAML."""
        self.found += [
            one for one in found if one.position not in self._claimed or one.code == "missing-key"
        ]


def _mapping(node: Node | None) -> Entries:
    """Return *node* if it is a mapping, else an empty one; validation complains of the rest."""
    return node if isinstance(node, Entries) else Entries(Origin("", ""), 0, {})


def _in_order(found: Iterable[Diagnostic], files: Sequence[str]) -> list[Diagnostic]:
    """Sort by file as given, line and column; what was found twice is said once."""
    rank = {file: index for index, file in enumerate(files)}

    def key(one: Diagnostic) -> tuple[int, int, int, str]:
        if one.position is None:
            return (len(rank), 0, 0, one.code)
        at = one.position
        return (rank.get(at.file, len(rank)), at.line, at.column, one.code)

    ordered = sorted(dict.fromkeys(found), key=key)
    if len(ordered) <= LIMITS.problems:
        return ordered
    message = f"only the first {LIMITS.problems} problems are shown"
    last = ordered[LIMITS.problems].position
    return [*ordered[: LIMITS.problems], Diagnostic("too-many-problems", message, last)]


def _digest(texts: Sequence[SourceText], profiles: Mapping[str, SourceText]) -> str:
    """
    Return the SHA-256 over the texts: the main one first, the included in any order.

    Profiles are told apart by the paths at which targets look for them: two that
    change places are a change.
    """
    main, *included = (_sha256(text.text) for text in texts)
    named = sorted(f"{_sha256(path)} {_sha256(text.text)}" for path, text in profiles.items())
    return _sha256("\n".join([main, *sorted(included), *named]))


def _sha256(text: str) -> str:
    """Return the SHA-256 of *text* as UTF-8, hexadecimal."""
    return sha256(text.encode("utf-8")).hexdigest()
