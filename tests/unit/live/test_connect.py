"""A target is made of what the configuration says, and of what is known of its kind."""

import json

import pytest

from reconciler.config.model import Target
from reconciler.live.client import connect
from reconciler.profiles import GENERIC, Profile
from reconciler.scim.errors import OnHold
from reconciler.states import ResourceType
from reconciler.testing import Reply, Request
from tests.servers import TOKEN, FakeClock, FaultServer


def known(requests_per_second: int | None) -> Profile:
    limits = {} if requests_per_second is None else {"requests_per_second": requests_per_second}
    return Profile.model_validate_json(json.dumps({"limits": limits}))


@pytest.mark.parametrize(
    ("configured", "profile", "held_back"),
    [
        pytest.param(0, None, False, id="no limit at all"),
        pytest.param(10_000, None, False, id="a high one in the configuration"),
        pytest.param(0, 1, True, id="only the profile has one"),
        pytest.param(10_000, 1, True, id="the profile's is lower"),
        pytest.param(1, 10_000, True, id="the configuration's is lower"),
        pytest.param(1, None, True, id="only the configuration has one"),
    ],
)
def test_the_lower_pace_holds(configured: int, profile: int | None, held_back: bool) -> None:
    clock = FakeClock()
    with FaultServer() as server:
        wanted = Target.model_validate(
            {
                "tenant_url": server.url,
                "secret_token": {"env": "TOKEN"},
                "rate_limit": configured,
            }
        )
        with connect(wanted, TOKEN, clock, known(profile)) as target:
            for _ in range(8):
                target.get(ResourceType.USER, "u1")

    assert bool(clock.waits) is held_back


def test_a_target_has_the_profile_that_it_was_made_with() -> None:
    wanted = Target.model_validate(
        {"tenant_url": "https://crm.example", "secret_token": {"env": "TOKEN"}}
    )

    with (
        connect(wanted, TOKEN, FakeClock()) as one,
        connect(wanted, TOKEN, FakeClock(), known(3)) as other,
    ):
        assert one.profile == GENERIC
        assert other.profile == known(3)


def test_how_long_and_by_what_the_service_asks_to_wait_is_said_by_the_profile() -> None:
    limits = {"retry_after": ["Come-Back"], "max_wait_seconds": 50}
    profile = Profile.model_validate_json(json.dumps({"limits": limits}))
    waits = iter(["40", "60"])

    def answer(request: Request) -> Reply | None:
        said = {"Retry-After": "1000", "Come-Back": next(waits)}
        return Reply(b"", 429, None, said)

    clock = FakeClock()
    with FaultServer(answer=answer) as server:
        wanted = Target.model_validate(
            {"tenant_url": server.url, "secret_token": {"env": "TOKEN"}, "rate_limit": 0}
        )
        with (
            connect(wanted, TOKEN, clock, profile) as target,
            pytest.raises(OnHold, match="to wait 60 s would be more than the 50 s"),
        ):
            target.get(ResourceType.USER, "u1")

    assert clock.waits[0] == 40
