"""Notices by a signed request, to a real server."""

import hmac
import json
import time
from hashlib import sha256

import pytest

from reconciler.notify.webhook import SIGNATURE, Webhook
from reconciler.ports import NotTold
from tests.mailbox import Hook, silence
from tests.servers import free_port
from tests.unit.notify.test_smtp import NOTICE

SECRET = "hook-secret-c4n4ry"


def test_a_notice_is_one_signed_post_of_json() -> None:
    with Hook().open() as hook:
        Webhook(hook.url, SECRET).send(NOTICE)

    ((headers, body),) = hook.got
    expected = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    assert headers[SIGNATURE.lower()] == f"sha256={expected}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "version": 1,
        "event": "entered",
        "application": "example-app",
        "at": "2026-11-23T10:00:00Z",
        "sentence": NOTICE.sentence,
        "reason": "TooManyDeletes",
        "since": "2026-11-23T10:00:00Z",
        "failed_attempts": 1,
        "next_attempt": "2026-11-23T11:00:00Z",
        "counts": {},
        "failed": {},
        "guards": [{"id": "delete_users", "count": 12, "population": 200, "limit": 3}],
        "plan_digest": "ab" * 32,
        "commands": list(NOTICE.commands),
    }


def test_the_secret_travels_nowhere() -> None:
    with Hook().open() as hook:
        Webhook(hook.url, SECRET).send(NOTICE)

    assert SECRET not in str(hook.got)
    assert SECRET not in repr(Webhook(hook.url, SECRET))


def test_a_redirect_is_not_followed() -> None:
    with Hook().open() as other, Hook(status=307, headers={"Location": other.url}).open() as hook:
        with pytest.raises(NotTold, match="answered 307"):
            Webhook(hook.url, SECRET).send(NOTICE)

        assert (len(hook.got), other.got) == (1, [])


@pytest.mark.parametrize("status", [400, 404, 500])
def test_another_answer_than_2xx_is_none(status: int) -> None:
    with Hook(status=status).open() as hook, pytest.raises(NotTold, match=f"answered {status}"):
        Webhook(hook.url, SECRET).send(NOTICE)


def test_nobody_listens() -> None:
    with pytest.raises(NotTold, match="cannot connect"):
        Webhook(f"http://127.0.0.1:{free_port()}/", SECRET).send(NOTICE)


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with Hook().open() as hook:
        Webhook(hook.url, SECRET).send(NOTICE)

    assert len(hook.got) == 1


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    began = time.monotonic()
    with silence() as port, pytest.raises(NotTold):
        Webhook(f"http://127.0.0.1:{port}/", SECRET, 0.3).send(NOTICE)

    assert time.monotonic() - began < 3
