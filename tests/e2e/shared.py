"""A company whose plans and journals are in a bucket."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.company import Company, Ended
from tests.s3 import STORE, bucket_of, objects


class Shared(Company):
    """The same company, with another store."""

    def settings(self) -> dict[str, object]:
        """Return the configuration as it will be written."""
        return {**super().settings(), "plans": {"store": STORE}}

    def objects(self, text: str = "") -> list[str]:
        """Return the paths of the objects with *text* in their names, sorted."""
        return [name for name in objects(bucket_of()) if text in name]

    def data(self, name: str) -> bytes:
        """Return what an object holds."""
        return bucket_of().get(name, 10**7).data

    def damage(self, name: str, data: bytes) -> None:
        """Put something else in the place of an object."""
        bucket = bucket_of()
        assert bucket.replace(name, data, bucket.get(name, 10**7).tag)

    def lose_objects(self, *names: str) -> None:
        """Take objects away."""
        bucket_of().delete(names)

    def address(self) -> str:
        """Return the address of the newest plan."""
        return f"{STORE}/{self.objects('.plan.json')[-1]}"

    def carry_out(self, *arguments: str | Path, code: int = 0) -> Ended:
        """Apply the newest plan, and expect an exit code."""
        ended = self.run("apply", "--auto-approve", *arguments, self.address())
        assert ended.code == code, ended.text
        return ended

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Run the command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "reconciler", "--config", str(self.file), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ),
        )
