"""
A configuration file on disk, read with everything it includes.

Paths in the file are relative to the folder it lies in, so that a plan does not
depend on where the command was started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from os.path import isfile
from pathlib import Path

from reconciler.config.kept import LeftOut, kept, left_out
from reconciler.config.load import Loaded, includes_of, load_config
from reconciler.config.model import Application
from reconciler.config.texts import SourceText
from reconciler.diagnostics import ConfigError, Diagnostic, Position, nearest
from reconciler.profiles.model import Profile

SIZE_LIMIT = 8 * 1024 * 1024
"""Bytes of one configuration file (reliability.md, S01)."""


TOTAL_LIMIT = 16 * 1024 * 1024
"""Bytes of a configuration file and all that it includes."""

INCLUDED_LIMIT = 1_000
"""Files that one pattern of `include` may name."""

WILDCARDS = frozenset("*?[")
"""Characters that make a pattern of a name."""


@dataclass(frozen=True, slots=True)
class Project:
    """A loaded configuration, its folder, and the texts that complaints are shown with."""

    folder: Path
    loaded: Loaded
    texts: Mapping[str, str]

    def application(self, name: str) -> Application:
        """
        Return the application called *name*, without the mappings that cannot be carried out.

        Groups are provisioned only if the source has a file of them: one that is
        not named is no evidence that every group is gone (ruling 1). What the
        service does not keep, by its profile, is not provisioned either.

        Raises:
            ConfigError: With `unknown-application` and the nearest name.
        """
        found = self._with_groups(name)
        return kept(found, self.profile(found.target.profile))

    def left_out(self, name: str) -> tuple[LeftOut, ...]:
        """Return the mappings of an application that its service does not keep, or show."""
        found = self._with_groups(name)
        return left_out(found, self.profile(found.target.profile))

    def _with_groups(self, name: str) -> Application:
        """Return the application called *name*, with its groups if the source has any."""
        applications = self.loaded.config.applications
        if name in applications:
            found = applications[name]
            if self.loaded.config.source.groups is not None:
                return found
            users_only = found.mappings.model_copy(update={"groups": None})
            return found.model_copy(update={"mappings": users_only})
        close = nearest(name, applications)
        hint = f'did you mean "{close}"?' if close else f"defined: {', '.join(applications)}"
        message = f'application "{name}" is not defined'
        raise ConfigError([Diagnostic("unknown-application", message, hint=hint)])

    def profile(self, name: str) -> Profile:
        """Return the profile that some `target.profile` calls *name*."""
        return self.loaded.profiles[name]

    def locate_in(self, name: str) -> Callable[[tuple[str | int, ...]], Position]:
        """Return where the values of one application stand in the file."""
        return lambda loc: self.loaded.locate("applications", name, *loc)

    @contextmanager
    def quoted(self) -> Iterator[None]:
        """Let complaints that arise inside be shown with the lines they are about."""
        try:
            yield
        except ConfigError as exc:
            raise Unusable(exc, self.texts) from exc

    def names(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Return the applications that a command is about: those named, or all."""
        for name in wanted:
            self.application(name)
        return wanted or tuple(self.loaded.config.applications)


class Unusable(ConfigError):
    """A configuration with errors; carries the texts that they are shown with."""

    def __init__(self, error: ConfigError, texts: Mapping[str, str]) -> None:
        super().__init__(error.diagnostics)
        self.error = error
        """The same as it was raised; :class:`reconciler.config.load.Refused` knows more."""
        self.texts = texts


def open_project(path: Path) -> Project:
    """
    Read and check the configuration at *path*.

    Raises:
        Unusable: With every problem found.
    """
    texts: dict[str, str] = {}
    try:
        main = _read(path, str(path))
        texts[main.name] = main.text
        included = _read_all(_included(path, main), len(main.text))
        texts.update({source.name: source.text for source in included})
        loaded = load_config(main, included, lambda name: _profile(path, name, texts))
    except ConfigError as exc:
        raise Unusable(exc, texts) from exc
    return Project(path.parent, loaded, texts)


def is_as_read(path: Path, project: Project) -> bool:
    """Say whether every file of *project*, which was read from *path*, still has that text."""
    try:
        if any(_read(Path(name), name).text != text for name, text in project.texts.items()):
            return False
        patterns = project.loaded.config.include
        found = [file for pattern in patterns for file in _matching(path, pattern)]
    except ConfigError:
        return False
    profiles = [path.parent / name for name in project.loaded.profiles]
    found += [file for file in profiles if isfile(file)]
    return {str(file) for file in found} <= set(project.texts)


def _read_all(files: Iterable[Path], size: int) -> list[SourceText]:
    """
    Read the included files; the main one has *size* characters.

    Raises:
        ConfigError: One cannot be read, or all together are too large.
    """
    texts: list[SourceText] = []
    for file in files:
        texts.append(_read(file, str(file)))
        size += len(texts[-1].text)
        if size > TOTAL_LIMIT:
            message = f"with {file}, the configuration is larger than {TOTAL_LIMIT // 2**20} MiB"
            raise ConfigError([Diagnostic("too-large", message)])
    return texts


def _included(path: Path, main: SourceText) -> Iterator[Path]:
    """
    Yield the files that `include` names, in a settled order.

    A pattern with a wildcard may match nothing: a folder that holds no
    application yet is empty, not wrong. A plain name must be there.

    Raises:
        ConfigError: A named file is missing, or lies outside the folder.
    """
    root = path.parent.resolve()
    for pattern in includes_of(main):
        found = _matching(path, pattern)
        if not found and not WILDCARDS & set(pattern):
            message = f"`include` names {pattern}, and there is no such file"
            raise ConfigError([Diagnostic("nothing-included", message, Position(str(path), 1, 1))])
        for file in found:
            if not file.resolve().is_relative_to(root):
                message = f"{file} leads out of the folder of {path.name}"
                place = Position(str(path), 1, 1)
                raise ConfigError([Diagnostic("included-outside", message, place)])
            yield file


def _matching(path: Path, pattern: str) -> list[Path]:
    """
    Return the files that *pattern* names below the folder of *path*, in a settled order.

    Raises:
        ConfigError: No file can be called that, or there are more than anybody includes.
    """
    try:
        files = (file for file in path.parent.glob(pattern) if file.is_file())
        found = sorted(islice(files, INCLUDED_LIMIT + 1))
    except (OSError, ValueError, IndexError, NotImplementedError) as exc:
        message = f"`include` names {pattern}, which no file can be called"
        raise ConfigError([Diagnostic("bad-include", message, Position(str(path), 1, 1))]) from exc
    if len(found) > INCLUDED_LIMIT:
        message = f"`include` names {pattern}, which are more than {INCLUDED_LIMIT:,} files"
        raise ConfigError([Diagnostic("bad-include", message, Position(str(path), 1, 1))])
    return found


def _profile(config: Path, name: str, texts: dict[str, str]) -> SourceText | None:
    """
    Return the profile at *name*, below the folder of *config*; None if nothing is there.

    Its text goes into *texts*, so that complaints about it can be shown with their lines.

    Raises:
        ConfigError: It cannot be read, or is a link that leads out of the folder.
    """
    file = config.parent / name
    if not isfile(file):  # unlike Path's, it never raises
        return None
    if not file.resolve().is_relative_to(config.parent.resolve()):
        message = f"{file} leads out of the folder of {config.name}"
        place = Position(str(config), 1, 1)
        raise ConfigError([Diagnostic("included-outside", message, place)])
    found = _read(file, str(file))
    texts[found.name] = found.text
    return found


def _read(path: Path, name: str) -> SourceText:
    """
    Read one text file.

    Raises:
        ConfigError: It is missing, unreadable, too large or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        hint = "name the file with --config, or make one with: reconciler init"
        raise ConfigError(
            [Diagnostic("missing-file", f"{name} does not exist", hint=hint)]
        ) from None
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or "the name cannot be used"
        problem = Diagnostic("unreadable-file", f"{name} cannot be read: {why}")
        raise ConfigError([problem]) from exc
    if len(data) > SIZE_LIMIT:
        message = f"{name} is larger than {SIZE_LIMIT // 1024 // 1024} MiB"
        raise ConfigError([Diagnostic("too-large", message)])
    try:
        return SourceText(name, data.decode("utf-8"))
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        place = Position(name, line, 1)
        hint = "save the file as UTF-8"
        raise ConfigError(
            [Diagnostic("wrong-encoding", "the file is not UTF-8 here", place, hint)]
        ) from exc
