"""Which approvals are believed, and which guards they let pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.config.trust import Role
from reconciler.plan.document import Plan, PlanTarget, Verdict
from reconciler.plan.plan_file import seal
from reconciler.signing.admission import Case, Presented, admitted, examine, repeated
from reconciler.signing.approval import Approval, ApprovalUnfit, By, Wanted, approve, read_approval
from reconciler.signing.keys import Signer, Trusted
from tests.plans import make_plan
from tests.signing import key_of, trusting

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BLOCKED = Verdict("accidental_deletions", 24, 200, 10, True, "24 of 200")
HOUR = timedelta(hours=1)
NOBODY = trusting()
KEYS: dict[str, tuple[Role, ...]] = {"grace": ("approver",), "heidi": ("approver", "planner")}


def blocked(*more: Verdict, author: str | None = "ada") -> Plan:
    plan = make_plan(guards=[BLOCKED, *more])
    return seal(plan.body, replace(plan.header, author=author))


def given(
    plan: Plan,
    trust: Trusted = NOBODY,
    who: str = "grace",
    planner: Signer | None = None,
    **wanted: Any,
) -> bytes:
    """Return the approval of what blocks *plan*."""
    asked = Wanted(**{"guard": BLOCKED.id, "count": BLOCKED.count, "reason": "HR-4711", **wanted})
    key = key_of(who) if trust.signers else None
    return approve(plan, planner, asked, trust, By(who, key, NOW, bytes(16)))


def presented(plan: Plan, *files: bytes, trust: Trusted = NOBODY, **case: Any) -> Presented:
    named = [(f"file {number}", data) for number, data in enumerate(files, 1)]
    return examine(named, Case(**{"plan": plan, "planner": None, "now": NOW, **case}), trust)


def let_pass(plan: Plan, found: Presented, *fresh: Verdict) -> dict[str, Approval]:
    return admitted(fresh or plan.body.guards, plan, found)


def refused(plan: Plan, found: Presented, *fresh: Verdict) -> str:
    with pytest.raises(ApprovalUnfit) as caught:
        let_pass(plan, found, *fresh)
    return str(caught.value)


def test_what_fits_lets_its_guard_pass() -> None:
    plan = blocked()

    (found,) = let_pass(plan, presented(plan, given(plan))).values()
    assert (found.guard, found.count, found.approver, found.reason) == (
        BLOCKED.id,
        24,
        "grace",
        "HR-4711",
    )


def test_with_none_nothing_passes_and_nothing_is_refused() -> None:
    plan = blocked()

    assert let_pass(plan, presented(plan)) == {}


def test_another_guard_does_not_pass_with_it() -> None:
    other = replace(BLOCKED, id="delete_users")
    plan = blocked(other)

    assert set(let_pass(plan, presented(plan, given(plan)))) == {BLOCKED.id}


@pytest.mark.parametrize(
    ("count", "said"),
    [
        pytest.param(24, None, id="the same"),
        pytest.param(23, None, id="milder: something is stale"),
        pytest.param(25, "it approves 24 for accidental_deletions, and now it is 25", id="worse"),
        pytest.param(10, "could not judge", id="blocks for another reason"),
    ],
)
def test_fresh_counts(count: int, said: str | None) -> None:
    plan = blocked()
    found, fresh = presented(plan, given(plan)), replace(BLOCKED, count=count)

    if said is None:
        assert let_pass(plan, found, fresh)
    else:
        assert said in refused(plan, found, fresh)


@pytest.mark.parametrize(("count", "passes"), [(1, True), (2, True), (0, False)])
def test_fewer_administrators_are_worse(count: int, passes: bool) -> None:
    admins = Verdict("min_admins", 1, 4, 3, True, "1 of 3 needed")
    plan = blocked(admins)
    found = presented(plan, given(plan, guard="min_admins", count=1))

    fresh = replace(admins, count=count)
    if passes:
        assert set(let_pass(plan, found, fresh)) == {"min_admins"}
    else:
        refused(plan, found, fresh)


def test_a_plan_whose_verdict_was_doctored_does_not_fit_what_was_approved() -> None:
    plan = blocked()
    body = replace(plan.body, guards=(replace(BLOCKED, count=200),))
    doctored = seal(body, plan.header)

    assert "and the plan has 200" in refused(doctored, presented(doctored, given(plan)))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        pytest.param(timedelta(0), None, id="at once"),
        pytest.param(timedelta(hours=24, seconds=-1), None, id="in its last second"),
        pytest.param(timedelta(hours=24), "it expired at 2026-11-24T12:00:00Z", id="over"),
        pytest.param(timedelta(minutes=-5), None, id="our clock is five minutes late"),
        pytest.param(timedelta(minutes=-5, seconds=-1), "and not yet", id="and a second"),
    ],
)
def test_the_time_of_an_approval(after: timedelta, said: str | None) -> None:
    plan = blocked()
    found = presented(plan, given(plan), now=NOW + after)

    if said is None:
        assert let_pass(plan, found)
    else:
        assert said in refused(plan, found)


def test_what_the_approver_says_of_the_time_is_not_more_than_the_configuration_does() -> None:
    plan = blocked()
    long = given(plan, trusting(approvals_expire="90d"))

    assert "it expired at" in refused(plan, presented(plan, long, now=NOW + timedelta(days=2)))


def test_one_that_another_plan_has_used_is_refused() -> None:
    plan = blocked()
    data = given(plan)
    used = {read_approval(data, "", NOBODY).sha256: "f" * 64}

    assert "it was used by the plan ffffffffffff" in refused(plan, presented(plan, data, used=used))


def test_the_plan_that_has_used_it_goes_on_with_it_after_its_time() -> None:
    plan = blocked()
    data = given(plan)
    used = {read_approval(data, "", NOBODY).sha256: plan.digest}

    assert let_pass(plan, presented(plan, data, used=used, now=NOW + timedelta(days=3)))


def test_of_two_the_good_one_counts() -> None:
    plan = blocked()
    early = presented(plan, given(plan), b"{", given(plan)[:-2], now=NOW)

    assert let_pass(plan, early)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"application": "other-app"}, id="application"),
        pytest.param({"target": PlanTarget("https://other.example/v2", "generic", "c" * 64)},
                     id="tenant"),
    ],
)  # fmt: skip
def test_one_for_another_target_is_refused_also_under_the_digest_of_these_operations(
    changes: dict[str, Any],
) -> None:
    plan = blocked()
    forged = seal(replace(plan.body, **changes), plan.header)

    assert "it is for " in refused(plan, presented(plan, given(forged)))


@pytest.mark.parametrize(
    ("hours", "wanted", "same"),
    [
        pytest.param(0, {}, True, id="at once"),
        pytest.param(1, {}, False, id="good for longer"),
        pytest.param(0, {"reason": "HR-4712"}, False, id="another reason"),
        pytest.param(0, {"who": "heidi"}, False, id="somebody else"),
    ],
)
def test_what_is_approved_again(hours: int, wanted: dict[str, Any], same: bool) -> None:
    plan = blocked()
    who, said = wanted.get("who", "grace"), Wanted(BLOCKED.id, 24, wanted.get("reason", "HR-4711"))
    data = approve(plan, None, said, NOBODY, By(who, None, NOW + hours * HOUR, bytes(15) + b"1"))

    known = repeated(read_approval(data, "again", NOBODY), presented(plan, given(plan)))

    assert (known is not None) is same
    assert known is None or known.place == "file 1"


class TestOfAnotherPlan:
    """The same guard of the same application, and other operations."""

    @pytest.fixture
    def other(self) -> bytes:
        plan = make_plan([], guards=[BLOCKED])
        return given(seal(plan.body, replace(plan.header, author="ada")))

    def test_it_does_not_fit(self, other: bytes) -> None:
        plan = blocked()

        assert "it is for the operations" in refused(plan, presented(plan, other))

    def test_one_that_is_over_says_nothing(self, other: bytes) -> None:
        plan = blocked()

        assert let_pass(plan, presented(plan, other, now=NOW + timedelta(hours=24))) == {}

    def test_one_that_was_used_says_nothing(self, other: bytes) -> None:
        plan = blocked()
        used = {read_approval(other, "", NOBODY).sha256: "f" * 64}

        assert let_pass(plan, presented(plan, other, used=used)) == {}

    def test_one_of_another_guard_says_nothing(self, other: bytes) -> None:
        plan = make_plan(guards=[replace(BLOCKED, id="delete_users")])

        assert let_pass(plan, presented(plan, other)) == {}


class TestWhoApproves:
    def test_by_name_whoever_runs_the_command(self) -> None:
        plan = blocked()

        assert let_pass(plan, presented(plan, given(plan, who="anybody")))

    def test_nobody_else_with_a_key_in_the_name_of_an_approver(self) -> None:
        plan, trust = blocked(), trusting(KEYS)
        asked = Wanted(BLOCKED.id, BLOCKED.count, "HR-4711")
        by = By("heidi", key_of("grace"), NOW, bytes(16))
        data = approve(plan, None, asked, trust, by)

        said = refused(plan, presented(plan, data, trust=trust))
        assert "it is in the name of heidi, and grace signed it" in said

    @pytest.mark.parametrize("author", ["grace", "GRACE", None])
    def test_the_author_cannot_where_the_file_says_so(self, author: str | None) -> None:
        plan, trust = blocked(author=author), trusting(approver_not_author=True)
        data = given(plan)

        refused(plan, presented(plan, data, trust=trust))
        with pytest.raises(ApprovalUnfit):
            given(plan, trust)

    def test_whoever_signed_the_plan_cannot_either(self) -> None:
        plan, trust = blocked(), trusting(KEYS, approver_not_author=True)
        planner = next(one for one in trust.signers.values() if one.name == "heidi")
        data = given(plan, trust, who="heidi")

        assert let_pass(plan, presented(plan, data, trust=trust))
        assert "heidi made this plan" in refused(
            plan, presented(plan, data, trust=trust, planner=planner)
        )


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param({"count": 23}, "is 24, not 23", id="too few"),
        pytest.param({"count": 25}, "is 24, not 25", id="too many"),
        pytest.param(
            {"guard": "delete_users"}, r"blocked by accidental_deletions \(24\)", id="passes"
        ),
        pytest.param({"reason": " "}, "a reason is text", id="no reason"),
        pytest.param({"reason": "…"}, "a reason is text", id="as it was printed"),
        pytest.param({"reason": "x" * 1001}, "a reason is text", id="a document"),
        pytest.param({"reason": "\udcff"}, "a reason is text", id="not text"),
    ],
)
def test_what_is_refused_at_once(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(ApprovalUnfit, match=said):
        given(blocked(), **wanted)


def test_two_approvals_of_the_same_are_two() -> None:
    plan, asked = blocked(), Wanted(BLOCKED.id, BLOCKED.count, "HR-4711")
    one, other = (
        approve(plan, None, asked, NOBODY, By("grace", None, NOW, bytes([n] * 16))) for n in (1, 2)
    )

    assert read_approval(one, "", NOBODY).sha256 != read_approval(other, "", NOBODY).sha256
