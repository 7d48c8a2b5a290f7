"""Notices by mail, to a real server: STARTTLS, a login, and everything that can be wrong."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from reconciler.notify.letter import letter
from reconciler.notify.smtp import Login, Mail, MailServer
from reconciler.plan.notices import Event, Notice
from reconciler.plan.quarantine import Tripped
from reconciler.ports import NotTold
from tests.mailbox import LOGIN, Mailbox, silence
from tests.roads import pem_of
from tests.servers import free_port

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOTICE = Notice(
    event=Event.ENTERED,
    application="example-app",
    at=AT,
    about="guard",
    sentence="example-app is in quarantine: a guard blocks what the plan would do",
    reason="TooManyDeletes",
    since=AT,
    failures=1,
    next_attempt=AT + timedelta(hours=1),
    again="tried again once it is approved, or once its plan is another",
    guards=(Tripped("delete_users", 12, 200, 3),),
    plan_digest="ab" * 32,
    commands=("reconciler show abababababab", "reconciler history example-app"),
)
SENDER, RECIPIENT = "reconciler@contoso.example", "iam@contoso.example"


def mail_to(box: Mailbox, **changes: Any) -> Mail:
    """Return a way to tell by *box*, as a file would say it."""
    login = Login(*LOGIN) if box.login else None
    roots = pem_of(box.authority) if box.starttls else None
    server = MailServer("127.0.0.1", box.port, box.starttls, roots, login)
    return Mail(replace(server, **changes), SENDER, RECIPIENT)


def test_a_mail_goes_out_under_tls_and_after_a_login() -> None:
    with Mailbox().open() as box:
        mail_to(box).send(NOTICE)

    (mail,) = box.mails
    assert (mail["From"], mail["To"]) == (SENDER, RECIPIENT)
    assert mail["Subject"] == f"[reconciler] {NOTICE.sentence}"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (box.envelopes, box.secured) == ([(SENDER, [RECIPIENT])], [True])
    assert (box.tried, box.greeted_as) == ([LOGIN], ["contoso.example"])


def test_the_mail_says_what_happened_and_what_to_run() -> None:
    with Mailbox().open() as box:
        mail_to(box).send(NOTICE)

    assert box.mails[0].get_content().replace("\r\n", "\n") == (
        "Example-app is in quarantine: a guard blocks what the plan would do.\n"
        "\n"
        "Application:     example-app\n"
        "Reason:          TooManyDeletes\n"
        "Since:           2026-11-23T10:00:00Z\n"
        "Next:            tried again once it is approved, or once its plan is another\n"
        "Failed attempts: 1\n"
        "Guard:           delete_users: 12 of 200, 3 allowed\n"
        f"Plan:            {'ab' * 32}\n"
        "\n"
        "What to do next:\n"
        "  reconciler show abababababab\n"
        "  reconciler history example-app\n"
    )


def test_the_mail_says_no_name_that_says_nothing() -> None:
    with Mailbox().open() as box:
        mail_to(box).send(replace(NOTICE, reason="Unknown"))

    assert "Reason" not in box.mails[0].get_content()


def test_a_relay_without_tls_is_spoken_to_only_where_the_file_says_so() -> None:
    with Mailbox(starttls=False, login=None).open() as box:
        mail_to(box).send(NOTICE)

    assert box.secured == [False]


def refusal(box: Mailbox, **changes: Any) -> str:
    """Return why *box* got no mail."""
    with box.open(), pytest.raises(NotTold) as caught:
        mail_to(box, **changes).send(NOTICE)
    assert box.mails == []
    return str(caught.value)


def test_a_server_that_offers_no_starttls_gets_neither_password_nor_mail() -> None:
    box = Mailbox(starttls=False, login=None)

    assert "STARTTLS" in refusal(box, starttls=True, login=Login(*LOGIN))
    assert box.tried == []


@pytest.mark.parametrize(
    "box",
    [Mailbox(names=("mail.elsewhere.example",)), Mailbox()],
    ids=["for another name", "of an authority that nobody trusts"],
)
def test_a_certificate_that_does_not_hold_gets_neither(box: Mailbox) -> None:
    roots = pem_of(box.authority if box.names != ("127.0.0.1",) else trustme.CA())

    assert "TLS failed: CERTIFICATE_VERIFY_FAILED" in refusal(box, roots=roots)
    assert box.tried == []


def test_a_refused_login_is_told_without_the_password_and_without_the_servers_words() -> None:
    said = refusal(Mailbox(), login=Login(LOGIN[0], "wrong-c4n4ry"))

    assert said.endswith("it refuses the user name or the password (535)")
    assert "c4n4ry" not in said


def test_a_refused_mail_is_told_with_the_number_and_without_the_servers_words() -> None:
    said = refusal(Mailbox(refuses="552 no room for iam@contoso.example"))

    assert said.endswith("it refuses the mail (552)")


def test_nobody_listens() -> None:
    port = free_port()

    with pytest.raises(NotTold, match="Connection refused"):
        Mail(MailServer("127.0.0.1", port, True), SENDER, RECIPIENT).send(NOTICE)


@pytest.mark.parametrize("word", [b"", b"2"], ids=["says nothing", "says a byte now and then"])
def test_a_server_is_not_waited_for(word: bytes) -> None:
    began = time.monotonic()
    with silence(word) as port, pytest.raises(NotTold, match=r"longer than|is silent"):
        Mail(MailServer("127.0.0.1", port, True), SENDER, RECIPIENT, 0.3).send(NOTICE)

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: eve@elsewhere.example", "a@b\nX: y", "a"])
@pytest.mark.parametrize("which", ["sender", "recipient"])
def test_no_address_can_end_a_header(which: str, address: str) -> None:
    given: dict[str, Any] = {"sender": SENDER, "recipient": RECIPIENT, which: address}

    with Mailbox().open() as box, pytest.raises(NotTold, match="cannot be sent"):
        replace(mail_to(box), **given).send(NOTICE)
    assert (box.mails, box.tried) == ([], [])


@pytest.mark.parametrize("name", ["app\r\nBcc: eve@elsewhere.example", "app\nX: y"])
def test_no_name_can_end_a_header(name: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|carriage"):
        letter(replace(NOTICE, sentence=f"{name} is in quarantine"), SENDER, RECIPIENT)
