"""
Azurite, the emulator of Azure Blob Storage, on loopback in a process of its own.

``make test-servers`` installs it; without it, or without Node.js, whoever asks for it is
skipped with the reason.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port, stop, wait_for

HERE = Path(__file__).parent / "contract" / "azurite"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Known to everybody who has read its documentation."""

VERSION = "2021-08-06"


@contextmanager
def azurite() -> Iterator[str]:
    """Run it until the block ends; gives its URL."""
    node, home = shutil.which("node"), HERE / "node_modules" / "azurite"
    if node is None:
        pytest.skip("Azurite needs Node.js, which is not installed")
    if not home.is_dir():
        pytest.skip("Azurite is not installed; `make test-servers` installs it")
    port = free_port()
    program = str(home / "dist" / "src" / "blob" / "main.js")
    options = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    process = subprocess.Popen(
        [node, program, "--blobPort", str(port), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def make_container(url: str, name: str) -> None:
    """Make a container, which obstore cannot."""
    date = formatdate(usegmt=True)
    stamps = f"x-ms-date:{date}\nx-ms-version:{VERSION}"
    signed = f"PUT{12 * chr(10)}{stamps}\n/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    mac = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
    headers = {
        "x-ms-date": date,
        "x-ms-version": VERSION,
        "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(mac).decode()}",
    }
    answer = httpx.put(f"{url}/{ACCOUNT}/{name}?restype=container", headers=headers)
    answer.raise_for_status()
