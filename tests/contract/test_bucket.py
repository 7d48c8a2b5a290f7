"""A bucket that does not do as it should, and what is said of it; az and gs as far as they go."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest

from reconciler.diagnostics import ReconcilerError
from reconciler.ports import StoreUnreachable
from reconciler.store import bucket as module
from reconciler.store.bucket import TRIES, Bucket
from reconciler.store.folder import StoreError
from reconciler.store.objects import Key
from reconciler.store.slot import slot
from tests.s3 import (
    BUCKET,
    KEY_ID,
    SECRET,
    SESSION,
    STORE,
    Answered,
    Asked,
    S3Server,
    StandIn,
    bucket_of,
)

CANARY = "canary-in-an-answer"
Answer = Callable[[Asked], Answered]
Stand = Callable[[Answer], StandIn]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0)


@pytest.fixture
def standing_in(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """Put something in the place of the store."""
    with ExitStack() as stack:

        def stand_in(answer: Answer) -> StandIn:
            made = StandIn(answer)
            stack.callback(made.close)
            monkeypatch.setenv("AWS_ENDPOINT_URL", made.url)
            return made

        yield stand_in


@pytest.mark.parametrize("conditional", ["create", "replace"])
def test_a_write_whose_answer_was_lost_is_known_as_ours(
    conditional: str, s3: S3Server, standing_in: Stand
) -> None:
    bucket_of().create("app/x", b"before")
    tag = bucket_of().get("app/x", 10).tag
    lost: list[Asked] = []

    def lose_the_first_answer(seen: Asked) -> Answered:
        answer = seen.on(s3.url)
        if seen.method == "PUT" and not lost:
            lost.append(seen)
            return Answered(500)
        return answer

    standing_in(lose_the_first_answer)
    bucket = bucket_of()

    wrote = (
        bucket.create("app/y", b"y")
        if conditional == "create"
        else bucket.replace("app/x", b"y", tag)
    )
    assert (wrote, len(lost)) == (True, 1)
    assert bucket.get("app/y" if conditional == "create" else "app/x", 10).data == b"y"


def test_a_write_that_somebody_else_was_faster_with_is_not_ours(
    s3: S3Server, standing_in: Stand
) -> None:
    puts: list[Asked] = []

    def somebody_else_first(seen: Asked) -> Answered:
        puts.extend([seen] if seen.method == "PUT" else [])
        if len(puts) == 1 and seen.method == "PUT":
            httpx.put(s3.url + seen.target, content=b"theirs").raise_for_status()
            return Answered(503)
        return seen.on(s3.url)

    standing_in(somebody_else_first)

    assert not bucket_of().create("app/x", b"ours")
    assert bucket_of().get("app/x", 10).data == b"theirs"


def test_a_store_that_ignores_the_condition_is_refused(s3: S3Server, standing_in: Stand) -> None:
    standing_in(lambda seen: seen.on(s3.url, "if-none-match"))

    place = slot(Key("app/.run-1", STORE, bucket_of()))
    with pytest.raises(StoreError, match="ignores If-None-Match"):
        place.claim(b"mine")
    assert not place.exists()


def test_a_proof_whose_answer_was_lost_is_no_false_alarm(s3: S3Server, standing_in: Stand) -> None:
    puts: list[Asked] = []

    def lose_the_second_answer(seen: Asked) -> Answered:
        answer = seen.on(s3.url)
        puts.extend([seen] if seen.method == "PUT" else [])
        return Answered(500) if len(puts) == 2 and seen.method == "PUT" else answer

    standing_in(lose_the_second_answer)
    place = slot(Key("app/.run-1", STORE, bucket_of()))

    assert place.claim(b"mine")
    assert (len(puts), place.read(10)) == (3, b"mine")


REFUSAL = f"<Error><Code>AccessDenied</Code><Message>{CANARY}</Message></Error>".encode()


@pytest.mark.parametrize(
    ("status", "body", "said", "tries"),
    [
        pytest.param(
            403, REFUSAL, "answered 403 (AccessDenied); may these credentials", 1, id="denied"
        ),
        pytest.param(503, REFUSAL, "answered 503 (AccessDenied)", TRIES, id="broken"),
        pytest.param(429, b"", "answered 429", TRIES, id="throttled"),
        pytest.param(400, CANARY.encode(), "answered 400", 1, id="no code"),
    ],
)
@pytest.mark.parametrize("asked", ["names", "get", "create", "delete"])
def test_a_refusal_is_told_in_our_words(
    asked: str,
    status: int,
    body: bytes,
    said: str,
    tries: int,
    standing_in: Stand,
) -> None:
    server = standing_in(lambda seen: Answered(status, body))
    bucket = bucket_of()

    with pytest.raises(StoreUnreachable) as caught:
        ASKED[asked](bucket)
    assert said in str(caught.value)
    assert len(server.asked) == tries
    require_no_secret(caught.value)


ASKED: dict[str, Callable[[Bucket], object]] = {
    "names": lambda bucket: bucket.names("app"),
    "get": lambda bucket: bucket.get("app/x", 10),
    "create": lambda bucket: bucket.create("app/x", b"x"),
    "delete": lambda bucket: bucket.delete(["app/x"]),
}


def require_no_secret(error: BaseException | None) -> None:
    """A traceback shows what led to an error, too."""
    while error is not None:
        for secret in (CANARY, KEY_ID, SECRET, SESSION):
            assert secret not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize("asked", ["names", "get", "create"])
def test_a_bucket_that_is_not_there_is_no_empty_store(asked: str, s3: S3Server) -> None:
    with pytest.raises(StoreUnreachable, match=r"provisioning: there is no such bucket$"):
        ASKED[asked](bucket_of("s3://elsewhere/provisioning"))


def test_a_store_that_does_not_answer_is_not_waited_for(
    s3: S3Server, standing_in: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(seen: Asked) -> Answered:
        time.sleep(1)
        return Answered(200)

    standing_in(later)
    monkeypatch.setattr(module, "REQUEST", timedelta(milliseconds=100))
    begun = time.monotonic()

    with pytest.raises(StoreUnreachable, match="does not answer"):
        bucket_of().names("")
    assert time.monotonic() - begun < 10


def test_nobody_listens(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(StoreUnreachable, match=f"s3://{BUCKET}/provisioning: the store does not"):
        bucket_of().names("")


def test_plain_http_needs_leave(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")

    with pytest.raises(StoreUnreachable):
        bucket_of().names("")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of any cloud, but where not to ask for credentials."""
    for name in os.environ:
        if name.startswith(("AWS_", "AZURE_", "GOOGLE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AZURE_MSI_ENDPOINT", "http://127.0.0.1:1/metadata/identity")


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("url", "variables", "said"),
    [
        pytest.param("s3://bucket/p", {}, "no credentials were found", id="s3"),
        pytest.param("az://bucket/p", {}, "set AZURE_STORAGE_ACCOUNT_NAME", id="az, no account"),
        pytest.param(
            "az://bucket/p",
            {"AZURE_STORAGE_ACCOUNT_NAME": "acc", "AZURE_STORAGE_ACCOUNT_KEY": SECRET + "!"},
            "cannot be used with what the environment says",
            id="az, a key that is none",
        ),
        pytest.param(
            "az://bucket/p",
            {
                "AZURE_STORAGE_USE_EMULATOR": "true",
                "AZURITE_BLOB_STORAGE_URL": "http://127.0.0.1:1",
            },
            "the store does not answer",
            id="az, nobody listens",
        ),
        pytest.param(
            "gs://bucket/p",
            {"GOOGLE_SERVICE_ACCOUNT_KEY": "{" + SECRET},
            "cannot be used with what the environment says",
            id="gs, a key that is none",
        ),
        pytest.param(
            "gs://bucket/p",
            {"GOOGLE_SERVICE_ACCOUNT": f"/nowhere/{SECRET}.json"},
            "cannot be used with what the environment says",
            id="gs, a file that is not there",
        ),
    ],
)
def test_what_the_environment_lacks_is_told(
    url: str, variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ReconcilerError, match=said) as caught:
        bucket_of(url).names("")
    require_no_secret(caught.value)


@pytest.mark.parametrize("asked", ["names", "get", "create", "delete"])
@pytest.mark.parametrize(
    ("url", "environment", "variable"),
    [
        pytest.param(STORE, {}, "AWS_ALLOW_HTTP", id="s3"),
        pytest.param(
            "az://company/provisioning",
            {
                "AZURE_STORAGE_ACCOUNT_NAME": "company",
                "AZURE_STORAGE_ACCOUNT_KEY": "bm90IGEga2V5",
                "AZURE_STORAGE_ENDPOINT": "http://127.0.0.1:1/company",
            },
            "AZURE_ALLOW_HTTP",
            id="az",
        ),
    ],
)
def test_an_endpoint_without_tls_is_told_with_what_permits_it(
    url: str,
    environment: dict[str, str],
    variable: str,
    asked: str,
    monkeypatch: pytest.MonkeyPatch,
    s3: S3Server,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(variable, raising=False)

    with pytest.raises(StoreUnreachable, match="endpoint is http://, and nothing was") as caught:
        ASKED[asked](bucket_of(url))
    assert str(caught.value).endswith(f"set {variable}=true")
    require_no_secret(caught.value)
