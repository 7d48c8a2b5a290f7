from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.scim.messages import (
    LIST_URN,
    PATCH_URN,
    ListResponse,
    ServiceProviderConfig,
    patch_body,
)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"schemas": [LIST_URN], "totalResults": 1, "Resources": [{}]}, id="as it is"),
        pytest.param(
            {"Schemas": [LIST_URN.upper()], "totalresults": 1, "resources": [{}]}, id="in any case"
        ),
        pytest.param(
            {"schemas": [LIST_URN], "totalResults": 1, "Resources": [{}], "x": 1}, id="with more"
        ),
    ],
)
def test_a_list_response(answer: dict[str, Any]) -> None:
    page = ListResponse.model_validate(answer)

    assert page.total_results == 1
    assert page.resources == [{}]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="empty object"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
        pytest.param({"totalResults": 0}, id="no schema"),
        pytest.param({"schemas": ["urn:x"], "totalResults": 0, "Resources": []}, id="wrong schema"),
        pytest.param({"schemas": [LIST_URN], "totalResults": 2}, id="counted but not given"),
        pytest.param({"schemas": [LIST_URN]}, id="neither counted nor given"),
        pytest.param({"schemas": [LIST_URN], "totalResults": -1, "Resources": []}, id="negative"),
        pytest.param({"schemas": [LIST_URN], "Resources": {}}, id="Resources is an object"),
        pytest.param({"schemas": [LIST_URN], "Resources": ["a"]}, id="a resource is text"),
        pytest.param({"schemas": LIST_URN, "Resources": []}, id="schemas is text"),
    ],
)
def test_inv_3_what_is_no_list_is_never_an_empty_one(answer: object) -> None:
    with pytest.raises(ValidationError):
        ListResponse.model_validate(answer)


def test_nothing_found_needs_no_resources() -> None:
    page = ListResponse.model_validate({"schemas": [LIST_URN], "totalResults": 0})

    assert page.resources is None


def test_a_service_that_says_nothing_can_do_what_clients_need() -> None:
    config = ServiceProviderConfig.model_validate({})

    assert (config.patch.supported, config.filter.supported) == (True, True)
    assert (config.bulk.supported, config.etag.supported) == (False, False)
    assert (config.pagination.index, config.pagination.cursor) == (True, False)


def test_null_is_the_same_as_silence() -> None:
    config = ServiceProviderConfig.model_validate({"patch": None, "pagination": None})

    assert config == ServiceProviderConfig()


def test_a_patch_body() -> None:
    operation = {"op": "replace", "path": "active", "value": False}

    assert patch_body([operation]) == {"schemas": [PATCH_URN], "Operations": [operation]}
