"""From what `plans.store` says to where it is."""

from pathlib import Path

import pytest

from reconciler.store.folder import StoreError
from reconciler.store.locations import locate


@pytest.mark.parametrize("value", ["127.0.0.1:9000", "notaurl", "ftp://host", "http://bad host"])
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_an_endpoint_that_is_no_address_is_told_before_anything_is_asked(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would end the process with a panic."""
    monkeypatch.setenv(name, value)

    with pytest.raises(StoreError, match=rf"^{name} in the environment is no address"):
        locate(Path(), "s3://bucket/p")


def test_a_folder_asks_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "notaurl")

    assert locate(Path("home"), "plans") == Path("home/plans")
