from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from reconciler.apply.halting import Halting
from reconciler.ports import Halted, Target
from reconciler.scim.bulk import BulkOperation
from reconciler.states import ResourceType
from tests.worlds import MemoryTarget

USER = ResourceType.USER
WRITES: dict[str, Callable[[Target], Any]] = {
    "create": lambda target: target.create(USER, {"userName": "ada@contoso.example"}),
    "patch": lambda target: target.patch(USER, "t-1", []),
    "put": lambda target: target.put(USER, "t-1", {"userName": "ada@contoso.example"}),
    "delete": lambda target: target.delete(USER, "t-1"),
    "bulk": lambda target: target.bulk([BulkOperation("DELETE", "/Users", "t-1", None)]),
}


def there() -> MemoryTarget:
    target = MemoryTarget()
    target.add_user("t-1", "eve@contoso.example")
    return target


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_inv_19_nothing_is_sent_once_the_run_is_to_end(write: Callable[[Target], Any]) -> None:
    target, stop = there(), Event()
    stop.set()

    with pytest.raises(Halted):
        write(Halting(target, stop))

    assert target.users == there().users


def test_until_then_everything_is() -> None:
    target = there()
    halting = Halting(target, Event())

    halting.delete(USER, "t-1")
    made = halting.create(USER, {"userName": "ada@contoso.example"})

    assert list(target.users) == [made["id"]]


def test_looking_goes_on() -> None:
    stop = Event()
    stop.set()
    halting = Halting(there(), stop)

    assert halting.get(USER, "t-1") is not None
    assert len(halting.search(USER, "userName", "eve@contoso.example")) == 1
    assert len(halting.list(USER).resources) == 1
    assert halting.discover() == there().discover()
