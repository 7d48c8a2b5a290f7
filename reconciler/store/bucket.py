"""
A bucket of an object store, in the few requests that a store needs.

The only file that knows obstore; it is imported when a configuration names a bucket, and not
before. Four rules:

1. **Conditional writes.** Whatever is written is either new (`If-None-Match`) or follows what was
   read (`If-Match`); nothing is ever written over unseen.
2. **An answer that was lost.** A write is tried again when nobody knows whether it arrived; if it
   is then refused, what is there is looked at, and the very same bytes are this write's own.
3. **Bounded.** Every request and every retry ends; a store that does not answer blocks.
4. **No secret.** Of what the service or the library says, only a status and a code of letters
   are repeated: a URL may be signed, and an answer may echo what was sent.

Credentials, regions and endpoints are those of the environment, as obstore reads them.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import from_url

from reconciler.config.store_url import StoreUrl
from reconciler.ports import StoreUnreachable
from reconciler.store.folder import StoreError

if TYPE_CHECKING:
    from obstore import UpdateVersion

TRIES = 4
"""How often a request is sent in all."""

PAUSE = 0.1
"""Seconds before the first try, if there were one; doubled for each."""

CONNECT = timedelta(seconds=5)
REQUEST = timedelta(seconds=120)
"""For one request; the largest journal, at ten MB a second."""

ALLOW_HTTP = {"s3": "AWS_ALLOW_HTTP", "az": "AZURE_ALLOW_HTTP", "gs": "GOOGLE_ALLOW_HTTP"}
"""The variables that permit an endpoint without TLS; obstore forgets them beside other options."""

_STATUS = re.compile(r"status code: ([1-5][0-9]{2})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound")
_NO_TLS = re.compile(r"performing [A-Z]+ http://\S+ in .* - HTTP error: builder error")
"""Of what the library says of an address without TLS, where none is permitted."""
_NO_CREDENTIALS = re.compile(
    r"/latest/(?:api/token|meta-data)|/metadata/identity|/computeMetadata/|token request"
)
"""Of what the library says while it asks the machine, or a service, for credentials."""

AnswerT = TypeVar("AnswerT")


class Found(NamedTuple):
    """The bytes of an object, and what tells them from what is there before and after."""

    data: bytes
    tag: UpdateVersion
    """S3 and Azure know an object by its ETag, Google Cloud by its generation."""


class Names(NamedTuple):
    """What lies directly below a prefix."""

    objects: dict[str, int]
    """Size by name."""
    folders: tuple[str, ...]


class Bucket:
    """The part of a bucket below a prefix; may be shared by threads."""

    def __init__(self, url: StoreUrl) -> None:
        """
        Prepare to ask; nothing is sent yet.

        Raises:
            StoreError: The environment does not say what is needed.
        """
        self.url = str(url)
        allow = ALLOW_HTTP[url.scheme]
        self._without_tls = (
            f"its endpoint is http://, and nothing was sent; for a test server set {allow}=true"
        )
        plain = os.environ.get(allow, "").lower() == "true"
        try:
            self._store = from_url(
                self.url,
                client_options={
                    "allow_http": plain,
                    "connect_timeout": CONNECT,
                    "timeout": REQUEST,
                },
                retry_config={"max_retries": 0, "retry_timeout": REQUEST},
            )
        except (BaseError, ValueError) as exc:
            account = "; set AZURE_STORAGE_ACCOUNT_NAME" if "Account must be" in str(exc) else ""
            raise StoreError(
                f"{self.url} cannot be used with what the environment says of it{account}"
            ) from None

    def names(self, below: str) -> Names:
        """
        Return what lies directly below *below*; empty is the top.

        Raises:
            StoreUnreachable: It cannot be asked.
        """
        found = self._asked(lambda: obstore.list_with_delimiter(self._store, below or None))
        sizes = {one["path"].rpartition("/")[2]: one["size"] for one in found["objects"]}
        folders = (one.rstrip("/").rpartition("/")[2] for one in found["common_prefixes"])
        return Names(sizes, tuple(folders))

    def holds(self, path: str) -> bool:
        """
        Say whether there is an object at *path*.

        Raises:
            StoreUnreachable: It cannot be asked.
        """
        try:
            self._asked(lambda: obstore.head(self._store, path))
        except FileNotFoundError:
            return False
        return True

    def get(self, path: str, limit: int) -> Found:
        """
        Return the object at *path*.

        Raises:
            FileNotFoundError: There is none.
            StoreError: It is larger than *limit* bytes.
            StoreUnreachable: It cannot be asked.
        """

        def read() -> Found:
            answer = obstore.get(self._store, path)
            if answer.meta["size"] > limit:
                raise StoreError(f"{self.url}/{path} is larger than {limit} bytes")
            tag: UpdateVersion = {}
            if (etag := answer.meta["e_tag"]) is not None:
                tag["e_tag"] = etag
            if (version := answer.meta["version"]) is not None:
                tag["version"] = version
            return Found(bytes(answer.bytes()), tag)

        return self._asked(read)

    def create(self, path: str, data: bytes) -> bool:
        """
        Put *data* at *path* where nothing is; return whether it is there now by this call.

        Raises:
            StoreUnreachable: Nobody knows whether it was written.
        """
        return self._put(path, data, None)

    def replace(self, path: str, data: bytes, tag: UpdateVersion) -> bool:
        """
        Put *data* at *path* in place of what has this *tag*; return whether that was so.

        Raises:
            StoreUnreachable: Nobody knows whether it was written.
        """
        return self._put(path, data, tag)

    def delete(self, paths: Iterable[str]) -> None:
        """
        Take objects away; one that is not there is no error.

        Raises:
            StoreUnreachable: Nobody knows which are gone.
        """
        wanted = list(paths)
        if wanted:
            with suppress(FileNotFoundError):
                self._asked(lambda: obstore.delete(self._store, wanted))

    def _put(self, path: str, data: bytes, tag: UpdateVersion | None) -> bool:
        """Write under a condition: nothing is there, or what has this *tag*."""
        sent = 0

        def write() -> bool:
            nonlocal sent
            sent += 1
            try:
                obstore.put(
                    self._store,
                    path,
                    data,
                    mode="create" if tag is None else tag,
                    use_multipart=False,
                )
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as exc:
                self._require_bucket(exc)
                return sent > 1 and self._holds(path, data)
            return True

        return self._asked(write)

    def _holds(self, path: str, data: bytes) -> bool:
        """Say whether *data* is what lies at *path*."""
        try:
            return bytes(obstore.get(self._store, path).bytes()) == data
        except FileNotFoundError:
            return False

    def _asked(self, request: Callable[[], AnswerT]) -> AnswerT:
        """
        Return the answer to *request*, which is tried again while nobody knows what became of it.

        Raises:
            FileNotFoundError: There is no such object.
            StoreUnreachable: There is no answer, or it is a refusal.
        """
        number = 0
        while True:
            number += 1
            try:
                return request()
            except FileNotFoundError as exc:
                self._require_bucket(exc)
                raise FileNotFoundError(self.url) from None
            except BaseError as exc:
                self._require_bucket(exc)
                if _NO_TLS.search(str(exc)):
                    raise StoreUnreachable(f"{self.url}: {self._without_tls}") from None
                if _is_final(exc) or number == TRIES:
                    raise StoreUnreachable(f"{self.url}: {_told(exc)}") from None
            time.sleep(PAUSE * 2**number)

    def _require_bucket(self, exc: Exception) -> None:
        """
        Tell a bucket that is not there from an object that is not.

        Raises:
            StoreUnreachable: There is no such bucket.
        """
        if _NO_BUCKET.search(str(exc)):
            raise StoreUnreachable(f"{self.url}: there is no such bucket") from None


def _is_final(exc: BaseError) -> bool:
    """Say whether asking again would be answered the same."""
    status = _STATUS.search(str(exc))
    return status is not None and status[1].startswith("4") and status[1] not in ("408", "429")


def _told(exc: BaseError) -> str:
    """Say what is wrong in words that hold nothing of the request, and nothing of the answer."""
    text = str(exc)
    if _NO_CREDENTIALS.search(text):
        return "no credentials were found for it in the environment"
    status, code = _STATUS.search(text), _CODE.search(text)
    if status is None:
        return "the store does not answer"
    said = f"the store answered {status[1]}" + (f" ({code[1]})" if code else "")
    if status[1] in ("401", "403"):
        return f"{said}; may these credentials read, list, write and delete there?"
    return said
