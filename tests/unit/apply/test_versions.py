"""Versions are sent as long as they prove to mean something."""

from typing import Any

import pytest

from reconciler.apply.versions import Versions


def resource(version: Any, title: str = "Clerk") -> dict[str, Any]:
    return {"id": "1", "title": title, "meta": {"version": version}}


@pytest.mark.parametrize(
    ("declared", "live", "sent"),
    [
        pytest.param(True, resource('W/"1"'), 'W/"1"', id="declared"),
        pytest.param(False, resource('W/"1"'), None, id="not declared"),
        pytest.param(True, {"id": "1"}, None, id="no meta"),
        pytest.param(True, {"id": "1", "meta": "x"}, None, id="meta is text"),
        pytest.param(True, resource(None), None, id="no version"),
        pytest.param(True, resource(""), None, id="an empty version"),
        pytest.param(True, resource(7), None, id="a number"),
    ],
)
def test_a_version_is_sent_where_versions_are_declared(
    declared: bool, live: dict[str, Any], sent: str | None
) -> None:
    assert Versions(declared=declared).of(live) == sent


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        pytest.param(resource("2", "Director"), "2", id="somebody changed it"),
        pytest.param(resource("2"), None, id="nothing but the version differs"),
        pytest.param(resource("1"), None, id="nothing differs"),
    ],
)
def test_f23_a_refusal_without_a_difference_shows_that_versions_mean_nothing(
    now: dict[str, Any], sent: str | None
) -> None:
    versions = Versions(declared=True)

    versions.refused(resource("1"), now)

    assert versions.of(now) == sent
