"""
INV-29, ruling 18: a secret comes out nowhere, whichever way it came in, and however spelt.

Searched is all that was said and logged, and every file that was written, for the
canary in six encodings, in any case, and for a third of it. The file into which a
person wrote it is the only one that may hold it.
"""

import time
from pathlib import Path

import pytest

from tests.e2e.company import Company
from tests.hostile.channels import CHANNELS, ENCODINGS, loudest, traces
from tests.measured import write_down

OWN = {"provisioning.yaml", "people.csv", "secret.txt"}
"""Files that a person wrote."""

EVERYDAY = ("plain", "base64")


def found(company: Company, channel: str, encoding: str, patch: pytest.MonkeyPatch) -> list[str]:
    """Return where the canary came out."""
    log = company.folder.parent / "everything.log"
    with loudest(log):
        ended = CHANNELS[channel](company, ENCODINGS[encoding](_canary()), patch)
    assert ended
    assert all(one.code != 1 for one in ended), [one.text for one in ended]
    texts = {f"output {number}": one.text.encode() for number, one in enumerate(ended)}
    for path in company.folder.parent.rglob("*"):
        if path.is_file() and path.name not in OWN:
            texts[path.name] = path.read_bytes()
    searched = traces()
    return [
        f"{channel}, {encoding}: {name}"
        for name, data in texts.items()
        if any(trace in data.lower() for trace in searched)
    ]


def _canary() -> str:
    from tests.hostile.channels import CANARY

    return CANARY


@pytest.fixture
def canaries(tmp_path: Path) -> Company:
    """One person in one group; who is asked is up to the channel."""
    company = Company(tmp_path / "company", "http://127.0.0.1:9/v2")
    company.hire("ada")
    return company


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("channel", CHANNELS)
def test_ruling_18_no_channel_gives_the_secret_away(
    channel: str, canaries: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = list(CHANNELS).index(channel)
    encoding = EVERYDAY[number % 2]  # the others are for slow

    assert found(canaries, channel, "plain", monkeypatch) == []
    if "echo" in channel:
        assert found(canaries, channel, encoding, monkeypatch) == []


@pytest.mark.measured
@pytest.mark.usefixtures("hurried")
def test_ruling_18_no_channel_gives_the_secret_away_in_any_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, hits = time.monotonic(), list[str]()
    for number, channel in enumerate(CHANNELS):
        for encoding in ENCODINGS:
            company = Company(tmp_path / f"{number}-{encoding}" / "company", "http://127.0.0.1:9")
            company.hire("ada")
            company.folder.mkdir(parents=True)
            with monkeypatch.context() as patch:
                hits += found(company, channel, encoding, patch)
    figures = {"channels": len(CHANNELS), "encodings": len(ENCODINGS), "hits": len(hits)}
    seconds = time.monotonic() - begun
    write_down("canaries", "Secret canaries", "make reliability", seconds, figures)
    assert hits == []
