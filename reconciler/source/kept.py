"""
What was read last, kept for as long as the files hold the same bytes.

A run over a thousand applications reads one source. Its files are read again for each
of them, and what they said is worked out again when a byte is different: neither the
time of a file nor its size is taken for a proof.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.directory import Directory
from reconciler.source.files import FileSource


class LastRead:
    """The newest directory, and the files that it is from; safe for threads."""

    def __init__(self) -> None:
        self._last: tuple[FileSource, tuple[str, ...], Directory] | None = None

    def of(self, files: FileSource) -> Directory:
        """
        Return what *files* say now.

        Raises:
            SourceUnusable: As :meth:`FileSource.read`; nothing is kept then.
        """
        last = self._last
        if last is not None and last[0] == files and last[1] == files.digests():
            return last[2]
        directory, digests = files.read_with_digests()
        self._last = files, digests, directory
        return directory


@dataclass(frozen=True, slots=True)
class KeptSource:
    """Files as a source, which are not worked out again while they stay the same."""

    files: FileSource
    last: LastRead

    def read(self) -> Directory:
        """Return everybody and every group; raises as :meth:`FileSource.read`."""
        return self.last.of(self.files)

    def digest(self) -> str | None:
        """Return the digest of the files, as a read would; None when one cannot be read."""
        return self.files.digest()
