"""What is laid aside comes back as it was, whatever it is and wherever there is room for it."""

import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import aside, register
from reconciler.aside import Aside
from reconciler.pile import Pile
from reconciler.register import Places, Register, repeated

MANY = settings(max_examples=100, deadline=None)
Thing = dict[str, Any]

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    ),
    max_leaves=9,
)
things = st.lists(st.dictionaries(st.sampled_from(("id", "é", "members")), values), max_size=12)
names = st.lists(st.sampled_from(("", "a", "b", "Ada", "ada", "é", "e\u0301", "\ud800", "x" * 40)))


def piled(given_: Sequence[Thing], few: int) -> Sequence[Thing]:
    """Return things as a pile has them that holds a *few*."""
    taken = Pile(Thing, few)
    for thing in given_:
        taken.add(thing)
    assert len(taken) == len(given_)
    return taken.everything()


@MANY
@given(things, st.integers(0, 3), st.sampled_from((1, 40, 1 << 20)))
def test_everything_comes_back(given_: list[Thing], few: int, at_a_time: int) -> None:
    with patch.object(aside, "IN_HAND", at_a_time):
        found = piled(given_, few)

        assert [repr(one) for one in found] == [repr(one) for one in given_]
        assert [found[at] for at in range(len(found))] == given_
        assert list(found[1:3]) == given_[1:3]
        assert [found[-1 - at] for at in range(len(found))] == given_[::-1]
    with pytest.raises(IndexError):
        found[len(given_)]


def test_what_is_in_the_file_and_what_is_not_yet_come_back_in_one_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [{"id": str(number)} for number in range(50)]
    monkeypatch.setattr(aside, "IN_HAND", 100)
    found = piled(many, 0)
    monkeypatch.setattr(aside, "IN_HAND", 1 << 20)

    assert list(found) == many
    assert [found[at] for at in range(50)] == many


def test_few_things_are_held_as_they_are() -> None:
    thing = {"id": "1"}

    assert piled([thing], 1)[0] is thing
    assert isinstance(piled([thing, thing], 1), Aside)


@pytest.mark.parametrize("opened", [0, 1], ids=["no folder", "a full disk"])
def test_without_room_on_the_disk_it_stays_in_memory(
    opened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether there is no place for the file, or the place is full later on."""
    many = [{"id": str(number)} for number in range(50)]

    class Full:
        """A file that takes a little, and then nothing more."""

        def __init__(self, **_: Any) -> None:
            if not opened:
                raise FileNotFoundError("no usable temporary directory")
            self.file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
            self.seek, self.read, self.close = self.file.seek, self.file.read, self.file.close

        def write(self, data: bytes) -> int:
            if self.file.tell() > 100:
                raise OSError(28, "no space left on device")
            return self.file.write(data[:7])

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    monkeypatch.setattr(aside, "IN_HAND", 40)

    found = piled(many, 0)

    assert list(found) == many
    assert [found[at] for at in range(50)] == many


def test_the_file_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    make = tempfile.TemporaryFile

    def watched(**options: Any) -> Any:
        made.append(make(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    monkeypatch.setattr(aside, "IN_HAND", 1)

    found = piled([{"id": "1"}], 0)

    status = os.fstat(made[0].fileno())
    assert status.st_mode & 0o077 == 0
    assert status.st_nlink == 0
    del found
    assert made[0].closed


@MANY
@given(names, names, st.booleans())
def test_a_register_finds_what_a_list_finds(
    given_: list[str], asked: list[str], alike: bool
) -> None:
    """Also when all hashes are the same."""
    with patch.object(register, "hash", (lambda _: 7) if alike else hash, create=True):
        found = Register(given_)

        assert [*found] == given_
        assert [found[at] for at in range(-len(given_), len(given_))] == given_ * 2
        last = {name: at for at, name in enumerate(given_)}
        assert {name: found.place(name) for name in asked} == {n: last.get(n) for n in asked}
        assert [name in found for name in asked] == [name in given_ for name in asked]


hashes = st.lists(st.integers(-(2**63), 2**63 - 1) | st.sampled_from((0, 1, 2**40)), max_size=30)


@MANY
@given(hashes, hashes)
def test_places_find_all_that_have_a_hash(given_: list[int], asked: list[int]) -> None:
    places = Places(given_)
    for one in (*given_, *asked):
        same = [at for at, other in enumerate(given_) if other == one]

        assert places.of(one) == same[::-1]


@MANY
@given(hashes)
def test_what_is_repeated_is_what_is_counted_twice(given_: list[int]) -> None:
    counts = Counter(given_)

    assert repeated(array("q", given_)) == {one for one, count in counts.items() if count > 1}
