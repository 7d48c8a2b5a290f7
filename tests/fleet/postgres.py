"""
A PostgreSQL of our own: on loopback, on a free port, in a folder that goes with it.

The programs are those on the PATH, or Debian's. They refuse to run as root, so root runs
them as somebody else.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import psycopg

from tests.servers import free_port

PASSWORD = "not-a-word-of-any-output"
NOT_THERE = "PostgreSQL is not on this machine (`apt-get install postgresql`)"
READY_SECONDS = 60


def program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's programs."""
    versions = sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return shutil.which(name) or (versions[-1] if versions else None)


def there() -> bool:
    """Say whether a server can be made and started."""
    return None not in (program("initdb"), program("postgres"))


class Postgres:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.data = folder / "data"
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (folder, secret):
                os.chown(path, _somebody().pw_uid, _somebody().pw_gid)
        self._run("initdb", "-U", "fleet", "--auth=scram-sha-256", f"--pwfile={secret}", "-N")

    @property
    def conninfo(self) -> str:
        """The connection string."""
        return f"postgresql://fleet:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(program("postgres")), "-D", str(self.data), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd="/", user=_user(), group=_group()
            )
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end, self.log.read_text("utf-8", "replace")
                time.sleep(0.05)
            else:
                return

    def stop(self, how: int = 2) -> None:
        """Stop it by a signal: 2 is a fast shutdown, 3 an immediate one, as after a power cut."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(60)

    def empty(self) -> None:
        """Drop everything that was made in it."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Return the rows of a statement."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(program(name)), "-D", str(self.data), *arguments]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            user=_user(),
            group=_group(),
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server until the block ends."""
    # Not below pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="fleet-postgres-"))
    try:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop(3)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _somebody() -> pwd.struct_passwd:
    """Return whom root runs the server as."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _user() -> int | None:
    return _somebody().pw_uid if os.geteuid() == 0 else None


def _group() -> int | None:
    return _somebody().pw_gid if os.geteuid() == 0 else None
