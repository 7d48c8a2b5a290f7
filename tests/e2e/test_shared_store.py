"""Plans and journals in a bucket: what a user does, on a real S3 API (decision 31)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.store.claim import CLAIM_LIMIT
from tests.e2e.company import Sandbox
from tests.e2e.crash_world import neutral_state
from tests.e2e.shared import Shared
from tests.s3 import KEY_ID, SECRET, SESSION, STORE, S3Server
from tests.servers import TOKEN


@pytest.fixture
def shared(s3: S3Server, sandbox: Sandbox, tmp_path: Path) -> Shared:
    """Six people in one group, not planned yet."""
    made = Shared(tmp_path / "company", sandbox.url)
    for name in ("ada", "bob", "cleo", "dan", "eve", "fay"):
        made.hire(name)
    return made


@pytest.fixture
def alone(shared: Shared) -> Shared:
    """The same, planned; one change after the other is sent, each in its own request."""
    shared.target["concurrency"] = 1
    shared.plan()
    return shared


@pytest.fixture
def applied(shared: Shared) -> Shared:
    """The same after the first apply."""
    shared.plan()
    shared.carry_out()
    return shared


def test_plan_apply_and_look_back(shared: Shared) -> None:
    assert f"reconciler apply {STORE}/app/" in shared.plan().words
    assert [name[-10:] for name in shared.objects()] == [".plan.json"]

    assert "8 verified" in shared.carry_out().out
    assert "applied before; nothing was sent" in shared.carry_out().text
    assert shared.run("plan", "--detailed-exitcode", "app").code == 0
    assert "1 journal with 18 records: as written" in shared.run("audit", "verify").text
    told = json.loads(shared.run("history", "--format", "json").out)
    assert [one["state"] for one in told["plans"]] == ["applied", "not applied"]
    assert not (shared.folder / "plans").exists()


def test_a_later_run_knows_what_is_ours(applied: Shared) -> None:
    applied.lose("fay")
    applied.plan()
    applied.carry_out()

    assert "0 changed" not in applied.run("drift", "app").text
    runs = [
        json.loads(line)
        for name in applied.objects(".jsonl/")
        for line in applied.data(name).splitlines()
    ]
    begun = [record for record in runs if record["kind"] == "run_begin"]
    assert [record["run"] for record in begun] == [1, 2]
    assert begun[1]["after"]
    assert applied.objects(".run-") == ["app/.run-2"]


@pytest.mark.parametrize("name", ["digest", "address", "copy"])
def test_a_plan_is_named_in_any_way(name: str, shared: Shared, tmp_path: Path) -> None:
    shared.plan("--out", tmp_path / "plan.json")
    names = {
        "digest": shared.address().split("-")[-1].split(".")[0],
        "address": shared.address(),
        "copy": str(tmp_path / "plan.json"),
    }

    assert shared.run("show", names[name]).code == 0
    assert shared.run("apply", "--auto-approve", names[name]).code == 0
    journals = {name.rpartition("/")[0] for name in shared.objects(".journal.jsonl/")}
    assert len(journals) == 1


def test_a_plan_that_is_not_there_is_told(shared: Shared) -> None:
    shared.plan()
    ended = shared.run("apply", "--auto-approve", f"{STORE}/app/nothing.plan.json")

    assert (ended.code, "there is no plan at" in ended.err) == (3, True)


def test_an_approval_lets_one_guard_pass_once(applied: Shared) -> None:
    applied.lose("cleo", "dan", "eve", "fay")
    applied.plan(code=5)
    applied.carry_out(code=5)
    blocked = json.loads(applied.run("show", "--format", "json", applied.address()).out)
    for guard in [one for one in blocked["body"]["guards"] if one["blocked"]]:
        given = applied.run(
            "approve",
            applied.address(),
            *("--guard", guard["id"], "--count", str(guard["count"]), "--reason", "HR-1"),
        )
        assert given.code == 0, given.text
    assert applied.objects(".approval.json")

    applied.carry_out()
    assert "as written" in applied.run("audit", "verify").text
    assert applied.objects("attempts.jsonl/") == ["app/attempts.jsonl/00000001"]


@pytest.mark.parametrize("what", ["apply", "clear"])
def test_inv_18_while_an_apply_runs_another_is_refused(
    what: str, alone: Shared, sandbox: Sandbox
) -> None:
    meanwhile = {
        "apply": ["apply", "--auto-approve", alone.address()],
        "clear": ["quarantine", "clear", "app", "--reason", "seen"],
    }
    second: list[tuple[int, str]] = []

    def try_meanwhile(method: str, path: str) -> None:
        if method == "POST" and not second:
            second.append((0, ""))
            process = alone.start(*meanwhile[what])
            output, _ = process.communicate(timeout=60)
            second[0] = process.returncode, output

    sandbox.before = try_meanwhile
    alone.carry_out()

    code, output = second[0]
    assert (code, "another apply of app is running" in output) == (8, True)
    assert sum(method == "POST" for method, _ in sandbox.requests) == 7


def test_inv_18_a_run_that_was_taken_over_sends_nothing_more(
    alone: Shared, sandbox: Sandbox
) -> None:
    """The second is on another machine, which cannot know whether the first goes on."""
    codes: list[int] = []

    def take_over(method: str, path: str) -> None:
        if method == "POST" and not codes:
            codes.append(0)
            (claim,) = alone.objects(".run-")
            alone.damage(claim, alone.data(claim).replace(b'"machine":"', b'"machine":"not '))
            process = alone.start("apply", "--auto-approve", alone.address())
            process.communicate(timeout=60)
            codes[0] = process.returncode

    sandbox.before = take_over
    ended = alone.run("apply", "--auto-approve", alone.address())

    assert (codes, ended.code) == ([0], 8), ended.text
    assert sum(method == "POST" for method, _ in sandbox.requests) == 8  # one was in flight
    assert "as written" in alone.run("audit", "verify").text


@pytest.mark.parametrize("why", ["other rules", "superseded", "applied before"])
def test_inv_18_whoever_is_refused_stops_nobody_elsewhere(
    why: str, shared: Shared, sandbox: Sandbox
) -> None:
    """The run that goes on is on another machine, as far as the one that is refused can tell."""
    shared.target["concurrency"] = 1
    shared.plan()
    refused = shared.address()
    codes: list[tuple[int, str]] = []
    if why == "other rules":
        shared.application["registered_domains"] = ["contoso.example"]
    if why == "superseded":
        time.sleep(1)  # plans of one second do not supersede each other
        shared.hire("gus")
        shared.plan()
    if why != "other rules":
        shared.carry_out()
    shared.hire("hal")
    shared.plan()

    def try_meanwhile(method: str, path: str) -> None:
        if method in ("POST", "PATCH") and not codes:
            claim = shared.objects(".run-")[-1]
            here = shared.data(claim)
            shared.damage(claim, here.replace(b'"machine":"', b'"machine":"not '))
            process = shared.start("apply", "--auto-approve", refused)
            said, _ = process.communicate(timeout=60)
            codes.append((process.returncode, said))
            shared.damage(claim, here)

    sandbox.before = try_meanwhile
    shared.carry_out()
    assert [code for code, _ in codes] == [{"applied before": 0}.get(why, 6)], codes


@pytest.mark.parametrize("write", [1, 4, 8])
def test_inv_15_a_killed_run_resumes(write: int, alone: Shared, sandbox: Sandbox) -> None:
    process: list[subprocess.Popen[str]] = []
    writes = iter(range(1, 100))
    begun = threading.Event()

    def kill(method: str, path: str) -> None:
        begun.wait(60)
        if method in ("POST", "PATCH") and next(writes) == write:
            os.kill(process[0].pid, signal.SIGKILL)

    sandbox.before = kill
    process.append(alone.start("apply", "--auto-approve", alone.address()))
    begun.set()
    assert process[0].wait(60) == -signal.SIGKILL
    process[0].communicate()

    alone.carry_out()
    names = [one.get("userName") or one["displayName"] for one in neutral_state(sandbox.stored())]
    assert len(names) == len(set(names)) == 7
    assert "as written" in alone.run("audit", "verify").text
    assert len([name for name in alone.objects(".jsonl/") if alone.data(name) == b""]) == 1


def everything(applied: Shared, text: str) -> None:
    applied.lose_objects(*applied.objects(text))


def changed(applied: Shared, text: str) -> None:
    name = next(name for name in applied.objects(text) if b"ada@" in applied.data(name))
    applied.damage(name, applied.data(name).replace(b"ada@", b"eve@"))


def halved(applied: Shared, text: str) -> None:
    name = applied.objects(text)[-1]
    applied.damage(name, applied.data(name)[:-9])


@pytest.mark.parametrize(
    ("harm", "text", "said"),
    [
        pytest.param(everything, ".journal.jsonl/", "a journal is missing", id="journal lost"),
        pytest.param(changed, ".journal.jsonl/", "the two was changed", id="journal changed"),
        pytest.param(halved, ".journal.jsonl/", "does not hold whole records", id="journal cut"),
    ],
)
def test_inv_34_nothing_is_concluded_from_damage(
    harm: Callable[[Shared, str], None], text: str, said: str, applied: Shared
) -> None:
    applied.hire("gus")
    applied.plan()
    harm(applied, text)

    for arguments in (
        ("plan", "app"),
        ("apply", "--auto-approve", applied.address()),
        ("drift", "app"),
    ):
        ended = applied.run(*arguments)
        assert (ended.code, said in ended.words + ended.err) == (6, True), ended.text
    assert applied.run("audit", "verify").code == 6


@pytest.mark.parametrize("harm", [changed, halved])
def test_inv_24_a_plan_that_was_changed_is_refused(
    harm: Callable[[Shared, str], None], shared: Shared
) -> None:
    shared.plan()
    harm(shared, ".plan.json")

    shared.carry_out(code=6)
    assert shared.run("audit", "verify").code == 6
    assert shared.objects(".journal.jsonl/") == []


def test_a_claim_that_is_none_is_told(applied: Shared) -> None:
    applied.damage("app/.run-1", b"x" * (CLAIM_LIMIT + 1))
    applied.hire("gus")

    assert applied.run("plan", "app").code == 3


@pytest.mark.parametrize("when", ["plan", "apply", "audit", "history"])
def test_a_store_that_does_not_answer_blocks(
    when: str, shared: Shared, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.plan()
    address = shared.address()
    before = len(sandbox.requests)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    arguments = {"plan": ["plan", "app"], "apply": ["apply", address], "audit": ["audit", "verify"]}

    ended = shared.run(*arguments.get(when, [when]))
    assert (ended.code, f"{STORE}: the store does not answer" in ended.err) == (9, True), ended.text
    writes = [method for method, _ in sandbox.requests[before:] if method != "GET"]
    assert writes == []


def test_a_store_that_is_lost_in_mid_apply_ends_the_run(
    alone: Shared, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent whose intent is not in the store, and the next run goes on."""
    lost = monkeypatch.context()

    def lose(method: str, path: str) -> None:
        if method == "POST" and sum(one == "POST" for one, _ in sandbox.requests) == 3:
            lost.__enter__().setattr("obstore.put", refuse)

    sandbox.before = lose
    ended = alone.run("apply", "--auto-approve", alone.address())
    lost.__exit__(None, None, None)

    assert ended.code == 7, ended.text
    sent = sum(method == "POST" for method, _ in sandbox.requests)
    alone.carry_out()
    assert (sent, sum(method == "POST" for method, _ in sandbox.requests)) == (3, 7)


def refuse(*_: object, **__: object) -> None:
    from obstore.exceptions import GenericError

    raise GenericError(f"no way through, {SECRET}")


def test_ruling_18_no_credential_comes_out_anywhere(applied: Shared) -> None:
    applied.lose("cleo", "dan", "eve", "fay")
    texts = [applied.plan(code=5).text, applied.carry_out(code=5).text]
    texts += [
        applied.run(*one).text for one in (["history"], ["audit", "verify"], ["drift", "app"])
    ]
    texts += [applied.data(name).decode() for name in applied.objects()]
    texts += [path.read_text("utf-8") for path in applied.files()]

    for text in texts:
        for secret in (KEY_ID, SECRET, SESSION, TOKEN):
            assert secret not in text


def test_the_extra_may_be_missing(shared: Shared, tmp_path: Path) -> None:
    shared.write()
    script = (
        "import sys; sys.modules['obstore'] = None; from reconciler.cli.main import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "--config", str(shared.file), "history"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 3
    assert "pip install 'scim-reconciler[cloud]'" in ended.stderr


def test_without_a_bucket_obstore_is_not_imported(settled: Shared) -> None:
    script = (
        "import sys; from reconciler.cli.main import run; code = run(sys.argv[1:]); "
        "print('obstore' in sys.modules, file=sys.stderr); sys.exit(code)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "--config", str(settled.file), "history"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ended.returncode, ended.stderr.strip()) == (0, "False")


def test_quarantine_is_cleared_in_the_bucket(
    applied: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied.lose("cleo", "dan", "eve", "fay")
    applied.plan(code=5)
    applied.carry_out(code=5)

    assert applied.run("quarantine", "clear", "app", "--reason", "seen").code == 0
    assert applied.objects(".run-") == ["app/.run-1"]
    kinds = [json.loads(applied.data(name))["kind"] for name in applied.objects("attempts.jsonl/")]
    assert kinds == ["blocked", "clear"]
