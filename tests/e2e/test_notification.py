"""
Whoever is named in the file hears of it: by mail from a real server, and by a real webhook.

Each event once, nothing personal, no secret; and an apply comes to what it comes to, whether
or not anybody could be told.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.company import Company, Ended, Sandbox
from tests.e2e.test_quarantine import later, quarantined, wrong_token
from tests.e2e.test_secrets import leaks
from tests.mailbox import LOGIN, Hook, Mailbox, silence
from tests.roads import pem_of
from tests.servers import free_port

__all__ = ["later", "wrong_token"]  # fixtures

HOOK_SECRET = "hook-secret-c4n4ry-1f"
PEOPLE = ("ada", "bob", "cleo", "dan", "eve", "fay")


class Telling(Company):
    """A company whose file says who is told."""

    notifications: dict[str, Any]

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "notifications": self.notifications}


def smtp_of(box: Mailbox) -> dict[str, Any]:
    """Return the `smtp` of a file that hands mails in at *box*."""
    return {
        "host": "127.0.0.1",
        "port": box.port,
        "username": {"env": "MAIL_USER"},
        "password": {"file": "mail.password"},
        "from": "reconciler@contoso.example",
        "ca_bundle": "mail-ca.pem",
    }


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with Mailbox().open() as opened:
        yield opened


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook().open() as opened:
        yield opened


@pytest.fixture
def telling(company: Company, box: Mailbox, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Telling:
    """Six people, a mail server and a webhook; not planned yet."""
    made = Telling(company.folder, company.url, company.people, company.groups)
    made.application = {"notification_email": "iam@contoso.example"}
    made.notifications = {
        "smtp": smtp_of(box),
        "webhook": {"url": hook.url, "secret_token": {"env": "HOOK_SECRET"}},
    }
    monkeypatch.setenv("MAIL_USER", LOGIN[0])
    monkeypatch.setenv("HOOK_SECRET", HOOK_SECRET)
    made.folder.mkdir(parents=True, exist_ok=True)
    (made.folder / "mail.password").write_text(f"{LOGIN[1]}\n", "utf-8")
    (made.folder / "mail-ca.pem").write_text(pem_of(box.authority), "utf-8")
    return made


def events(hook: Hook) -> list[str]:
    return [body["event"] for body in hook.bodies]


def subjects(box: Mailbox) -> list[str]:
    return [str(mail["Subject"]).removeprefix("[reconciler] ") for mail in box.mails]


def test_entry_another_reason_and_leaving_are_told_once_each_and_retries_are_not(
    telling: Telling, sandbox: Sandbox, box: Mailbox, hook: Hook, later: Any, wrong_token: Any
) -> None:
    quarantined(telling, wrong_token, failures=3)
    telling.apply(code=5)
    wrong_token(False)
    sandbox.before = lambda method, path: _hang_up()
    later(hours=1)
    telling.apply(code=9)
    later(hours=2)
    telling.apply(code=9)
    sandbox.before = lambda method, path: None
    later(hours=4)
    telling.apply()

    assert events(hook) == ["entered", "changed", "left"]
    assert subjects(box) == [
        "app is in quarantine: the target refuses our credential",
        "app is in quarantine for another reason now: the target cannot be reached, or does not "
        "answer",
        "app is not in quarantine any more",
    ]
    assert (box.secured, box.tried) == ([True] * 3, [LOGIN] * 3)
    assert {tuple(to) for _, to in box.envelopes} == {("iam@contoso.example",)}


def _hang_up() -> None:
    raise ConnectionError


def test_somebody_whom_the_service_never_takes_is_told_of_once(
    telling: Telling, hook: Hook, later: Any
) -> None:
    telling.hire("zoe", userPrincipalName="zoe@elsewhere.example")
    with Sandbox(domains=["contoso.example"]) as strict:
        telling.url = strict.url
        for _ in range(4):
            telling.plan()
            telling.apply(code=7)
            later(days=1)

    (body,) = hook.bodies
    assert (body["event"], body["failed"]) == ("failed", {"UnprocessableEntity": 1})
    assert body["since"] is None


def test_a_run_that_was_taken_over_tells_nothing_of_the_one_that_goes_on(
    telling: Telling, sandbox: Sandbox, box: Mailbox, hook: Hook, later: Any
) -> None:
    telling.plan()

    def take_over(method: str, path: str) -> None:
        if method == "POST":
            (telling.store / ".run-2").write_text("another machine's", "utf-8")

    sandbox.before = take_over
    ended = telling.apply(code=8)

    assert "another apply of app has taken over" in ended.err
    assert (events(hook), subjects(box)) == ([], [])


def test_a_guard_is_told_by_its_numbers(
    telling: Telling, box: Mailbox, hook: Hook, later: Any
) -> None:
    telling.application["safety"] = {"protected": ["ada@contoso.example"]}
    telling.settle()
    telling.lose("ada", "bob", "cleo", "dan")
    later(seconds=2)
    telling.plan(code=5)

    telling.apply(code=5)

    (body,) = hook.bodies
    assert body["reason"] == "TooManyDeletes"
    assert {guard["id"] for guard in body["guards"]} >= {"accidental_deletions", "protected"}
    assert f"reconciler show {body['plan_digest'][:12]}" in body["commands"]
    assert "accidental_deletions: 4 of 6, 3 allowed" in box.mails[0].get_content()


def test_nothing_personal_and_no_secret_is_told_or_written(
    telling: Telling,
    sandbox: Sandbox,
    box: Mailbox,
    hook: Hook,
    later: Any,
    wrong_token: Any,
) -> None:
    said: list[Ended] = []
    telling.application["safety"] = {"protected": ["ada@contoso.example"]}
    telling.settle()
    telling.lose("ada", "bob", "cleo", "dan")
    later(seconds=2)
    telling.plan(code=5)
    said += [telling.apply(code=5)]
    wrong_token(True)
    telling.application["safety"] = {}
    telling.plan("--no-removals", code=4)
    said += [telling.run("quarantine", "show"), telling.run("history", "--format", "json")]
    said += [telling.run("audit", "verify")]

    told = str(hook.got) + "".join(mail.as_string() for mail in box.mails)
    assert [name for name in PEOPLE if re.search(rf"\b{name}\b", told, re.IGNORECASE)] == []
    secrets = (LOGIN[1], HOOK_SECRET)
    assert leaks(said, telling.folder, [telling.folder / "mail.password"], secrets) == []
    assert not [secret for secret in secrets if secret in told]


@pytest.mark.parametrize(
    ("trouble", "warned"),
    [
        ("nobody listens", "the email could not be sent: 127.0.0.1:"),
        ("another password", "it refuses the user name or the password (535)"),
        (
            "no password",
            "the secret of `notifications.smtp.password` is missing: file mail.password",
        ),
        ("another authority", "TLS failed: CERTIFICATE_VERIFY_FAILED"),
    ],
)
def test_what_cannot_be_sent_is_a_warning_and_changes_nothing(
    telling: Telling,
    box: Mailbox,
    hook: Hook,
    later: Any,
    wrong_token: Any,
    trouble: str,
    warned: str,
) -> None:
    spoil(telling, trouble)
    telling.plan()
    wrong_token(True)

    ended = telling.apply(code=4)

    assert "error: the target answered 401" in ended.err
    assert "warning: the email could not be sent: " in ended.err
    assert warned in ended.err
    assert LOGIN[1] not in ended.text
    assert (box.mails, events(hook)) == ([], ["entered"])


def spoil(telling: Telling, trouble: str) -> None:
    """Let mails not be sent, for one reason."""
    if trouble == "nobody listens":
        telling.notifications["smtp"]["port"] = free_port()
    if trouble == "another password":
        (telling.folder / "mail.password").write_text("wrong", "utf-8")
    if trouble == "no password":
        (telling.folder / "mail.password").unlink()
    if trouble == "another authority":
        (telling.folder / "mail-ca.pem").write_text(pem_of(Mailbox().authority), "utf-8")


def test_what_could_not_be_sent_is_sent_with_the_next_attempt(
    telling: Telling, box: Mailbox, hook: Hook, later: Any, wrong_token: Any
) -> None:
    (telling.folder / "mail.password").write_text("wrong", "utf-8")
    quarantined(telling, wrong_token, failures=1)
    (telling.folder / "mail.password").write_text(LOGIN[1], "utf-8")

    telling.apply(code=4)

    assert subjects(box) == ["app is in quarantine: the target refuses our credential"]
    assert events(hook) == ["entered"]


def test_a_run_that_is_done_tells_nobody(telling: Telling, box: Mailbox, hook: Hook) -> None:
    telling.settle()

    assert (box.mails, hook.got) == ([], [])
    assert not (telling.store / "attempts.jsonl").exists()


def test_whoever_cleared_it_and_why_is_on_record_and_the_next_apply_tells_that_it_is_over(
    telling: Telling, hook: Hook, later: Any, wrong_token: Any
) -> None:
    quarantined(telling, wrong_token, failures=1)
    telling.run("quarantine", "clear", "app", "--reason", "renewed")
    wrong_token(False)

    telling.apply()

    assert events(hook) == ["entered", "left"]


@pytest.mark.slow
def test_a_server_that_says_nothing_is_waited_for_ten_seconds(
    telling: Telling, hook: Hook, later: Any, wrong_token: Any, tmp_path: Path
) -> None:
    with silence(b"2") as port:
        telling.notifications["smtp"]["port"] = port
        telling.plan()
        wrong_token(True)

        ended = telling.apply(code=4)

    assert "it took longer than 10 seconds" in ended.err
    assert events(hook) == ["entered"]
