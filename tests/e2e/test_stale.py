"""
What may change between a plan and its apply, and what voids the review (decision 30).

Staleness of single operations is in :mod:`tests.e2e.test_flags` and the contract suite.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.plan.document import Plan
from reconciler.plan.plan_file import operations_digest, parse_plan, seal
from reconciler.store.plans import encode_plan
from tests.e2e.company import USER_MAPPINGS, Company, Sandbox
from tests.servers import FaultServer

Change = Callable[[Company], None]


def more(**keys: object) -> Change:
    """Return what adds keys to the application."""
    return lambda company: company.application.update(keys)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(more(assignments=[{"user": "ada", "role": "User"}]), id="assignments"),
        pytest.param(more(default_access="include"), id="default access"),
        pytest.param(more(ownership="all"), id="ownership"),
        pytest.param(more(registered_domains=["contoso.example"]), id="domains"),
        pytest.param(more(lifecycle={"leaves_scope": "delete"}), id="lifecycle"),
        pytest.param(
            more(mappings={"users": [*USER_MAPPINGS, {"target": "nickName", "constant": "x"}]}),
            id="mappings",
        ),
    ],
)
def test_a_plan_that_other_rules_decided_is_refused_and_nothing_sent(
    change: Change, company: Company, sandbox: Sandbox
) -> None:
    company.plan()
    change(company)
    company.write()
    sandbox.requests.clear()

    ended = company.apply(code=6)

    assert "has changed since the plan" in ended.err
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(more(safety={"min_admins": 0}), id="a limit"),
        pytest.param(more(display_name="Another"), id="a name"),
        pytest.param(more(notification_email="a@contoso.example"), id="whom to tell"),
        pytest.param(lambda company: company.target.update(concurrency=1), id="the pace"),
        pytest.param(
            lambda company: company.others.update(other={"enabled": False}), id="an application"
        ),
        pytest.param(
            lambda company: company.application.update(
                tests=[{"user": "ada", "expect": {"in_scope": True}}]
            ),
            id="a test",
        ),
    ],
)
def test_what_does_not_decide_may_change(change: Change, company: Company) -> None:
    company.plan()
    change(company)
    company.write()

    assert company.apply().code == 0


def test_a_reference_to_the_secret_may_change(
    company: Company, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    company.plan()
    monkeypatch.setenv("ROTATED", token)
    company.target = {"secret_token": {"env": "ROTATED"}}
    company.write()

    assert company.apply().code == 0


def test_another_source_is_warned_of(company: Company) -> None:
    company.plan()
    company.hire("gus")
    company.write()

    ended = company.apply()

    assert "warning: the source has changed since the plan" in ended.err


def test_another_source_is_refused_where_whatever_is_stale_ends_the_run(
    company: Company, sandbox: Sandbox
) -> None:
    company.plan()
    company.hire("gus")
    company.write()
    sandbox.requests.clear()

    ended = company.apply("--on-stale", "abort", code=6)

    assert "the source has changed since the plan" in ended.err
    assert sandbox.requests == []


def test_a_source_that_is_not_there_is_warned_of(company: Company) -> None:
    company.plan()
    (company.folder / "people.csv").unlink()

    assert "the source cannot be read here" in company.apply().err


def test_a_plan_that_was_applied_stays_applied_whatever_changed(company: Company) -> None:
    company.settle()
    company.application["default_access"] = "include"
    company.write()

    assert "was applied before" in company.apply().out


def test_a_run_that_was_begun_is_finished_whatever_changed(company: Company) -> None:
    company.plan()
    company.apply()
    path = company.newest().with_name(company.newest().name.replace(".plan.json", ".journal.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))  # as if it had been killed before its end
    company.application["default_access"] = "include"
    company.hire("gus")
    company.write()

    assert company.apply().code == 0


def doctored(plan: Plan, url: str) -> Plan:
    """Return *plan* for another address, with digests that fit."""
    body = plan.body
    made = replace(
        body,
        target=replace(body.target, tenant_url=url),
        operations_digest=operations_digest(body.application, url, body.operations),
    )
    return seal(made, plan.header)


def test_ruling_17_a_doctored_plan_cannot_send_our_token_elsewhere(company: Company) -> None:
    company.plan()
    plan = parse_plan(company.newest().read_bytes())
    with FaultServer() as stranger:
        path = company.folder / "doctored.json"
        path.write_bytes(encode_plan(doctored(plan, stranger.url)))
        assert json.loads(path.read_bytes())["digest"] != plan.digest

        ended = company.run("apply", "--auto-approve", path)

        assert ended.code == 6
        assert "the configuration says" in ended.err
        assert stranger.requests == []
