"""
The story of the product in two minutes: `make demo`.

Everything happens in a temporary folder, against the embedded sandbox on a free
loopback port. Each command is the one a person would type; the script stops
with an error when any of them ends with another exit code than it should.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "contoso"
APPLICATION = "ipass-smartconnect"
RECONCILER = Path(sys.executable).with_name("reconciler")
CUT = 45
"""Lines of a long output that are shown."""


def main() -> int:
    """Tell the story and return 0 when every step came out as told."""
    token = secrets.token_urlsafe(24)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder:
        work = Path(folder)
        prepare(work, port)
        environment = {**os.environ, "IPASS_SECRET_TOKEN": token, "NO_COLOR": "1"}
        sandbox = start_sandbox(work, port, token)
        try:
            return tell(work, environment)
        finally:
            sandbox.terminate()
            sandbox.wait(timeout=10)


def tell(work: Path, environment: dict[str, str]) -> int:
    """Run the commands of the story, one after the other."""
    story = Story(work, environment)
    story.say("Is the application there, and is it honest about its pages and filters?")
    story.run("probe", APPLICATION)
    story.say("Is the desired state sound? (No network is used.)")
    story.run("validate")
    story.run("test")
    story.say("What would change? Who is created, who is skipped, and why?")
    story.run("plan", APPLICATION)
    story.say("Apply exactly this plan.")
    story.run("apply", "--auto-approve", story.newest_plan(), quiet=True)
    story.say("Plan again: there is nothing to do, and --detailed-exitcode says 0.")
    story.run("plan", "--detailed-exitcode", APPLICATION)
    story.say("The next HR export has lost a department. The plan is blocked, exit code 5.")
    story.take_export("hr-lost-department")
    story.run("plan", APPLICATION, expected=5, tail=True)
    story.say("The real next month: two leavers, a rename and a new hire.")
    story.take_export("next-month")
    story.run("plan", APPLICATION)
    story.run("apply", "--auto-approve", story.newest_plan())
    story.run("plan", "--detailed-exitcode", APPLICATION, quiet=True)
    story.say("Every plan is kept, and so is what became of it.")
    story.run("history", APPLICATION)
    story.say("That is all. Read README.md to bring your own server.")
    return 0


class Story:
    """Runs commands and shows them."""

    def __init__(self, work: Path, environment: dict[str, str]) -> None:
        self._work = work
        self._environment = environment

    def say(self, text: str) -> None:
        """Print a line of the story."""
        show(f"\n=== {text}")

    def run(
        self, *arguments: str, expected: int = 0, quiet: bool = False, tail: bool = False
    ) -> None:
        """Run one command and check its exit code; long output is cut, from the end of interest."""
        shown = " ".join("plans/..." if "plans/" in word else word for word in arguments)
        show(f"\n$ reconciler {shown}")
        ended = subprocess.run(
            [str(RECONCILER), *arguments],
            cwd=self._work,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = ended.stdout.splitlines()
        if len(lines) > CUT:
            left_out = f"    [{len(lines) - CUT} lines left out]"
            middle = 0 if tail else CUT // 2
            lines = [*lines[:middle], left_out, *lines[len(lines) - CUT + middle :]]
        show("\n".join(lines))
        if ended.returncode != expected:
            raise SystemExit(f"the demo failed: exit code {ended.returncode}, expected {expected}")

    def take_export(self, name: str) -> None:
        """Put another month's export in the place of the present one."""
        for file in (EXAMPLE / name).iterdir():
            if file.suffix in {".csv", ".yaml"}:
                shutil.copy(file, self._work / "examples" / "contoso" / file.name)

    def newest_plan(self) -> str:
        """Return the path of the plan that was stored last."""
        folder = self._work / "plans" / APPLICATION
        newest = max(folder.glob("*.plan.json"), key=lambda path: path.stat().st_mtime_ns)
        return str(newest.relative_to(self._work))


def prepare(work: Path, port: int) -> None:
    """Copy the example, and point it to the sandbox's port."""
    text = (ROOT / "provisioning.yaml").read_text("utf-8")
    (work / "provisioning.yaml").write_text(text.replace(":8080/", f":{port}/"), "utf-8")
    shutil.copytree(EXAMPLE, work / "examples" / "contoso")


def start_sandbox(work: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    """Start the sandbox and wait until it listens."""
    domains = ("--registered-domain", "contoso.example", "--registered-domain", "contoso.co.uk")
    command = [str(RECONCILER), "sandbox", "--port", str(port), "--token", token, *domains]
    sandbox = subprocess.Popen(command, cwd=work, stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return sandbox
    sandbox.terminate()
    raise SystemExit("the sandbox did not start")


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def show(text: str) -> None:
    """Print, and let pipes see it at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
