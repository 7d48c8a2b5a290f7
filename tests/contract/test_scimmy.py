"""
What is true of SCIMMY alone: on express 5 every page is the first one, so nothing is written.

On express 4 its filter minds the case of names, so whoever is to be created is
looked for as they are written; who is called the same in another case is known
from a listing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.live.client import ScimTarget
from reconciler.states import ResourceType
from tests.contract.firm import Firm, Person, look
from tests.e2e.company import TOKEN_NAME, account
from tests.proxy import recorded
from tests.scimmy import scimmy_server
from tests.servers import TOKEN, FaultServer, open_target

pytestmark = pytest.mark.servers

PAGE = 20
"""Resources on a page where nobody says how many."""


@pytest.fixture
def express5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """SCIMMY on express 5, behind something that keeps the requests."""
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    with scimmy_server(tmp_path, 5) as url, recorded(url) as proxy:
        yield proxy


def firm_of(folder: Path, url: str, size: int, **options: int) -> Firm:
    """Return a firm that wants *size* accounts."""
    firm = Firm(folder / "firm", url, target=dict(options))
    firm.becomes([Person(f"p{n:02}", {}, {}, [], {}) for n in range(size)], [], 1)
    return firm


def fill(target: ScimTarget, size: int) -> None:
    """Let somebody else make *size* accounts."""
    for number in range(size):
        target.create(ResourceType.USER, account(f"local{number}@vendor.example"))


def test_pages_that_repeat_make_no_plan(express5: FaultServer, tmp_path: Path) -> None:
    firm = firm_of(tmp_path, express5.url, 3)
    with open_target(express5.url) as target:
        fill(target, PAGE + 1)
    firm.write()
    express5.requests.clear()

    ended = firm.run("plan", "app")

    assert ended.code == 9
    assert "page 2 repeats a resource that was listed already" in ended.text
    assert not firm.store.exists()
    assert express5.writes == []


def test_a_plan_from_before_the_pages_repeated_is_not_applied(
    express5: FaultServer, tmp_path: Path
) -> None:
    firm = firm_of(tmp_path, express5.url, 3)
    firm.plan()
    with open_target(express5.url) as target:
        fill(target, PAGE + 1)
    express5.requests.clear()

    ended = firm.apply(code=9)

    assert "page 2 repeats a resource that was listed already" in ended.text
    assert express5.writes == []


def test_as_long_as_everybody_is_on_one_page_it_is_complete(
    express5: FaultServer, tmp_path: Path
) -> None:
    firm = firm_of(tmp_path, express5.url, 3, concurrency=1)
    with open_target(express5.url) as target:
        firm.settle()

        assert set(look(target).people) == {"p00", "p01", "p02"}
    firm.plan()
    assert firm.operations() == []


def test_many_are_created_at_the_same_time_where_the_filter_minds_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    with scimmy_server(tmp_path, 4) as url:
        firm = firm_of(tmp_path, url, 60, concurrency=8)

        firm.settle()


def test_a_create_costs_the_same_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    with scimmy_server(tmp_path, 4) as url, recorded(url) as proxy:
        with open_target(url) as target:
            fill(target, 250)
        firm = firm_of(tmp_path, proxy.url, 20, concurrency=1)
        firm.plan()
        proxy.requests.clear()

        firm.apply()

    lists = [seen for seen in proxy.asked("/Users") if seen.method == "GET"]
    assert len(lists) <= 20 + 10
