"""A company whose plans and journals are in a bucket."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.company import Company, Ended
from tests.s3 import STORE, bucket_of, objects


@dataclass
class Shared(Company):
    """The same company, with another store."""

    written: str = ""
    """The object of the plan that was written last; two of one second tell no order."""

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

    def plan(self, *arguments: str | Path, code: int = 0) -> Ended:
        """Write the files, plan, and expect an exit code."""
        before = self.objects(".plan.json")
        ended = super().plan(*arguments, code=code)
        for name in set(self.objects(".plan.json")).difference(before):
            self.written = name
        return ended

    def address(self) -> str:
        """Return the address of the plan that was written last."""
        return f"{STORE}/{self.written}"

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
