import json
from typing import Any

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.live.saved import dump_live, load_live
from reconciler.scim.capabilities import Capabilities
from reconciler.states import Listing, LiveState

CAPABILITIES = Capabilities.from_discovery({"patch": {"supported": True}}, None, None)
WHOLE = Listing(({"id": "1", "userName": "Zoë"}, {"id": "2"}), 2, complete=True)
PART = Listing(({"id": "1"},), 9, complete=False, problem="page 2 repeats a resource")


@pytest.mark.parametrize(
    "live",
    [
        pytest.param(LiveState(CAPABILITIES, WHOLE, WHOLE), id="whole"),
        pytest.param(LiveState(CAPABILITIES, WHOLE, None), id="without groups"),
        pytest.param(LiveState(CAPABILITIES, PART, PART), id="incomplete"),
        pytest.param(
            LiveState(Capabilities.from_discovery(None, None, None), WHOLE, None), id="RFC"
        ),
        pytest.param(
            LiveState(CAPABILITIES, Listing((), None, complete=True), None),
            id="no total, by cursor",
        ),
    ],
)
def test_what_was_saved_comes_back(live: LiveState) -> None:
    assert load_live(dump_live(live)) == live


def test_the_same_state_gives_the_same_bytes() -> None:
    turned = Listing(({"userName": "Zoë", "id": "1"}, {"id": "2"}), 2, complete=True)

    assert dump_live(LiveState(CAPABILITIES, turned, None)) == dump_live(
        LiveState(CAPABILITIES, WHOLE, None)
    )


def changed(**listing: Any) -> bytes:
    saved = json.loads(dump_live(LiveState(CAPABILITIES, WHOLE, None)))
    saved["users"].update(listing)
    return json.dumps(saved).encode()


def replaced(**top: Any) -> bytes:
    saved = json.loads(dump_live(LiveState(CAPABILITIES, WHOLE, None)))
    return json.dumps({**saved, **top}).encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"users: []", id="YAML"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b'{"format_version": 1, "format_version": 1}', id="a key twice"),
        pytest.param(replaced(format_version=2), id="a later format"),
        pytest.param(replaced(format_version="1"), id="a version in quotes"),
        pytest.param(replaced(extra=1), id="an unknown key"),
        pytest.param(replaced(capabilities={"patch": True}), id="other capabilities"),
        pytest.param(replaced(users=None), id="no users"),
        pytest.param(changed(complete=False), id="incomplete for no reason"),
        pytest.param(changed(problem="page 2"), id="complete with a problem"),
        pytest.param(changed(complete="yes"), id="a word for a boolean"),
        pytest.param(changed(total_results=3), id="a total that is not the number"),
        pytest.param(changed(resources=[{"id": "1"}, {"id": "1"}]), id="an id twice"),
        pytest.param(changed(resources=[{"id": "1"}, {"id": ".."}]), id="an id that is a path"),
        pytest.param(changed(resources=[{"id": "1"}, {"id": ["2"]}]), id="an id that is a list"),
        pytest.param(changed(resources=[{"id": "1"}, "2"]), id="a resource that is text"),
    ],
)
def test_nonsense_is_refused_with_a_diagnostic(data: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        load_live(data)

    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["bad-live-file"]
