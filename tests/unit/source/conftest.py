"""Reading files that a test writes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.directory import Directory
from reconciler.source import FileSource

Read = Callable[..., Directory]
Complaints = Callable[..., list[str]]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a users file, and perhaps a groups file, given as name and content."""

    def read(
        users: str | bytes,
        groups: str | bytes | None = None,
        *,
        name: str = "users.csv",
        groups_name: str = "groups.yaml",
    ) -> Directory:
        path = write(tmp_path, name, users)
        other = None if groups is None else write(tmp_path, groups_name, groups)
        return FileSource(path, other, lambda p: p.name).read()

    return read


@pytest.fixture
def complaints(read: Read) -> Complaints:
    """Read like `read`, and return every complaint as ``code place message``."""

    def complaints(*contents: str | bytes, **names: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            read(*contents, **names)
        return [f"{d.code} {d.position} {d.message}" for d in caught.value.diagnostics]

    return complaints
