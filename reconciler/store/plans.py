"""
Stored plans: ``<store>/<application>/<UTC time>-<first 12 of digest>.plan.json``.

A plan is written once and never rewritten, and the same digest is the same plan
(`inputs.journal_head` is in the body, so a plan made after an apply is another
one). Its journal lies beside the place where it belongs in the store, wherever
the file lies that somebody applies (ruling 16); a second copy of a plan can
therefore never start a second journal.

Made by :mod:`reconciler.workflow.wiring`; implements :class:`reconciler.ports.PlanStore`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from os.path import lexists
from pathlib import Path
from typing import Final, Generic

from reconciler.diagnostics import ReconcilerError, printable
from reconciler.pile import Pile
from reconciler.plan.document import Plan, PlanAltered
from reconciler.plan.operation import Operation
from reconciler.plan.plan_file import canonical_plan, parse_plan
from reconciler.signing.envelope import ENVELOPE_LIMIT
from reconciler.store.applications import application_folder, application_folders
from reconciler.store.disk import DISK, Disk
from reconciler.store.folder import StoreError, make_folder, remove, replace
from reconciler.store.slot import Location, LocationT, files, slot

PLAN_LIMIT = 256 * 1024 * 1024
"""Bytes of the largest plan that is read: 50,000 operations of 5 kB each."""

MANY: Final = 10_000
"""Operations that are held; with more, memory is worth more than the time to make them anew."""

DIGEST_SHOWN = 12
"""Hex digits of the digest in a file's name."""

TIME_FORMAT = "%Y-%m-%dT%H%M%SZ"
"""The time in a file's name: UTC, and no colon, which some file systems refuse."""

PLAN_SUFFIX = ".plan.json"
SIGNATURE_SUFFIX = ".plan.dsse.json"
JOURNAL_SUFFIX = ".journal.jsonl"

STEM = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6}Z)-([0-9a-f]{12})")
"""The name of a plan or a journal without its suffix."""

_DIGITS = 8
"""How many of the first digits of a digest name a plan."""
_DIGEST_PREFIX = re.compile(rf"[0-9a-f]{{{_DIGITS},64}}")
_TOO_SHORT = re.compile(rf"[0-9a-f]{{1,{_DIGITS - 1}}}")

_WAY_OUT = "`reconciler history` lists those that are stored"


class PlanNotFound(ReconcilerError):
    """No stored plan, or more than one, goes by the name that was given."""


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """One plan of the store, told from its name; nothing of the file has been read."""

    path: Location
    application: str
    created: datetime
    digest12: str

    @property
    def journal(self) -> Location:
        """Where this plan's journal lies; it need not exist."""
        return self.path.with_name(self.path.name.removesuffix(PLAN_SUFFIX) + JOURNAL_SUFFIX)


@dataclass(frozen=True, slots=True)
class PlanFile:
    """The bytes of a plan and of the signature beside it; nothing of them is believed yet."""

    path: Location
    data: bytes
    signature: bytes | None
    """The envelope; None when there is none."""


class FilePlanStore(Generic[LocationT]):
    """The plans of a store, one folder per application below it."""

    def __init__(self, folder: LocationT, disk: Disk = DISK) -> None:
        self.folder: LocationT = folder
        self._disk = disk

    def save(self, plan: Plan, signature: bytes | None = None) -> str:
        """
        Store *plan* unless this very plan is there already, and return its path.

        Its *signature* is stored before it, so that no crash leaves it unsigned; it stays
        out when the plan is there with another header, of which it does not speak.

        Raises:
            StoreError: A link is in the way, or another plan has the same name.
            StoreUnwritable: The disk refuses.
        """
        folder = application_folder(self.folder, plan.body.application)
        path = folder / (self._stem(plan) + PLAN_SUFFIX)
        at = slot(path, self._disk)
        is_new = not at.exists()
        is_this = not is_new and _is_written(plan, at.read(PLAN_LIMIT))
        if signature is not None and (is_new or is_this):
            slot(signature_path(path), self._disk).create((signature,))
        if is_new:
            at.create(_pieces(plan))
        elif not is_this and self.load_from(path).digest != plan.digest:
            raise StoreError(f"{path} holds another plan than the one to be stored")
        return str(path)

    def made_at(self, stored: str) -> datetime:
        """Return when the plan was made, by the name that :meth:`save` returned."""
        moment = stored.rpartition("/")[2].rpartition("-")[0]
        return datetime.strptime(moment, TIME_FORMAT).replace(tzinfo=UTC)

    def load(self, name: str) -> Plan:
        """
        Return the plan that *name* names: a path, or the start of its digest.

        Raises:
            PlanNotFound: Nothing, or more than one plan, goes by this name.
            PlanAltered: The file is not what it says it is.
            StoreError: It is a link, no regular file, too large, or unreadable.
        """
        return parsed(self.read(name))

    def load_from(self, path: Location) -> Plan:
        """Return the plan at *path*, of which the store has told; raises as :meth:`load`."""
        return parsed(_read(path))

    def read(self, name: str) -> PlanFile:
        """
        Return the bytes of the plan that *name* names, as :meth:`load`, and of its signature.

        Raises:
            PlanNotFound: Nothing, or more than one plan, goes by this name.
            StoreError: A file is a link, no regular file, too large, or unreadable.
        """
        return _read(self.find(name))

    def find(self, name: str) -> Location:
        """
        Return the path of the plan that *name* names.

        Args:
            name: The path of a file anywhere, the address of one in this store, or 8 or
                more of the first hex digits of a stored plan's digest.

        Raises:
            PlanNotFound: Nothing, or more than one plan, goes by this name.
        """
        if lexists(name):
            return Path(name)
        for stored in self.list() if name.startswith(f"{self.folder}/") else ():
            if str(stored.path) == name:
                return stored.path
        _require_digest(name)
        found = [p for p in self.list() if p.digest12.startswith(name[:DIGEST_SHOWN])]
        if len(found) > 1 and len(name) > DIGEST_SHOWN:
            found = [p for p in found if self.load_from(p.path).digest.startswith(name)]
        if not found:
            raise PlanNotFound(f"no plan in {self.folder} has a digest that starts with {name}")
        if len(found) > 1:
            paths = ", ".join(str(stored.path) for stored in found)
            raise PlanNotFound(f"more than one digest starts with {name}: {paths}")
        return found[0].path

    def list(self, application: str | None = None) -> tuple[StoredPlan, ...]:
        """Return the stored plans, of all applications or of one; the newest last."""
        found = [
            StoredPlan(path, path.parent.name, created, digest12)
            for path, created, digest12 in named(self.folder, application, PLAN_SUFFIX)
        ]
        return tuple(sorted(found, key=lambda p: (p.created, p.application, p.digest12)))

    def journal_path(self, plan: Plan) -> LocationT:
        """
        Return where the journal of *plan* lies, in the store; it need not exist.

        Raises:
            StoreError: A link is in the way.
            PlanAltered: The header's time is not a time.
        """
        folder = application_folder(self.folder, plan.body.application)
        return folder / (self._stem(plan) + JOURNAL_SUFFIX)

    def write_copy(self, plan: Plan, out: Path, signature: bytes | None = None) -> None:
        """
        Write *plan* and its *signature* to *out* as well (``--out``), in place of what is there.

        Raises:
            StoreUnwritable: The disk refuses.
        """
        make_folder(out.parent, self._disk)
        replace(out, _pieces(plan), self._disk)
        beside = out.with_name(_signature_name(out.name))
        if signature is not None:
            replace(beside, (signature,), self._disk)
        elif lexists(beside):
            remove(beside)

    def _stem(self, plan: Plan) -> str:
        """
        Return the name of *plan* in the store, without a suffix.

        The header stands outside the digest, so the same plan may come with
        another time. The first name under which the store knows the digest
        stays its name; a journal's name goes before a plan's.
        """
        digest12, application = plan.digest[:DIGEST_SHOWN], plan.body.application
        for suffix in (JOURNAL_SUFFIX, PLAN_SUFFIX):
            known = sorted(
                path.name.removesuffix(suffix)
                for path, _, found in named(self.folder, application, suffix)
                if found == digest12
            )
            if known:
                return known[0]
        return f"{created_of(plan):{TIME_FORMAT}}-{digest12}"


def _require_digest(name: str) -> None:
    """
    Check that *name*, which is no path, can be the start of a digest.

    Raises:
        PlanNotFound: It is none, or too short.
    """
    if _TOO_SHORT.fullmatch(name):
        raise PlanNotFound(
            f"there is no file {name}, and as the start of a digest it is too short: "
            f"{_DIGITS} digits or more are needed; {_WAY_OUT}"
        )
    if not _DIGEST_PREFIX.fullmatch(name):
        raise PlanNotFound(f"there is no plan at {printable(name)}; {_WAY_OUT}")


def _read(path: Location) -> PlanFile:
    """
    Return the bytes of the plan at *path*, and of its signature.

    Raises:
        PlanNotFound: There is none.
        StoreError: A file is no good.
    """
    try:
        data = slot(path).read(PLAN_LIMIT)
    except FileNotFoundError as exc:
        raise PlanNotFound(f"there is no plan at {path}; {_WAY_OUT}") from exc
    return PlanFile(path, data, read_signature(path))


def parsed(file: PlanFile) -> Plan:
    """
    Return the plan in *file*.

    Raises:
        PlanAltered: The file is not what it says it is.
    """
    try:
        return parse_plan(file.data, held)
    except PlanAltered as exc:
        raise PlanAltered(f"{file.path}: {exc}") from exc


def held(operations: Iterable[Operation], count: int) -> Sequence[Operation]:
    """Return *operations*, of which there are *count*, as a sequence; very many are laid aside."""
    if count <= MANY:
        return tuple(operations)
    pile = Pile(Operation, 0)
    for operation in operations:
        pile.add(operation)
    return pile.everything()


def signature_path(path: LocationT) -> LocationT:
    """Return where the signature of the plan at *path* lies: ``x.plan.dsse.json``."""
    return path.with_name(_signature_name(path.name))


def _signature_name(name: str) -> str:
    return name.removesuffix(".json") + ".dsse.json"


def read_signature(path: Location) -> bytes | None:
    """
    Return the bytes of the signature of the plan at *path*; None when there is none.

    Raises:
        StoreError: It is a link, no regular file, too large, or unreadable.
    """
    try:
        return slot(signature_path(path)).read(ENVELOPE_LIMIT)
    except FileNotFoundError:
        return None


def encode_plan(plan: Plan) -> bytes:
    """Return the bytes of a plan file: canonical JSON and a newline."""
    return b"".join(_pieces(plan))


def _pieces(plan: Plan) -> Iterator[bytes]:
    return chain(canonical_plan(plan), (b"\n",))


def _is_written(plan: Plan, data: bytes) -> bool:
    """Say whether *data* are the bytes of *plan*, which are never whole in memory for that."""
    at = 0
    for piece in _pieces(plan):
        if not data.startswith(piece, at):
            return False
        at += len(piece)
    return at == len(data)


def named(
    folder: Location, application: str | None, suffix: str
) -> Iterator[tuple[Location, datetime, str]]:
    """
    Yield path, time and 12 digits of every file of the store whose name ends in *suffix*.

    A file whose name is not of this form is none of the store's, and is left out.

    Raises:
        StoreError: *application* cannot be a name, or a folder is a link.
    """
    for below in application_folders(folder, application):
        for path in files(below, suffix):
            match = STEM.fullmatch(path.name.removesuffix(suffix))
            created = _time(match[1]) if match else None
            if match and created:
                yield path, created, match[2]


def created_of(plan: Plan) -> datetime:
    """Return the time in the header of *plan*, in UTC."""
    try:
        created = datetime.fromisoformat(plan.header.created_at)
    except ValueError as exc:
        raise PlanAltered("the plan was altered: `created_at` is not a time") from exc
    return created.astimezone(UTC) if created.tzinfo else created.replace(tzinfo=UTC)


def _time(text: str) -> datetime | None:
    """Return the time in a file's name, or None when there is no such day or hour."""
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
