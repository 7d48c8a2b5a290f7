"""A filter that minds the case of names, and what stands in for the case that it misses."""

import json
import re
from collections.abc import Mapping
from typing import Any

from reconciler.live.search import Search
from reconciler.scim.errors import TargetRefused
from reconciler.scim.messages import LIST_URN
from reconciler.scim.paths import parse_path
from reconciler.scim.schema import CORE
from reconciler.states import Listing, Resource, ResourceType


class Literal:
    """A service whose filter minds case and refuses quotes; notes what it is asked."""

    def __init__(self, **names: str) -> None:
        self.names, self.asked = names, list[str]()

    def _rows(self) -> list[Resource]:
        return [{"id": each, "userName": name} for each, name in self.names.items()]

    def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
        self.asked.append(query.get("filter", "page"))
        rows = self._rows()
        if "filter" in query:
            [text] = re.findall(r'userName eq (".*")', query["filter"])
            value = json.loads(text)
            if '"' in value:
                raise TargetRefused(400, "unexpected token")
            rows = [row for row in rows if row["userName"] == value]
        return {"schemas": [LIST_URN], "totalResults": len(rows), "Resources": rows}

    def list(self, resource_type: ResourceType) -> Listing:
        self.asked.append("list")
        return Listing(tuple(self._rows()), len(self.names), complete=True)

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        self.asked.append("get")
        return next((row for row in self._rows() if row["id"] == resource_id), None)


def searching(service: Literal) -> Search:
    return Search(service, ResourceType.USER, parse_path("userName"), CORE)


def found(search: Search, name: str) -> list[str]:
    return [row["id"] for row in search.find(name)]


class Forgetful(Literal):
    """A service that finds whomever it likes, once it has been believed."""

    def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
        page = super().page(resource_type, query)
        if "dan@contoso" in query.get("filter", ""):
            page["Resources"] = [{"id": "a", "userName": "ada@contoso"}]
            page["totalResults"] = 1
        return page


def test_f41_whom_nobody_asked_for_is_not_found() -> None:
    service = Forgetful(a="ada@contoso", d="Dan@Contoso")
    search = searching(service)
    assert found(search, "ada@contoso") == ["a"]

    assert found(search, "dan@contoso") == ["d"]
    assert service.asked[-1] == "list"


def test_every_spelling_is_found_and_everybody_is_listed_once() -> None:
    service = Literal(a="Ada@Contoso", b="bob@contoso", c="CLEO@CONTOSO")
    search = searching(service)

    assert found(search, "Ada@Contoso") == ["a"]
    assert found(search, "ADA@CONTOSO") == ["a"]
    assert found(search, "BOB@contoso") == ["b"]
    assert found(search, "cleo@contoso") == ["c"]
    assert found(search, "dan@contoso") == []
    assert service.asked.count("list") == 1


def test_who_comes_later_is_found_as_they_are_written_and_in_lower_case() -> None:
    """Some services keep names in lower case, however they were sent."""
    service = Literal(a="Ada@Contoso")
    search = searching(service)
    assert found(search, "Gus@Contoso") == []

    service.names |= {"g": "gus@contoso", "h": "Hal@Contoso"}

    assert found(search, "Gus@Contoso") == ["g"]
    assert found(search, "Hal@Contoso") == ["h"]


def test_who_is_gone_or_renamed_by_then_is_not_found() -> None:
    service = Literal(a="Ada@Contoso", b="Bob@Contoso", c="Cleo@Contoso")
    search = searching(service)
    assert found(search, "ADA@CONTOSO") == ["a"]

    del service.names["a"]
    service.names["b"] = "robert@contoso"

    assert found(search, "ADA@CONTOSO") == []
    assert found(search, "BOB@CONTOSO") == []


def test_a_value_that_is_refused_is_looked_for_in_the_listing_and_others_are_not() -> None:
    service = Literal(a="ada@contoso", b='o"neill@contoso')
    search = searching(service)

    assert found(search, "ada@contoso") == ["a"]
    before = service.asked.count("list")
    assert found(search, 'O"Neill@contoso') == ["b"]
    assert found(search, "ada@contoso") == ["a"]
    assert service.asked.count("list") == before + 1


def test_a_service_that_was_empty_is_never_listed() -> None:
    """It would change while it is read: everybody is being created."""
    service = Literal()
    search = searching(service)
    assert found(search, "Ada@Contoso") == []

    service.names |= {"a": "Ada@Contoso"}

    assert found(search, "Bob@Contoso") == []
    assert found(search, "Ada@Contoso") == ["a"]
    assert "list" not in service.asked


def test_once_the_filter_has_proved_itself_one_request_is_enough() -> None:
    service = Literal()
    search = searching(service)
    assert found(search, "ADA@CONTOSO") == []
    service.names["7"] = "7"  # has no case that a filter could mind
    assert found(search, "ADA@CONTOSO") == []
    service.asked.clear()

    assert found(search, "ADA@CONTOSO") == []
    assert len(service.asked) == 1


def test_a_look_up_ends_well_although_another_one_learns_something_meanwhile() -> None:
    """Nobody is there at first; while one looks, somebody comes, and case does not count."""

    class Filling(Literal):
        def page(self, resource_type: ResourceType, query: Mapping[str, str]) -> Any:
            if '"gus"' in query.get("filter", "") and not self.names:
                self.names["a"] = "ada"
                assert found(search, "ada") == ["a"]
            small = {k: re.sub('".*"', lambda text: text[0].lower(), v) for k, v in query.items()}
            return super().page(resource_type, small)

    service = Filling()
    search = searching(service)
    search.find("nobody")

    assert found(search, "Gus") == []
