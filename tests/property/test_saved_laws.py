"""A saved live state is the same, or refused the same, in pieces as it is as a whole."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler import pile
from reconciler.config.model import AttributeMapping
from reconciler.diagnostics import ConfigError
from reconciler.expr import Surroundings
from reconciler.live import saved_file
from reconciler.live.proved import Proof
from reconciler.live.saved import dump_live, load_live
from reconciler.live.saved_file import load_live_file
from reconciler.live.strict_json import StrictJsonError
from reconciler.plan.sight import Sight
from reconciler.ports import Notes
from reconciler.scim.capabilities import Capabilities
from reconciler.states import Listing, LiveState, Resource

MANY = settings(max_examples=150, deadline=None)
BARE = Capabilities.from_discovery(None, None, None).to_json()

KEYS = st.sampled_from(("id", "resources", "users", "groups", "total_results", "a", 'x"]}', "é"))
odd = st.sampled_from(("", "[", "]}", '"resources": [', "},{", "}]}", 2**60, 1.5, None, True))
inner = st.recursive(
    odd,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(KEYS, one, max_size=3),
    max_leaves=8,
)
ids = st.sampled_from(("1", "2", "3", "4", "5", "é", "..", 6))
resources = st.lists(
    st.builds(lambda one, more: {**more, "id": one}, ids, st.dictionaries(KEYS, inner, max_size=3))
    | st.builds(lambda one: {"schemas": ["u"], "id": one, "emails": [{"a": 1}, {"a": 2}]}, ids)
    | inner,
    max_size=6,
)


@st.composite
def listings(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a listing, mostly one that was read to its end."""
    found = draw(resources)
    total = draw(st.sampled_from((len(found), len(found), None, True, 2, float(len(found)))))
    listing: dict[str, Any] = {
        "complete": draw(st.sampled_from((True, True, True, False, 1))),
        "problem": draw(st.sampled_from((None, None, None, "page 2"))),
        "total_results": total,
        "resources": found,
    }
    if draw(st.booleans()):
        listing["more"] = {"resources": [{"id": "7"}]}
    return dict(sorted(listing.items(), key=lambda _: draw(st.integers(0, 9))))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw a file, spelt in one of many ways, and perhaps cut off or changed by hand."""
    saved = {
        "format_version": draw(st.sampled_from((1, 1, 1, 2))),
        "capabilities": draw(st.sampled_from((BARE, BARE, {"resources": [{"id": "1"}]}))),
        "users": draw(listings()),
        "groups": draw(st.none() | listings()),
    }
    spelt: dict[str, Any] = draw(
        st.sampled_from(({}, {"separators": (",", ":")}, {"indent": 1}, {"indent": 1, "sort": 1}))
    )
    text = json.dumps(
        saved,
        ensure_ascii=draw(st.booleans()),
        sort_keys="sort" in spelt,
        **{name: value for name, value in spelt.items() if name != "sort"},
    ).encode()
    at = draw(st.integers(0, len(text)))
    by_hand = draw(st.sampled_from((None, None, None, b"", b"]", b"}", b",", b'"', b"\xff")))
    return text if by_hand is None else text[:at] + by_hand + text[at + 1 :]


def shown(live: LiveState) -> Any:
    """Return all that is in a live state."""

    def of(listing: Listing | None) -> Any:
        if listing is None:
            return None
        return [repr(one) for one in listing.resources], replace_of(listing)

    def replace_of(listing: Listing) -> Any:
        return listing.total_results, listing.complete, listing.problem

    return live.capabilities, of(live.users), of(live.groups)


def outcome(load: Any, given_: Any) -> Any:
    """Return what is read, or why nothing is."""
    try:
        return shown(load(given_))
    except ConfigError as exc:
        return [*map(str, exc.diagnostics)]


MAPPINGS = (
    AttributeMapping(target="userName", source="userPrincipalName", match=1),
    AttributeMapping(target="title", source="a"),
)


class Elsewhere:
    """Works pieces out at once, or leaves every third to whoever asks."""

    def __init__(self, proof: Proof) -> None:
        self._proof, self._asked = proof, 0

    def prove(self, body: bytes) -> Callable[[], bytes | None]:
        """Work it out as another process does, which says nothing of what it cannot read."""
        self._asked += 1
        try:
            found = self._proof.work_out(body) if self._asked % 3 else None
        except StrictJsonError:
            found = None
        return lambda: found


def noting(known: Capabilities, *, helped: bool) -> Notes:
    """Return how notes are taken, with help or without."""
    told = known.to_json()
    here, there = (Sight.of(MAPPINGS, told, Surroundings(), b"secret") for _ in range(2))
    memo = Forgetful() if helped else None
    return Notes(here, memo, Elsewhere(Proof(Notes(there))) if helped else None)


class Forgetful:
    """Knows nothing, whatever was worked out before."""

    secret = b"secret"

    def key(self, data: bytes) -> bytes:
        """Return *data*."""
        return data

    def knows(self, key: bytes) -> bool:
        """Say no."""
        return False

    def get(self, key: bytes) -> bytes | None:
        """Return nothing."""
        return None

    def put(self, key: bytes, found: bytes) -> None:
        """Forget it."""


READERS: dict[str, Callable[[Path], LiveState]] = {
    "plainly": load_live_file,
    "with notes": partial(load_live_file, notes_of=partial(noting, helped=False)),
    "with help": partial(load_live_file, notes_of=partial(noting, helped=True)),
}


@MANY
@given(
    files(),
    st.sampled_from((8, 60, 300)),
    st.sampled_from((0, 2_000)),
    st.sampled_from(sorted(READERS)),
)
@example(b'{"capabilities":{},"users":{"resources":["a"]}}', 8, 0, "plainly")
def test_a_file_in_pieces_is_the_same_as_a_whole(
    data: bytes, block: int, few: int, reader: str
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "live.json")
        path.write_bytes(data)
        with (
            patch.object(saved_file, "BLOCK", block),
            patch.object(saved_file, "SMALL", block),
            patch.object(saved_file, "MOST", block * 4),
            patch.object(pile, "FEW", few),
        ):
            assert outcome(READERS[reader], path) == outcome(load_live, data)


def state(users: Sequence[Resource], groups: Sequence[Resource] | None) -> LiveState:
    """Return a complete live state."""
    listed = [
        None if found is None else Listing(tuple(found), len(found), complete=True)
        for found in (users, groups)
    ]
    assert listed[0] is not None
    return LiveState(Capabilities.from_json(BARE), listed[0], listed[1])


@pytest.mark.parametrize("compact", [False, True], ids=["as it is saved", "on one line"])
@pytest.mark.parametrize("groups", [None, 0, 1, 40])
@pytest.mark.parametrize("users", [0, 1, 40])
def test_a_sound_file_is_not_read_as_a_whole(
    users: int, groups: int | None, compact: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [
        {"id": str(number), "emails": [{"value": "a"}, {"value": "b"}], "groups": [{"value": "c"}]}
        for number in range(users)
    ]
    teams = None if groups is None else [{"id": f"g{number}"} for number in range(groups)]
    live = state(people, teams)
    data = dump_live(live)
    if compact:
        data = json.dumps(json.loads(data), separators=(",", ":")).encode()
    (tmp_path / "live.json").write_bytes(data)
    monkeypatch.setattr(saved_file, "BLOCK", 100)
    monkeypatch.setattr(saved_file, "SMALL", 100)
    monkeypatch.setattr(saved_file, "load_live", None)

    for read in READERS.values():
        assert read(tmp_path / "live.json") == live


ONE = {"complete": True, "problem": None, "total_results": 1, "resources": [{"id": "1"}]}
TWO = {**ONE, "total_results": 2, "resources": [{"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize(
    ("users", "others"),
    [
        pytest.param({**ONE, "total_results": True}, {}, id="a total that only equals one"),
        pytest.param({**ONE, "total_results": 1.0}, {}, id="a total with a point"),
        pytest.param({**TWO, "total_results": 3}, {}, id="another total"),
        pytest.param({**ONE, "resources": [{"id": ".."}]}, {}, id="an id that is a path"),
        pytest.param({**ONE, "resources": [{"id": 1}]}, {}, id="an id that is a number"),
        pytest.param({**TWO, "resources": [{"id": "1"}, {"id": "1"}]}, {}, id="an id twice"),
        pytest.param({**ONE, "complete": 1}, {}, id="complete, by a number"),
        pytest.param({**ONE, "problem": "page 2"}, {}, id="complete with a problem"),
        pytest.param({**ONE, "more": 1}, {}, id="a key that is not known"),
        pytest.param(ONE, {"format_version": 2}, id="another version"),
        pytest.param(ONE, {"groups": {}}, id="groups that are no listing"),
        pytest.param(ONE, {"capabilities": {"resources": [{"id": "9"}]}}, id="resources elsewhere"),
        pytest.param(
            {**ONE, "resources": {"resources": [{"id": "1"}]}}, {}, id="resources in resources"
        ),
    ],
)
def test_what_is_refused_as_a_whole_is_refused_in_pieces(
    users: dict[str, Any], others: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = {"capabilities": BARE, "format_version": 1, "groups": None, "users": users, **others}
    data = json.dumps(saved).encode()
    (tmp_path / "live.json").write_bytes(data)
    monkeypatch.setattr(saved_file, "BLOCK", 50)
    monkeypatch.setattr(saved_file, "SMALL", 50)

    with pytest.raises(ConfigError) as caught:
        load_live_file(tmp_path / "live.json")
    assert outcome(load_live, data) == [*map(str, caught.value.diagnostics)]
