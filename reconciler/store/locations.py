"""From what `plans.store` says to where it is: a folder, or a bucket (extra ``[cloud]``)."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from reconciler.config.store_url import parse_store_url
from reconciler.store.folder import StoreError
from reconciler.store.objects import Key
from reconciler.store.slot import Location

CLOUDS = ("AWS_", "AZURE_", "GOOGLE_")
"""How the variables begin that say how a bucket is reached."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]+(?:/[!-~]*)?")


def locate(folder: Path, store: str) -> Location:
    """
    Return the place that *store* names; a folder is found from *folder*.

    Raises:
        StoreError: It is a bucket, and the extra is not installed, or the environment does not
            say what is needed to reach it.
        ValueError: It is a URL of no object store; the configuration is checked for that.
    """
    if parse_store_url(store) is None:
        return folder / store
    said = {name: value for name, value in os.environ.items() if name.startswith(CLOUDS)}
    for name, value in said.items():
        if "ENDPOINT" in name and not _ADDRESS.fullmatch(value):
            raise StoreError(
                f"{name} in the environment is no address: http://host or https://host"
            )
    return _in_bucket(store, frozenset(said.items()))


@lru_cache(8)
def _in_bucket(store: str, said: frozenset[tuple[str, str]]) -> Key:
    """Return the place in a bucket; one client, with its connections, while *said* is the same."""
    url = parse_store_url(store)
    if url is None:
        raise ValueError(store)
    try:
        from reconciler.store.bucket import Bucket
    except ModuleNotFoundError as exc:
        if exc.name != "obstore":
            raise
        raise StoreError(
            f"{url} needs an extra that is not installed: pip install 'scim-reconciler[cloud]'"
        ) from None
    return Key("", str(url), Bucket(url))
