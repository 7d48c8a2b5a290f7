"""The life of a token, with an endpoint that is a function and a clock that a test moves."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.live.auth import BearerAuth
from reconciler.live.oauth import LONGEST, MARGIN, REMEMBERED, OAuth
from reconciler.live.token_endpoint import Token
from reconciler.scim.errors import TargetUnreachable

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


class Endpoint:
    """Gives out `token1`, `token2`, …; each is good for so many seconds."""

    def __init__(self, seconds: int | None = 3600) -> None:
        self.seconds = seconds
        self.fetches = 0
        self.before: Callable[[], None] = lambda: None

    def __call__(self) -> Token:
        self.fetches += 1
        number = self.fetches
        self.before()
        return Token(BearerAuth.of(f"token{number}"), self.seconds)


def made(endpoint: Callable[[], Token], clock: Clock | None = None) -> OAuth:
    return OAuth(endpoint, clock or Clock(), ("client-secret",))


def test_nothing_is_fetched_before_it_is_needed() -> None:
    endpoint = Endpoint()
    auth = made(endpoint)

    assert endpoint.fetches == 0
    assert auth.header() == "Bearer token1"
    assert auth.header() == "Bearer token1"
    assert endpoint.fetches == 1


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        pytest.param(3600, 3600 - MARGIN, id="a minute before its end"),
        pytest.param(2 * MARGIN, MARGIN, id="half its life, where that is a minute"),
        pytest.param(30, 15, id="half its life, where that is less"),
        pytest.param(1, 0.5, id="the shortest life"),
        pytest.param(10**9, LONGEST - MARGIN, id="a day at most"),
    ],
)
def test_a_token_is_given_up_before_its_end(seconds: int, kept: float) -> None:
    endpoint, clock = Endpoint(seconds), Clock()
    auth = made(endpoint, clock)
    auth.header()

    clock.moment = START + timedelta(seconds=kept) - timedelta(milliseconds=1)
    assert auth.header() == "Bearer token1"
    clock.moment = START + timedelta(seconds=kept)
    assert auth.header() == "Bearer token2"


def test_the_life_of_a_token_begins_when_it_was_asked_for() -> None:
    endpoint, clock = Endpoint(600), Clock()
    auth = made(endpoint, clock)

    def slow() -> None:
        clock.moment += timedelta(seconds=100)

    endpoint.before = slow
    auth.header()
    clock.moment = START + timedelta(seconds=600 - MARGIN)

    assert auth.header() == "Bearer token2"


def test_a_token_without_a_stated_end_is_kept_until_it_is_refused() -> None:
    endpoint, clock = Endpoint(None), Clock()
    auth = made(endpoint, clock)
    auth.header()
    clock.moment += timedelta(days=365)

    assert auth.header() == "Bearer token1"
    assert auth.renew("Bearer token1") is True
    assert auth.header() == "Bearer token2"


def test_a_token_that_was_renewed_meanwhile_is_not_given_up() -> None:
    endpoint = Endpoint()
    auth = made(endpoint)
    auth.header()
    auth.renew("Bearer token1")
    auth.header()

    auth.renew("Bearer token1")

    assert auth.header() == "Bearer token2"
    assert endpoint.fetches == 2


class Crowd:
    """Some workers who all need a token while one of them is fetching it."""

    def __init__(self, end: Callable[[], Token]) -> None:
        """*end* is what the fetch comes to that everybody waits for."""
        self.fetches = 0
        self._end = end
        self._fetching, self._all_asked = threading.Event(), threading.Event()
        self._asked = threading.Semaphore(0)

    def fetch(self) -> Token:
        self.fetches += 1
        if self.fetches == 1:
            return Token(BearerAuth.of("old"), 3600)
        self._fetching.set()
        assert self._all_asked.wait(30)
        return self._end()

    def now(self) -> datetime:
        """Say that the first token is over; whoever looks has begun to ask."""
        if self._fetching.is_set():
            self._asked.release()
        return START if self.fetches == 0 else START + timedelta(hours=2)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    def ask(self, auth: OAuth, others: int) -> list[str | BaseException]:
        """Return what one worker and so many others are told."""
        with ThreadPoolExecutor(others + 1) as pool:
            waiting = [pool.submit(auth.header)]
            assert self._fetching.wait(30)
            waiting += [pool.submit(auth.header) for _ in range(others)]
            for _ in range(others):
                assert self._asked.acquire(timeout=30)
            self._all_asked.set()
            return [future.exception() or future.result() for future in waiting]


def test_workers_who_wait_have_the_token_of_the_one_who_fetches() -> None:
    crowd = Crowd(lambda: Token(BearerAuth.of("new"), None))
    auth = OAuth(crowd.fetch, crowd, ())
    auth.header()

    assert crowd.ask(auth, 5) == ["Bearer new"] * 6
    assert crowd.fetches == 2


def test_workers_who_wait_have_the_failure_of_the_one_who_fetches() -> None:
    """Else an endpoint that hangs would be asked once per worker, one after the other."""
    failure = TargetUnreachable("down")

    def fail() -> Token:
        raise failure

    crowd = Crowd(fail)
    auth = OAuth(crowd.fetch, crowd, ())
    auth.header()

    assert crowd.ask(auth, 5) == [failure] * 6
    assert crowd.fetches == 2


def test_who_asks_after_a_failure_asks_the_endpoint() -> None:
    endpoint = Endpoint()

    def fail_once() -> None:
        if endpoint.fetches == 1:
            raise TargetUnreachable("down")

    endpoint.before = fail_once
    auth = made(endpoint)
    with pytest.raises(TargetUnreachable):
        auth.header()

    assert auth.header() == "Bearer token2"


def test_ruling_18_every_secret_is_taken_out_of_a_servers_words() -> None:
    endpoint = Endpoint()
    auth = made(endpoint)
    auth.header()
    auth.renew("Bearer token1")
    auth.header()

    words = auth.hidden_in("client-secret got token1 and token2, not token3")

    assert words == "*** got *** and ***, not token3"


def test_only_the_last_tokens_are_remembered() -> None:
    endpoint = Endpoint()
    auth = made(endpoint)
    for number in range(1, REMEMBERED + 2):
        auth.renew(auth.header())
        assert endpoint.fetches == number

    assert auth.hidden_in("token1 token2") == "token1 ***"


def test_ruling_18_a_credential_does_not_show_itself() -> None:
    auth = made(Endpoint())
    auth.header()

    assert not any(word in repr(auth) for word in ("client-secret", "token1"))


def test_what_the_endpoint_needs_is_closed_with_the_credential() -> None:
    closed: list[bool] = []
    auth = OAuth(Endpoint(), Clock(), (), lambda: closed.append(True))

    auth.close()

    assert closed == [True]
