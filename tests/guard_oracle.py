"""
The guards, counted on fingers: an oracle that shares no line with the engine.

A :class:`Case` is a firm and a list of facts, such as "Ada is taken out of Sales".
:mod:`tests.guard_cases` says the same to the engine in operations and counts. Here
a limit is not a formula but a question (may one more go?), what happens is played
through on sets of people, and administrators are counted in every order in which a
wave may run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, count
from typing import NamedTuple

PEOPLE = tuple(f"u{number:02}" for number in range(16))
GROUPS = ("board", "sales", "support", "team", "void")
STRAY = "stray"
"""A group that is not ours to count."""

COUNTED = (
    "accidental_deletions",
    "delete_users",
    "delete_groups",
    "empty_groups",
    "remove_members",
    "revoke_roles",
    "rename_users",
    "enable_users",
)
"""Guards of ruling 14: a count of a whole, with a floor of three."""


class Fact(NamedTuple):
    """What happens, to whom or to which group, out of or into which group, and why."""

    what: str
    who: str
    group: str
    why: str


class Past(NamedTuple):
    """What an earlier run took: so many hours before now (less than nothing: after)."""

    hours: int
    guard: str
    part: str
    """`User`, `Group`, or the id of a group."""
    size: int


@dataclass
class Case:
    """Who is there, what may be taken, what is to happen, and what happened before."""

    ours: set[str]
    active: set[str]
    admins: set[str]
    members: dict[str, set[str]]
    protected: set[str]
    me: str | None
    """Whose our token is, if that is known."""
    unseen: set[str]
    known: int
    limits: dict[str, tuple[int, int]]
    """By guard: at most so many, at most such a share."""
    prevention: bool
    half: int
    cause: int
    needed: int
    windows: tuple[int, int]
    source: tuple[int, int | None, int]
    """Rows now, at the last apply (None: there was none), and the share that may be lost."""
    columns: dict[str, tuple[int, int]]
    """People with a value: at the last apply, and now."""
    column_share: int
    facts: list[Fact]
    withheld: list[Fact]
    past: list[Past]
    links: int = field(default=0)

    def of(self, *whats: str) -> list[Fact]:
        """Return the facts of some kinds."""
        return [fact for fact in self.facts if fact.what in whats]

    def who(self, *whats: str) -> set[str]:
        """Return whom the facts of some kinds are about."""
        return {fact.who for fact in self.of(*whats)}


def blocked_by(case: Case) -> set[str]:
    """Return which guards have to block."""
    taken = _taken(case)
    found = {
        guard
        for guard, part, size, whole in _ruling_14(case, taken)
        if too_many(size, whole, *case.limits[guard])
    }
    if not case.prevention:
        found.discard("accidental_deletions")
    found |= {guard for guard in _OTHERS if _OTHERS[guard](case)}
    return found


def too_many(size: int, whole: int, at_most: int, share: int) -> bool:
    """Say whether *size* is over a limit that lets three go, unless that is more than half."""
    few = size <= 3 and 2 * size <= whole
    return size > at_most or (not few and 100 * size > share * whole)


def _taken(case: Case) -> dict[tuple[str, str], int]:
    """Return what the plan takes, by guard and part."""
    due, gone = case.who("due"), case.who("drop")
    out = {(fact.group, fact.who) for fact in case.of("out") if fact.who not in due}
    closed = case.who("close")
    taken = {
        ("accidental_deletions", "User"): len(case.who("off") | gone),
        ("accidental_deletions", "Group"): len(closed),
        ("delete_users", ""): len(gone),
        ("delete_groups", ""): len(closed),
        ("empty_groups", ""): len(emptied(case)),
        ("remove_members", ""): len(out),
        ("revoke_roles", ""): len(case.who("revoke", "swap")),
        ("rename_users", ""): len(case.who("rename")),
        ("enable_users", ""): len(case.who("on")),
    }
    for group in {group for group, _ in out}:
        taken["group_members", group] = sum(1 for one, _ in out if one == group)
    return taken


def _ruling_14(
    case: Case, taken: dict[tuple[str, str], int]
) -> Iterator[tuple[str, str, int, int]]:
    """Yield each count of ruling 14: guard, part, how much, and of how many."""
    for (guard, part), size in taken.items():
        if guard in COUNTED:
            every = size + len(case.who("due")) if guard == "delete_users" else size
            yield guard, part, every, _whole(case, guard, part)


def _whole(case: Case, guard: str, part: str) -> int:
    """Return what the share of a guard is taken of."""
    accounts, there = len(case.ours), sum(len(inside) for inside in case.members.values())
    active = len(case.active & case.ours)
    people = part == "User"
    return {
        "accidental_deletions": active if people else len(case.members),
        "delete_users": accounts,
        "delete_groups": len(case.members),
        "empty_groups": len(case.members),
        "remove_members": there,
        "revoke_roles": active,
        "rename_users": accounts + case.links,
        "enable_users": accounts + case.links,
    }[guard]


def emptied(case: Case) -> set[str]:
    """Return the groups that have members now and none afterwards."""
    due, gone = case.who("due"), case.who("drop")
    found = set()
    for group, inside in case.members.items():
        left = {one for one in inside if one not in gone or one in due}
        left |= {fact.who for fact in case.of("in") if fact.group == group}
        left -= {fact.who for fact in case.of("out") if fact.group == group} - due
        if inside and not left:
            found.add(group)
    return found


def _one_group(case: Case) -> bool:
    """Say whether any group alone loses too many; three may always leave."""
    at_most, share = case.limits["group_members"]
    due = case.who("due")
    for group in (*GROUPS, STRAY):
        lost = {f.who for f in case.of("out") if f.group == group} - due
        size = len(case.members.get(group, lost if share == 100 else set()))
        ours = group in case.members or share == 100
        if lost and (not ours or len(lost) > at_most):
            return True
        if len(lost) > 3 and 100 * len(lost) > share * size:
            return True
    return False


def _half(case: Case) -> bool:
    """Say whether more than the share of anything goes, of four or more."""
    taken, active = _taken(case), len(case.active & case.ours)
    there = sum(len(inside) for inside in case.members.values())
    shares = [
        (taken["accidental_deletions", "User"], active),
        (taken["delete_groups", ""], len(case.members)),
        (taken["empty_groups", ""], len(case.members)),
        (taken["remove_members", ""], there),
        (taken["revoke_roles", ""], active),
    ]
    return any(whole >= 4 and 100 * min(size, whole) > case.half * whole for size, whole in shares)


def _again(case: Case) -> bool:
    """Say whether too many are created again."""
    at_most, share = case.limits["create_users"]
    size = len(case.who("create") & case.unseen) if case.known else 0
    return size > at_most or (size > 3 and 100 * size > share * case.known)


def _shrinks(case: Case) -> bool:
    """Say whether rows or the values of a column are missing."""
    now, before, share = case.source
    if before is None:
        return False
    if too_many(max(0, before - now), before, 10**9, share):
        return True
    for filled_before, filled_now in case.columns.values():
        without = (now - filled_now) - (before - filled_before)
        lost = min(filled_before - filled_now, without)
        if lost > 0 and too_many(lost, now, 10**9, case.column_share):
            return True
    return False


def _reached(case: Case, people: set[str], facts: Iterable[Fact]) -> bool:
    """Say whether somebody of *people* loses something, or their name."""
    inside = {group for group, members in case.members.items() if members & people}
    losing = {"off", "drop", "due", "revoke", "swap", "rename", "out"}
    return any(
        fact.who in (inside if fact.what == "close" else people)
        for fact in facts
        if fact.what in {"close", *losing}
    )


def _protected(case: Case) -> bool:
    """Say whether anything is taken from who is protected; what is withheld counts."""
    return _reached(case, case.protected, [*case.facts, *case.withheld])


def _self(case: Case) -> bool:
    """Say whether anything is taken from the account of our token."""
    return case.me is not None and _reached(case, {case.me}, case.facts)


def _few_admins(case: Case) -> bool:
    """Say whether administrators get too few at any time, in whichever order a wave runs."""
    holders, active = set(case.admins), set(case.active)
    ever = holders | case.who("give", "swap")
    now = fewest = len(holders & active)
    for wave in (("on",), ("give",), ("revoke", "swap"), ("off",), ("drop", "due")):
        steps = [fact for fact in case.of(*wave) if fact.who in ever]
        for size in range(len(steps) + 1):
            for some in combinations(steps, size):
                fewest = min(fewest, len(_after(some, holders, active)))
        holders, active = _sets_after(steps, holders, active)
    return fewest < case.needed and fewest < now


def _after(steps: Iterable[Fact], holders: set[str], active: set[str]) -> set[str]:
    """Return the administrators once *steps* have run."""
    some, on = _sets_after(steps, holders, active)
    return some & on


def _sets_after(
    steps: Iterable[Fact], holders: set[str], active: set[str]
) -> tuple[set[str], set[str]]:
    """Return who holds the role, and who is active, once *steps* have run."""
    holders, active = set(holders), set(active)
    for fact in steps:
        if fact.what in {"give", "swap"}:
            holders.add(fact.who)
        elif fact.what == "revoke":
            holders.discard(fact.who)
        elif fact.what == "on":
            active.add(fact.who)
        elif fact.what in {"off", "drop", "due"}:
            active.discard(fact.who)
    return holders, active


def _one_rule(case: Case) -> bool:
    """Say whether one rule takes from more than ten, and from more than its share."""
    due, losers = case.who("due"), dict[str, set[str]]()
    for fact in case.of("off", "drop", "revoke", "swap"):
        if fact.what != "drop" or fact.who not in due:
            losers.setdefault(fact.why, set()).add(fact.who)
    active = len(case.active & case.ours)
    return any(len(some) > 10 and 100 * len(some) > case.cause * active for some in losers.values())


def over_their_windows(case: Case) -> dict[tuple[str, str], int]:
    """Return what this plan takes of whatever it and earlier runs take too much of together."""
    taken, over = _taken(case), dict[tuple[str, str], int]()
    for days, times in ((1, case.windows[0]), (7, case.windows[1])):
        parts = {(past.guard, past.part) for past in case.past}
        for guard, part in parts:
            if guard == "accidental_deletions" and not case.prevention:
                continue
            before = sum(
                past.size
                for past in case.past
                if (past.guard, past.part) == (guard, part) and past.hours <= 24 * days
            )
            one_run = _may_go(case, guard, part)
            now = taken.get((guard, part), 0)
            if now and min(now, one_run) + before > times * one_run and before:
                over[guard, part] = now
    return over


def _window(case: Case) -> bool:
    """Say whether earlier runs and this one take too much of anything together."""
    return bool(over_their_windows(case))


def _may_go(case: Case, guard: str, part: str) -> int:
    """Return how many one run may take: it is asked for one more until the answer is no."""
    at_most, share = case.limits[guard]
    if share == 100:
        return at_most
    if guard == "group_members":
        size = len(case.members.get(part, ()))
        return next(
            n for n in count() if n + 1 > at_most or (n + 1 > 3 and 100 * (n + 1) > share * size)
        )
    whole = _whole(case, guard, part)
    return next(n for n in count() if too_many(n + 1, whole, at_most, share))


_OTHERS = {
    "group_members": _one_group,
    "half_gone": _half,
    "create_users": _again,
    "single_cause": _one_rule,
    "rolling_window": _window,
    "source_shrinks": _shrinks,
    "protected": _protected,
    "self": _self,
    "min_admins": _few_admins,
}
