"""
What a plan makes of a service that misbehaves while it is read.

A listing is complete or it is not. Where a fault can be seen through, the plan is
the honest one, operation by operation; everywhere else there is none, the exit
code says why, and the message names the page and the rule. Nothing is written.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.states import ResourceType
from reconciler.testing import Inject
from reconciler.testing.schedule import Line
from tests.contract.matrix import (
    Operations,
    Reading,
    check_reading,
    prepare,
    row,
)
from tests.contract.trial import Trial, hire, promote, purge
from tests.e2e.company import GROUP_MAPPINGS, USER_MAPPINGS, account
from tests.servers import open_target

WISHED: Operations = [
    ("create", "gus@contoso.example"),
    ("update", "ada@contoso.example"),
    ("add_members", "staff"),
    ("remove_members", "sales"),
    ("remove_members", "staff"),
    ("delete", "dan@contoso.example"),
]
"""What an honest service leads to: somebody comes, somebody changes, somebody goes."""

PEOPLE = "/Users"
PAGE_2 = "page 2 of the listing could not be had"


def users(fault: str, **more: Any) -> Inject:
    """Inject a fault into requests for users."""
    return Inject(fault, path=PEOPLE, **more)


NO_GROUPS = Inject("nobody", path="/Groups")
KNOWN = "and by our journals {} of ours are there: is it the right tenant"


def small(*faults: Line) -> tuple[Line, ...]:
    """Return a schedule under which everything comes in small pages."""
    return (*faults, "small-pages")


def throttled() -> Iterator[Any]:
    for name in ("throttled", "throttled-x", "throttled-reset", "throttled-date", "unavailable"):
        yield row(Reading((users(name, nth=1),), least=1.0), "F01 F02 F04")
    for name in ("past-date", "bare", "nonsense", "negative"):
        yield row(Reading((users(f"throttled-{name}", nth=1),), least=0.5), "F02 F03")
    for code in (500, 502, 503, 504):
        yield row(Reading((users(f"status-{code}", nth=range(1, 4)),), least=3.0), "F04")


def lost_once() -> Iterator[Any]:
    for name in ("hang-up", "reset"):
        yield row(Reading((users(name, nth=1),)), "F06")
    yield row(Reading((users("silent", nth=1),)), "F08")
    for name in ("slow-head", "slow-body"):
        yield row(Reading((users(name, nth=1),)), "F09")
    for name in ("half-head", "half-body", "length-too-high", "bad-chunk"):
        yield row(Reading((users(name, nth=1),)), "F10")


SEEN_THROUGH = [
    *throttled(),
    *lost_once(),
    row(Reading(("gzip",)), "F12"),
    row(Reading(small()), "F38"),
    row(Reading(("count-ignored",)), "F38"),
    row(Reading(small("count-broken")), "F38"),
    row(Reading(small("count-refused")), "F38"),
    row(Reading(small("first-page-past-the-end")), "F36"),
    row(Reading(small("unasked-cursors")), "F36"),
    row(Reading(small("cursor-expires-once", "unasked-cursors")), "F36"),
    row(Reading(("names-in-capitals",)), "F43"),
    row(Reading(("active-as-text",)), "F45"),
    row(Reading(("active-missing",)), "F45"),
    row(Reading(("unknown-attributes",)), "F45"),
    row(Reading(("nulls-and-empty-lists",)), "F45"),
    row(Reading(("members-bare",)), "F45"),
    row(Reading(("members-not-listed",)), "F45"),
    row(Reading(("no-etag",)), "F23"),
    row(Reading(("weak-etag",)), "F23"),
    row(Reading(("constant-etag",)), "F23"),
    row(Reading(("restless-etag",)), "F23"),
]
"""Faults that a plan sees through."""


def refused_always() -> Iterator[Any]:
    for name in ("throttled", "throttled-bare"):
        yield row(Reading((users(name),), 9, ("429 to GET /Users",), requests=5), "F01 F03")
    ages = Reading((users("throttled-for-ages"),), 9, ("429 to GET /Users",), requests=1)
    yield row(ages, "F03")
    for code in (500, 502, 503, 504):
        said = (f"{code} to GET /Users",)
        yield row(Reading((users(f"status-{code}", nth=range(1, 99)),), 9, said), "F04")
    for code in (301, 302, 303, 307, 308):
        words = (f"redirect ({code})", "tenant_url")
        yield row(Reading((users(f"redirect-{code}"),), 9, words, requests=1), "F11")
    yield row(Reading((users("status-401"),), 4, ("401 to GET /Users",), requests=1), "F14")
    yield row(Reading((users("status-403"),), 4, ("403 to GET /Users",), requests=1), "F16")
    yield row(Reading((users("status-404"),), 9, ("404 to GET /Users",), requests=1), "F17")
    yield row(Reading((users("status-431"),), 9, ("431 to GET /Users",), requests=1), "F24")


def lost_always() -> Iterator[Any]:
    rows = {
        "hang-up": ("F06", "cut off"),
        "reset": ("F06", "the connection was lost"),
        "silent": ("F08", "took too long"),
        "slow-head": ("F09", "took too long"),
        "slow-body": ("F09", "took too long"),
        "half-head": ("F10", "cut off"),
        "half-body": ("F10", "cut off"),
        "length-too-high": ("F10", "cut off"),
        "bad-chunk": ("F10", "cut off"),
    }
    for name, (matrix, words) in rows.items():
        yield row(Reading((users(name),), 9, ("GET /Users did not arrive", words)), matrix)
    yield row(Reading((users("length-too-low"),), 9, ("cut off",)), "F10")


NO_LISTING = {
    "html": '"text/html"',
    "html-as-json": "it is not JSON",
    "plain-text": '"text/plain"',
    "no-media-type": "no media type",
    "empty-body": "it is not JSON",
    "empty-object": "page 1 of the listing is not a SCIM ListResponse",
    "null": "page 1 of the listing is not a SCIM ListResponse",
    "empty-list": "page 1 of the listing is not a SCIM ListResponse",
    "wrong-schema": "page 1 of the listing is not a SCIM ListResponse",
    "no-resources": "page 1 of the listing is not a SCIM ListResponse",
    "repeated-key": "the same key twice",
    "cut-off-json": "cut off",
    "not-utf-8": "it is not UTF-8",
    "nan": "NaN in it is not JSON",
    "deep": "more than 64 deep",
    "very-deep": "more than 64 deep",
    "double-gzip": '"gzip, gzip"',
    "gzip-bomb": "larger than 16 MiB",
    "oversized": "larger than 8 MiB",
    "no-content": "204, where 200 was expected",
    "partial-content": "206, where 200 was expected",
}
"""INV-3: what is no listing is an error, and never an empty list."""

NOT_WHOLE = {
    "total-low": ("F37", "page 3 goes on after the 4 that were stated"),
    "total-high": ("F37", "after page 4, 5 resources had come, where 7 were stated"),
    "total-doubled": ("F37", "after page 4, 5 resources had come, where 10 were stated"),
    "total-is-the-page": ("F37", "page 2 goes on after the 2 that were stated"),
    "total-changes": ("F37", "page 2 states 7, and page 1 stated 6"),
    "total-missing": ("F37", "page 1 does not state totalResults"),
    "repeated-pages": ("F36", "page 2 repeats a resource"),
    "overlapping-pages": ("F36", "page 2 repeats a resource"),
    "gap-between-pages": ("F36", "after page 3, 4 resources had come, where 5 were stated"),
    "lost-rows": ("F36", "after page 4, 4 resources had come, where 5 were stated"),
    "growing": ("F36", "page 2 states 6, and page 1 stated 5"),
    "shrinking": ("F36", "page 2 states 4, and page 1 stated 5"),
    "one-id-for-all": ("F36", "page 1 repeats a resource"),
    "no-id": ("F46", "page 1 holds a resource without a usable id"),
    "empty-id": ("F46", "page 1 holds a resource without a usable id"),
    "number-id": ("F46", "page 1 holds a resource without a usable id"),
    "dot-id": ("F46", "page 1 holds a resource without a usable id"),
    "dot-dot-id": ("F46", "page 1 holds a resource without a usable id"),
    "path-id": ("F46", "page 1 holds a resource without a usable id"),
    "long-id": ("F46", "page 1 holds a resource without a usable id"),
    "control-id": ("F46", "page 1 holds a resource without a usable id"),
}
"""INV-1: the page and the rule that it breaks."""

REFUSED = [
    *refused_always(),
    *lost_always(),
    *(
        row(Reading((users(name),), 9, (words,)), "F10 F12 F13")
        for name, words in NO_LISTING.items()
    ),
    *(row(Reading(small(users(name)), 9, (words,)), m) for name, (m, words) in NOT_WHOLE.items()),
    row(Reading(small("cursors-expire", "unasked-cursors"), 9, ("cursor has expired",)), "F36"),
    row(Reading(small("cursor-circle", "unasked-cursors"), 9, ("page 2 repeats",)), "F36"),
    row(Reading(small("later-pages-broken"), 9, (f"{PAGE_2}: the target answered 503",)), "F39"),
    row(Reading(small("later-pages-broken", "unasked-cursors"), 9, (PAGE_2,)), "F39"),
    row(Reading(small("later-pages-forbidden"), 4, (PAGE_2, "403 to GET /Users")), "F16 F39"),
    row(Reading((users("nobody"),), 9, (f"users shows nobody, {KNOWN.format(5)}",)), "F40"),
    row(Reading((NO_GROUPS,), 9, (f"groups shows nobody, {KNOWN.format(2)}",)), "F40"),
]
"""Faults after which there is no plan."""


CASES = [*SEEN_THROUGH, *REFUSED]


@pytest.mark.parametrize("case", CASES)
def test_a_plan_is_the_honest_one_or_none(
    case: Reading, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INV-1 and INV-3; rows F01 to F17, F23, F24 and F36 to F46 of the matrix."""
    prepare(case, monkeypatch)
    for wish in (hire, promote, purge):
        wish(trial.company)
    trial.company.write()

    check_reading(case, trial, WISHED)


@pytest.mark.parametrize("fault", ["total-low", "repeated-pages", "html", "later-pages-broken"])
def test_an_apply_reads_as_strictly_as_a_plan(fault: str, trial: Trial) -> None:
    """INV-8: the guards are judged on fresh counts, and on whole ones."""
    trial.planned(hire)

    ended = trial.apply_under(fault, "small-pages")

    assert ended.code == 9
    assert trial.faulty.writes == []
    assert trial.left() == [("create", "gus@contoso.example"), ("add_members", "Staff")]


@pytest.mark.parametrize("fault", [users("nobody"), NO_GROUPS], ids=["users", "groups"])
def test_f40_an_apply_does_not_believe_that_everybody_is_gone(fault: Inject, trial: Trial) -> None:
    """INV-4."""
    trial.planned(hire)

    ended = trial.apply_under(fault)

    assert ended.code == 9
    assert "shows nobody" in ended.text
    assert trial.faulty.writes == []


@pytest.mark.parametrize(
    "schedule",
    [("small-pages",), ("count-broken", "small-pages"), ("count-ignored",)],
    ids=" + ".join,
)
def test_pages_that_come_ahead_are_the_same(schedule: tuple[str, ...], trial: Trial) -> None:
    hire(trial.company)
    trial.company.target["concurrency"] = 8
    trial.company.write()

    ended = trial.plan_under(*schedule)

    assert ended.code == 0, ended.text
    assert [act for act, _ in trial.company.operations()] == ["create", "add_members"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *((name, NOT_WHOLE[name][1]) for name in ("total-low", "total-high", "overlapping-pages")),
        ("repeated-pages", "page 2 repeats a resource"),
        ("later-pages-broken", f"{PAGE_2}: the target answered 503"),
    ],
)
def test_pages_that_come_ahead_are_judged_as_strictly(name: str, words: str, trial: Trial) -> None:
    trial.company.target["concurrency"] = 8
    trial.company.write()

    ended = trial.plan_under(users(name), "small-pages")

    assert ended.code == 9
    assert words in " ".join(ended.text.split())


def test_f45_members_that_are_not_mapped_are_not_looked_for(trial: Trial) -> None:
    named = [line for line in GROUP_MAPPINGS if line["target"] != "members"]
    trial.company.application["mappings"] = {"users": USER_MAPPINGS, "groups": named}
    trial.company.write()

    ended = trial.plan_under("members-not-listed")

    assert ended.code == 0, ended.text
    assert [seen.path for seen in trial.faulty.requests if seen.path.startswith("/Groups/")] == []


def test_f45_members_that_are_listed_are_not_looked_for(trial: Trial) -> None:
    trial.company.write()

    trial.plan_under()

    assert [seen.path for seen in trial.faulty.requests if seen.path.startswith("/Groups/")] == []


ODD = ["twins", "twins-by-case", "external-id-missing", "mistyped-attributes"]
"""Listings that are whole, and of people who cannot be told apart or compared."""


@pytest.mark.parametrize("fault", ODD)
def test_f42_f45_nobody_goes_and_nobody_comes_because_of_odd_accounts(
    fault: str, trial: Trial
) -> None:
    hire(trial.company)
    trial.company.write()

    ended = trial.plan_under(fault)

    assert ended.code in {0, 9}
    assert "Traceback" not in ended.text
    assert trial.faulty.writes == []
    if ended.code == 0:
        done = dict(trial.company.operations())
        assert set(done) <= {"create", "update", "add_members"}
        assert done.get("create", "gus@contoso.example") == "gus@contoso.example"


@pytest.mark.parametrize("fault", ["twins", "twins-by-case"])
def test_f42_who_is_there_twice_and_is_not_ours_is_skipped(fault: str, trial: Trial) -> None:
    with open_target(trial.start.url) as target:
        target.create(ResourceType.USER, account("gus@contoso.example"))
    hire(trial.company)
    trial.company.write()

    ended = trial.plan_under(fault)

    assert ended.code == 0, ended.text
    assert trial.company.operations() == []
    skipped = {each["key"]: each["code"] for each in trial.company.body()["skipped"]}
    assert skipped == {"gus@contoso.example": "DuplicateTargetEntries"}


@pytest.mark.parametrize("fault", ["twins", "twins-by-case"])
def test_f42_ruling_10_a_recorded_link_tells_twins_apart(fault: str, trial: Trial) -> None:
    promote(trial.company)
    trial.company.write()

    ended = trial.plan_under(fault)

    assert ended.code == 0, ended.text
    written = [each["target_id"] for each in trial.company.body()["operations"]]
    assert written == [trial.shown("ada")["id"]]


def test_f50_a_service_that_is_another_one_by_now_is_not_written_to(trial: Trial) -> None:
    hire(trial.company)
    trial.company.write()
    trial.plan_under("another-service")

    ended = trial.company.run("apply", "--auto-approve", trial.company.newest())

    assert ended.code == 6
    assert "capabilities changed" in ended.text
    assert trial.faulty.writes == []


def test_f36_a_page_that_repeats_ends_the_reading_at_once(trial: Trial) -> None:
    trial.company.write()

    trial.plan_under(users("repeated-pages"), "small-pages")

    assert len(trial.asked(PEOPLE)) == 2
