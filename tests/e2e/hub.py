"""A repository on a GitHub of its own: pull requests, merges, and the two workflows."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx

from reconciler.sandbox import listen
from reconciler.workflow.start import start_project
from tests.e2e.actions import Ran, Runner, git, path_with

TOKEN = "pipeline-test-token"
EXAMPLES = Path(__file__).parents[2] / "examples" / "ci" / "github"
PLAN, APPLY = EXAMPLES / "plan.yml", EXAMPLES / "apply.yml"
OURS = "contoso/access"


class Application:
    """The SaaS application: the sandbox, on a socket."""

    def __init__(self) -> None:
        self._server = listen("127.0.0.1", 0, TOKEN, ["contoso.example"])
        self.tenant_url = self._server.tenant_url
        self.refusing: str | None = None
        """Part of a body that is refused, if any."""
        self.meanwhile: Callable[[], object] | None = None
        """What happens elsewhere, once, when the next request comes."""
        self._app = self._server.get_app()
        self._server.set_app(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request, or refuse it."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if self.refusing is not None and self.refusing.encode() in body:
            start_response("400 Bad Request", [("Content-Type", "application/scim+json")])
            return [
                b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400"}'
            ]
        environ["wsgi.input"] = BytesIO(body)
        answer: Iterable[bytes] = self._app(environ, start_response)  # type: ignore[misc]
        return answer

    def users(self) -> list[str]:
        """Return the names of the accounts there are."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(f"{self.tenant_url}/Users", headers=headers, trust_env=False)
        return sorted(user["userName"] for user in answer.json().get("Resources", []))

    def active(self) -> list[str]:
        """Return the names of the accounts that are switched on."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(f"{self.tenant_url}/Users", headers=headers, trust_env=False)
        found = answer.json().get("Resources", [])
        return sorted(user["userName"] for user in found if user.get("active", True))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Hub:
    """What GitHub holds, and what people do there."""

    def __init__(self, folder: Path, tenant_url: str) -> None:
        self.folder, self.tenant_url = folder, tenant_url
        self.origin, self.clone = folder / "origin.git", folder / "clone"
        self.known = folder / "github.json"
        self.known.write_text('{"pulls": {}, "comments": {}}', "utf-8")
        folder.joinpath("bin").mkdir()
        gh = folder / "bin" / "gh"
        fake = Path(__file__).with_name("fake_gh.py")
        gh.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{fake}" "$@"\n', "utf-8")
        gh.chmod(0o755)
        self._jobs = 0
        self._begin()

    def _begin(self) -> None:
        """Put what ``reconciler init`` writes, with the URL of the application, on main."""
        git(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        git(self.folder, "clone", "--quiet", str(self.origin), "clone")
        git(self.clone, "switch", "--quiet", "--create", "main")
        start_project(self.clone / "provisioning.yaml")
        edit(self.clone / "provisioning.yaml", "http://127.0.0.1:8080/v2", self.tenant_url)
        self.push("Begin")

    def push(self, message: str) -> str:
        """Commit everything in the clone on top of main, and return the commit."""
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--allow-empty", "--message", message)
        git(self.clone, "push", "--quiet", "origin", "HEAD:main")
        return git(self.clone, "rev-parse", "HEAD")

    def direct(self, change: Callable[[Path], object]) -> str:
        """Change main without a pull request, and return the commit."""
        self._switch("main", "origin/main")
        change(self.clone)
        return self.push("Change main directly")

    def pull_request(self, number: int, change: Callable[[Path], None]) -> None:
        """Open a pull request with one commit, or add a commit to the one that is open."""
        branch = f"change-{number}"
        open_already = str(number) in self.read()["pulls"]
        self._switch(branch, f"origin/{branch}" if open_already else "origin/main")
        change(self.clone)
        git(self.clone, "add", "--all", "--force")
        git(self.clone, "commit", "--quiet", "--allow-empty", "--message", f"Change {number}")
        git(self.clone, "push", "--quiet", "origin", f"HEAD:{branch}")
        head = git(self.clone, "rev-parse", "HEAD")
        pull = {"number": number, "head": {"sha": head}, "merged_at": None, "merge_commit_sha": ""}
        self.write("pulls", str(number), pull)

    def merge(self, number: int) -> str:
        """Merge a pull request, and return the merge commit."""
        self._switch("main", "origin/main")
        git(self.clone, "merge", "--quiet", "--no-ff", "--message", "Merge", f"change-{number}")
        git(self.clone, "push", "--quiet", "origin", "main")
        commit = git(self.clone, "rev-parse", "HEAD")
        pull = self.read()["pulls"][str(number)]
        merged = {"merged_at": "2026-11-23T12:00:00Z", "merge_commit_sha": commit}
        self.write("pulls", str(number), {**pull, **merged})
        return commit

    def plan(self, number: int, repository: str = OURS) -> Ran:
        """Run both jobs of the plan workflow; the second only when the first passes."""
        head = self.read()["pulls"][str(number)]["head"]["sha"]
        self._switch(f"test-merge-{number}", "origin/main")
        git(self.clone, "merge", "--quiet", "--no-ff", "--message", "Test", head)
        git(self.clone, "push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{number}/merge")
        context = {
            "github.ref": f"refs/pull/{number}/merge",
            "github.event.pull_request.number": str(number),
            "github.event.pull_request.head.sha": head,
            "github.event.pull_request.head.repo.full_name": repository,
        }
        checked = self._runner(context, GITHUB_BASE_REF="main").run(PLAN, "check")
        if checked.failed:
            return checked
        return self._runner(context, GITHUB_BASE_REF="main").run(PLAN, "plan")

    def apply(self, commit: str) -> Ran:
        """Run the apply workflow for the push of *commit*."""
        context = {"github.ref_name": "main"}
        run = {"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "1"}
        runner = self._runner(context, GITHUB_SHA=commit, GITHUB_REF_NAME="main", **run)
        return runner.run(APPLY, "apply")

    def _runner(self, context: dict[str, str], **environment: str) -> Runner:
        self._jobs += 1
        always = {
            "github.repository": OURS,
            "github.server_url": "https://github.example",
            "github.run_id": "77",
            "github.token": "token-of-the-job",
            "secrets.SCIM_TOKEN": TOKEN,
        }
        base = {
            "PATH": path_with(self.folder / "bin"),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "FAKE_GITHUB": str(self.known),
            "GITHUB_REPOSITORY": OURS,
        }
        folder = self.folder / f"job-{self._jobs}"
        return Runner(folder, self.origin, {**always, **context}, {**base, **environment})

    def comments(self, number: int) -> list[dict[str, Any]]:
        """Return the comments of a pull request."""
        found: list[dict[str, Any]] = self.read()["comments"].get(str(number), [])
        return found

    def read(self) -> Any:
        """Return what GitHub holds."""
        return json.loads(self.known.read_text("utf-8"))

    def write(self, kind: str, key: str, value: object) -> None:
        """Change one thing that GitHub holds."""
        known = self.read()
        known[kind][key] = value
        self.known.write_text(json.dumps(known), "utf-8")

    def files(self, ref: str = "main") -> list[str]:
        """Return the names of the files on a branch."""
        return git(self.origin, "ls-tree", "-r", "--name-only", ref).splitlines()

    def text(self, path: str, ref: str = "main") -> str:
        """Return the text of a file on a branch."""
        return git(self.origin, "show", f"{ref}:{path}")

    def _switch(self, branch: str, start: str) -> None:
        git(self.clone, "fetch", "--quiet", "origin")
        git(self.clone, "switch", "--quiet", "--force-create", branch, start)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
