import json
from typing import Any

import pytest

from reconciler.scim.capabilities import Capabilities, CapabilitiesError
from reconciler.scim.paths import parse_path
from reconciler.scim.schema import CORE_URN

CONFIG: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": True, "maxOperations": 100},
    "filter": {"supported": True, "maxResults": 200},
    "etag": {"supported": True},
    "pagination": {"cursor": True, "index": False, "maxPageSize": 50},
    "meta": {"location": "https://a.example/ServiceProviderConfig", "version": "1"},
}
SCHEMAS: list[dict[str, Any]] = [
    {"id": CORE_URN["User"], "attributes": [{"name": "userName", "caseExact": True}]},
    {"id": CORE_URN["Group"], "attributes": []},
]
TYPES: list[dict[str, Any]] = [{"name": "User", "schema": CORE_URN["User"]}]


def test_what_the_service_says() -> None:
    found = Capabilities.from_discovery(CONFIG, SCHEMAS, TYPES)
    user_name = found.schemas.of("User", parse_path("userName"))

    assert (found.patch, found.bulk, found.filter, found.etag) == (True, True, True, True)
    assert (found.filter_max_results, found.max_page_size) == (200, 50)
    assert (found.cursor_paging, found.index_paging) == (True, False)
    assert found.missing == ()
    assert user_name is not None
    assert user_name.case_exact is True


def test_without_discovery_the_standard_stands_and_the_gap_is_recorded() -> None:
    found = Capabilities.from_discovery(None, None, None)

    assert (found.patch, found.filter, found.bulk, found.etag) == (True, True, False, False)
    assert (found.index_paging, found.cursor_paging, found.max_page_size) == (True, False, None)
    assert found.missing == ("ServiceProviderConfig", "Schemas", "ResourceTypes")


def test_a_service_that_denies_both_ways_of_paging_is_paged_by_index() -> None:
    found = Capabilities.from_discovery(
        {"pagination": {"cursor": False, "index": False}}, None, None
    )

    assert found.index_paging is True


def test_zero_is_no_limit() -> None:
    found = Capabilities.from_discovery({"filter": {"maxResults": 0}}, None, None)

    assert found.filter_max_results is None


def test_the_digest_does_not_depend_on_meta_or_order() -> None:
    config = {**CONFIG, "meta": {"version": "2", "lastModified": "2026-01-01T00:00:00Z"}}
    one = Capabilities.from_discovery(CONFIG, SCHEMAS, TYPES)
    other = Capabilities.from_discovery(dict(reversed(config.items())), SCHEMAS[::-1], TYPES)

    assert one.digest == other.digest
    assert len(one.digest) == 64


@pytest.mark.parametrize(
    ("config", "schemas", "types"),
    [
        pytest.param({**CONFIG, "patch": {"supported": False}}, SCHEMAS, TYPES, id="a capability"),
        pytest.param(CONFIG, SCHEMAS[:1], TYPES, id="a schema"),
        pytest.param(CONFIG, SCHEMAS, [], id="a resource type"),
        pytest.param(CONFIG, SCHEMAS, None, id="no resource types at all"),
    ],
)
def test_inv_5_the_digest_tells_services_apart(config: Any, schemas: Any, types: Any) -> None:
    here = Capabilities.from_discovery(CONFIG, SCHEMAS, TYPES)
    there = Capabilities.from_discovery(config, schemas, types)

    assert here.digest != there.digest


@pytest.mark.parametrize(
    "documents", [(CONFIG, SCHEMAS, TYPES), (None, None, None)], ids=["all", "none"]
)
def test_saved_capabilities_come_back_as_they_were(documents: tuple[Any, Any, Any]) -> None:
    found = Capabilities.from_discovery(*documents)

    assert Capabilities.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param([], id="a list"),
        pytest.param({"patch": True}, id="an unknown key"),
        pytest.param({"ServiceProviderConfig": []}, id="a list for an object"),
        pytest.param({"Schemas": {}}, id="an object for a list"),
        pytest.param({"ResourceTypes": ["User"]}, id="a list of texts"),
        pytest.param({"ServiceProviderConfig": {"patch": "yes"}}, id="a word for a capability"),
    ],
)
def test_nonsense_is_refused(nonsense: Any) -> None:
    with pytest.raises(CapabilitiesError):
        Capabilities.from_json(nonsense)
