"""One filter for many values: what it finds, and when it is not believed."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from reconciler.live.search import Search
from reconciler.live.several import LONG, VALUES, Several
from reconciler.profiles.reading import Filter
from reconciler.scim.errors import TargetBroken, TargetError, TargetRefused
from reconciler.scim.messages import LIST_URN
from reconciler.scim.paths import parse_path
from reconciler.scim.schema import CORE
from reconciler.states import Listing, Resource, ResourceType

PEOPLE = [f"user{number}@contoso.example" for number in range(120)]
NOBODY = [f"nobody{number}@contoso.example" for number in range(120)]

Reading = Callable[[Sequence[str]], Sequence[str]]
"""What a service reads of the values that a filter for several of them names."""


class Service:
    """A service with an honest filter for one value; of one for several, *reads* some."""

    def __init__(self, reads: Reading = lambda values: values, people: Sequence[str] = PEOPLE):
        self.reads = reads
        self.people = list(people)
        self.longest = 100
        self.too_long = 414
        self.shows = 1_000
        self.minds_case = False
        self.fails: TargetError | None = None
        self.sizes: list[int] = []
        """How many values each filter for several had."""
        self.asked = 0

    def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
        self.asked += 1
        values = [json.loads(each) for each in re.findall(r'"[^"]*"', query.get("filter", ""))]
        rows = [{"id": name, "userName": name} for name in self.people]
        if values:
            key = str if self.minds_case else str.lower
            read = {key(each) for each in self._read(values)}
            rows = [row for row in rows if key(row["userName"]) in read][: self.shows]
        return {"schemas": [LIST_URN], "totalResults": len(rows), "Resources": rows}

    def _read(self, values: Sequence[str]) -> Sequence[str]:
        if len(values) == 1:
            return values
        self.sizes.append(len(values))
        if self.fails is not None:
            raise self.fails
        if len(values) > self.longest:
            raise TargetRefused(self.too_long)
        return self.reads(values)

    def list(self, resource_type: ResourceType) -> Listing:
        raise AssertionError("nobody may be listed")

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        raise AssertionError("nobody may be read")


def several(service: Service, most: int | None = None, known: Filter | None = None) -> Several:
    search = Search(service, ResourceType.USER, parse_path("userName"), CORE, known or Filter())
    return Several(search, most, counts=True)


def found(asking: Several, values: Sequence[str]) -> list[list[str] | None]:
    rows = asking.find(values)
    return [None if each is None else [row["id"] for row in each] for each in rows]


def test_each_value_gets_its_own_answer_from_few_requests() -> None:
    service = Service()
    asking = several(service)
    asking.find(PEOPLE[:2])
    before = service.asked

    assert found(asking, [NOBODY[0], *PEOPLE[:98], NOBODY[1]]) == [
        [],
        *([name] for name in PEOPLE[:98]),
        [],
    ]
    assert service.asked - before == 1


def test_case_does_not_matter_where_it_does_not_count() -> None:
    assert found(several(Service()), ["USER7@Contoso.Example", NOBODY[0]]) == [[PEOPLE[7]], []]


LIES: dict[str, Reading] = {
    "the first alone": lambda values: values[:1],
    "the last alone": lambda values: values[-1:],
    "no more than ten": lambda values: values[:10],
    "or as and": lambda values: [],
    "nothing, and everybody is found": lambda values: PEOPLE,
}


@pytest.mark.parametrize("name", LIES)
def test_f41_a_filter_that_reads_something_else_is_tried_once_and_not_used(name: str) -> None:
    service = Service(LIES[name])
    asking = several(service)

    assert found(asking, NOBODY[:20]) == [None] * 20
    before = service.asked
    assert found(asking, PEOPLE[:5]) == [None] * 5
    assert service.asked == before


def test_f41_a_filter_that_is_read_to_its_thirtieth_value_gets_no_more_than_twenty() -> None:
    service = Service(lambda values: values[:30])

    assert found(several(service), PEOPLE[:60]) == [[name] for name in PEOPLE[:60]]
    assert max(service.sizes[4:]) == VALUES[2]


@pytest.mark.parametrize("status", [400, 404, 413, 414, 431, 501])
def test_a_service_that_refuses_long_filters_gets_shorter_ones(status: int) -> None:
    service = Service()
    service.longest, service.too_long = VALUES[1], status

    assert found(several(service), PEOPLE[:40]) == [[name] for name in PEOPLE[:40]]
    assert service.sizes == [VALUES[0], VALUES[1], VALUES[1], 40]


MANY = [*PEOPLE, *NOBODY[:60]]
NAMED = [*([name] for name in PEOPLE), *([] for _ in NOBODY[:60])]


def test_a_longer_filter_is_tried_once_more_are_looked_for() -> None:
    service = Service()
    service.longest = LONG
    asking = several(service)

    assert found(asking, PEOPLE[:100]) == NAMED[:100]
    assert service.sizes == [100, 100, 100]
    assert found(asking, MANY) == NAMED
    assert service.sizes[3:] == [LONG, LONG, len(MANY)]
    assert found(asking, MANY) == NAMED
    assert service.sizes[6:] == [len(MANY)]


REASONS: dict[str, Reading] = {
    "refused": lambda values: refused(TargetRefused(414)),
    "a breakdown": lambda values: refused(TargetBroken(502)),
    "the first alone": lambda values: values[:1],
    "read no further": lambda values: values[:150],
    "everybody": lambda values: PEOPLE,
}
"""Why a longer filter is not used: what a service reads of it."""


def refused(error: TargetError) -> Sequence[str]:
    raise error


@pytest.mark.parametrize("name", REASONS)
def test_f41_a_longer_filter_that_is_no_good_changes_nothing(name: str) -> None:
    def reads(values: Sequence[str]) -> Sequence[str]:
        return REASONS[name](values) if len(values) == LONG else values

    service = Service(reads)
    service.longest = LONG
    asking = several(service)

    assert found(asking, MANY) == NAMED
    assert found(asking, MANY) == NAMED
    assert 1 <= service.sizes.count(LONG) <= 2
    assert max(size for size in service.sizes if size != LONG) == VALUES[0]


def test_no_longer_filter_is_tried_than_the_service_returns_rows() -> None:
    service = Service()
    service.longest = LONG

    assert found(several(service, most=120), MANY) == NAMED
    assert max(service.sizes) == 120


def test_no_filter_is_longer_than_one_that_was_tried() -> None:
    """Long names make it fewer values."""
    long = [f"{'x' * 200}{number}@contoso.example" for number in range(50)]
    service = Service(people=[*PEOPLE, *long])

    assert found(several(service), long) == [[name] for name in long]
    assert max(service.sizes[2:]) < 30


def test_no_more_values_are_named_than_the_service_returns_rows() -> None:
    service = Service()

    assert found(several(service, most=7), PEOPLE[:21]) == [[name] for name in PEOPLE[:21]]
    assert set(service.sizes) == {7}


def test_where_nobody_is_nobody_has_any_of_the_values() -> None:
    service = Service(people=[])

    assert found(several(service), PEOPLE[:5]) == [[]] * 5
    assert service.sizes == []


def test_a_filter_that_minds_case_is_asked_for_one_value_at_a_time() -> None:
    service = Service()

    assert found(several(service, known=Filter(case_sensitive=True)), PEOPLE[:5]) == [None] * 5
    assert service.sizes == []


def test_f41_whom_nobody_asked_for_ends_it() -> None:
    service = Service()
    asking = several(service)
    assert found(asking, PEOPLE[:2]) == [[PEOPLE[0]], [PEOPLE[1]]]

    service.reads = lambda values: [*values, PEOPLE[9]]

    assert found(asking, PEOPLE[:2]) == [None, None]
    assert found(asking, PEOPLE[:2]) == [None, None]
    assert service.sizes.count(2) == 2


def test_a_service_that_breaks_down_is_not_asked_so_again() -> None:
    service = Service()
    service.fails = TargetBroken(500)
    asking = several(service)

    assert found(asking, PEOPLE[:2]) == [None, None]
    service.fails = None
    assert found(asking, PEOPLE[:2]) == [None, None]
    assert len(service.sizes) == 1


def test_what_cannot_be_sent_is_left_out() -> None:
    assert found(several(Service()), ["\ud800", PEOPLE[0], PEOPLE[1]]) == [
        None,
        [PEOPLE[0]],
        [PEOPLE[1]],
    ]
