"""
SCIMMY on express 4 or 5 in a process of its own: the second family of servers for tests.

``make test-servers`` installs its packages; without them, or without Node.js,
whoever asks for it is skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import TOKEN, free_port, stop, wait_for

HERE = Path(__file__).parent / "contract" / "scimmy"


@contextmanager
def scimmy_server(folder: Path, express: int, token: str = TOKEN) -> Iterator[str]:
    """
    Run SCIMMY on *express* until the block ends; gives the tenant URL.

    *folder* takes the server's log.
    """
    home, node, port = HERE / f"express{express}", shutil.which("node"), free_port()
    if node is None:
        pytest.skip("SCIMMY needs Node.js, which is not installed")
    if not (home / "node_modules").is_dir():
        pytest.skip("SCIMMY is not installed; `make test-servers` installs it")
    environment = {**os.environ, "SCIMMY_TOKEN": token}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [node, "../server.js", str(port)],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}/v2"
        finally:
            stop(process)
