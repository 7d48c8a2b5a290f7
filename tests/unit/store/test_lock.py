import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.ports import LockHeld
from reconciler.store.folder import StoreError, StoreUnwritable
from reconciler.store.lock import hold

HOLDER = """
import sys
from pathlib import Path
from reconciler.store.lock import hold
with hold(Path(sys.argv[1]), "crm"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    with hold(tmp_path, "crm"), pytest.raises(LockHeld, match="another apply of crm"):
        hold(tmp_path, "crm").__enter__()


def test_two_applications_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with hold(tmp_path, "crm"), hold(tmp_path, "mail"):
        assert (tmp_path / "crm" / ".lock").exists()


def test_a_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    with hold(tmp_path, "crm"):
        pass
    with hold(tmp_path, "crm"):
        pass


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(KeyError), hold(tmp_path, "crm"):
        raise KeyError
    with hold(tmp_path, "crm"):
        pass


def test_f65_f66_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockHeld):
            hold(tmp_path, "crm").__enter__()
        holder.kill()
        holder.wait()

    with hold(tmp_path, "crm"):
        pass


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / ".lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreUnwritable, match="cannot lock"):
        hold(tmp_path, "crm").__enter__()

    assert not (tmp_path / "elsewhere").exists()


def test_only_an_application_can_be_locked(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        hold(tmp_path, "../crm").__enter__()
