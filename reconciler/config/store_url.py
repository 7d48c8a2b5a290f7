"""
Where plans and journals lie, when that is no folder: ``s3://bucket/prefix``, ``az://…``, ``gs://…``.

A URL names a bucket and what the names in it begin with, and nothing else: credentials, regions
and endpoints come from the environment of the command, as the cloud's own tools read them, so
that no file under review holds a secret or sends one somewhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEMES = ("s3", "az", "gs")
"""Amazon S3 and what speaks like it; Azure Blob Storage; Google Cloud Storage."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_NEARLY = re.compile(r"(s3|az|gs)(?::|//)", re.IGNORECASE)
"""What was meant to be a URL; as a folder, it would be gone with the machine."""
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_STEP = re.compile(r"[A-Za-z0-9_=-][A-Za-z0-9._=-]{0,99}")


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """A bucket, and what the names in it begin with."""

    scheme: str
    bucket: str
    prefix: str
    """Steps with slashes between them; empty is the whole bucket."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")


def parse_store_url(text: str) -> StoreUrl | None:
    """
    Return what `plans.store` names, or None when it is a folder.

    Raises:
        ValueError: It is a URL, and none of an object store; the message quotes no part of it
            that may be a secret.
    """
    found = _URL.fullmatch(text)
    if found is None:
        if nearly := _NEARLY.match(text):
            raise ValueError(f"a bucket is written `{nearly[1].lower()}://bucket/prefix`")
        return None
    scheme, (bucket, _, prefix) = found[1].lower(), found[2].partition("/")
    prefix = prefix.removesuffix("/")
    if scheme not in SCHEMES:
        raise ValueError(f"plans cannot be kept at `{scheme}://`")
    if "@" in bucket or ":" in bucket or "?" in text or "#" in text:
        raise ValueError("a store is named by bucket and prefix alone")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError("no bucket can have this name")
    if prefix and not all(_STEP.fullmatch(step) for step in prefix.split("/")):
        raise ValueError(
            "a prefix is made of letters, digits and `._=-`, with single slashes between"
        )
    return StoreUrl(scheme, bucket, prefix)
