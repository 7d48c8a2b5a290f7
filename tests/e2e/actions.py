"""
Runs the jobs of a GitHub Actions workflow the way a runner does, as far as our templates go.

The steps are the workflow's own text, in their order, under the shell that the
workflow asks for. What a runner would bring is replaced: the checkout by git on
a local clone, ``gh`` by a fake on the PATH, and the installation from PyPI by
the environment that the tests run in. Whatever a workflow uses beyond that (an
action, an expression, a condition) is an error here, and not passed over.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

INSTALL = "Install reconciler"
"""The one step with a `run` that is not run: it needs PyPI."""

_EXPRESSION = re.compile(r"\$\{\{ ([a-z_A-Z.]+) \}\}")
_COMPARISON = re.compile(r"(\S+) == (\S+)")


@dataclass
class Ran:
    """What became of one job."""

    code: int = 0
    """Of the first step that failed."""
    failed: str | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    """By name, what each step that ran has printed."""
    skipped: bool = False

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.outputs.values())


@dataclass(frozen=True)
class Runner:
    """A machine for one job."""

    folder: Path
    origin: Path
    context: Mapping[str, str]
    """What expressions may ask for, e.g. ``github.ref_name``."""
    environment: Mapping[str, str]

    def run(self, workflow: Path, name: str) -> Ran:
        """Run one job of *workflow*, in a fresh folder."""
        document = yaml.safe_load(workflow.read_text("utf-8"))
        job = document["jobs"][name]
        if not self._holds(job.get("if")):
            return Ran(skipped=True)
        temp = self.folder / "temp"
        temp.mkdir(parents=True)
        ran = Ran()
        for step in job["steps"]:
            if ran.failed and step.get("if") != "always()":
                continue
            assert step.get("if") in (None, "always()")
            if "uses" in step:
                self._check_out(step)
            elif step["name"] != INSTALL:
                code, ran.outputs[step["name"]] = self._step(document, step, temp)
                if code and not ran.failed:
                    ran.code, ran.failed = code, step["name"]
        return ran

    def _holds(self, condition: str | None) -> bool:
        """Judge the condition of a job."""
        if condition is None:
            return True
        comparison = _COMPARISON.fullmatch(condition)
        assert comparison, condition
        return self.context[comparison[1]] == self.context[comparison[2]]

    def _check_out(self, step: Mapping[str, Any]) -> None:
        """Do what actions/checkout does with a full history."""
        assert step["uses"].startswith("actions/checkout@")
        assert step["with"]["fetch-depth"] == 0
        git(self.folder, "clone", "--quiet", str(self.origin), "work")
        if "ref" in step["with"]:
            git(self.work, "checkout", "--quiet", self._evaluated(step["with"]["ref"]))
        else:
            git(self.work, "fetch", "--quiet", "origin", self.context["github.ref"])
            git(self.work, "checkout", "--quiet", "--detach", "FETCH_HEAD")

    def _step(
        self, document: Mapping[str, Any], step: Mapping[str, Any], temp: Path
    ) -> tuple[int, str]:
        """Run the text of one step."""
        script = temp / "step"
        script.write_text(step["run"], "utf-8")
        shell = step.get("shell", document["defaults"]["run"]["shell"])
        if shell == "bash":
            shell = "bash --noprofile --norc -eo pipefail {0}"
        given = {**document["env"], **step.get("env", {})}
        environment = {
            **self.environment,
            "HOME": str(temp),
            "RUNNER_TEMP": str(temp),
            "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
            **{name: self._evaluated(str(value)) for name, value in given.items()},
        }
        command = [word.replace("{0}", str(script)) for word in shell.split()]
        done = subprocess.run(
            command,
            cwd=self.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def _evaluated(self, text: str) -> str:
        """Return *text* with its expressions replaced."""
        evaluated = _EXPRESSION.sub(lambda found: self.context[found[1]], text)
        assert "${{" not in evaluated, text
        return evaluated

    @property
    def work(self) -> Path:
        """The checkout."""
        return self.folder / "work"


def path_with(folder: Path) -> str:
    """Return a PATH: *folder*, the programs of this environment, those of the system."""
    return os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.defpath])


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, without anything of the user's own configuration."""
    identity = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "Ada"), ("EMAIL", "ada@contoso.example"))
    }
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - whichever git the user has
        cwd=folder,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, **identity},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
