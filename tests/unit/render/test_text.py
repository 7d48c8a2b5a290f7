import re
import textwrap
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.plan.document import (
    Cost,
    Leaver,
    Leaving,
    Plan,
    ReadProof,
    ReadProofs,
    Requests,
    Skipped,
    Verdict,
)
from reconciler.plan.operation import Action
from reconciler.render import to_text
from reconciler.render.text import _wrapped
from reconciler.states import ResourceType
from tests.plans import (
    BLOCKED,
    PASSED,
    full_plan,
    hostile_plan,
    make_operation,
    make_plan,
)

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def text(plan: Plan, stored: str | None = None) -> str:
    return to_text(plan, colour=False, stored=stored)


def last(plan: Plan, stored: str | None = None) -> str:
    return text(plan, stored).rstrip("\n").rpartition("\n")[2]


def test_colour_only_when_asked_and_the_words_stay_the_same() -> None:
    coloured = to_text(full_plan(), colour=True)

    assert "\x1b" not in text(full_plan())
    assert "\x1b[" in coloured
    assert ESCAPE.sub("", coloured) == text(full_plan())


def test_colour_that_is_asked_for_does_not_depend_on_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = to_text(full_plan(), colour=True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    assert to_text(full_plan(), colour=True) == usual


@pytest.mark.parametrize(
    ("action", "symbol"),
    [
        (Action.LINK, ">"),
        (Action.CREATE, "+"),
        (Action.ENABLE, "^"),
        (Action.UPDATE, "~"),
        (Action.REVOKE, "-"),
        (Action.DISABLE, "-"),
        (Action.DELETE, "x"),
    ],
)
def test_every_action_has_its_symbol(action: Action, symbol: str) -> None:
    plan = make_plan([make_operation(action)])

    assert f"\n  {symbol} User ada@contoso.example  (assigned User by group Sales)\n" in text(plan)


def test_a_plan_without_operations_says_so_last() -> None:
    assert last(make_plan([])) == "Nothing to do."


def test_a_stored_plan_tells_how_to_apply_it() -> None:
    assert last(make_plan(), "plans/crm/x.plan.json") == (
        "Apply it with: reconciler apply plans/crm/x.plan.json"
    )


def test_a_path_with_a_space_can_be_pasted_into_a_shell() -> None:
    assert last(make_plan(), "my plans/$x").endswith("reconciler apply 'my plans/$x'")


def test_a_plan_that_is_only_shown_says_that_no_guard_blocks_it() -> None:
    assert last(make_plan()) == "No guard blocks this plan."


def test_a_blocked_plan_names_the_guards_and_says_that_nothing_is_applied() -> None:
    other = Verdict("protected", 1, 1, 0, True, "1 of 1 protected accounts would lose something")
    shown = text(make_plan(guards=[BLOCKED, PASSED, other]), "x")

    assert (
        "Blocked by accidental_deletions, protected: nothing of this plan can be applied" in shown
    )
    assert "reconciler apply" not in shown


def test_every_guard_is_shown_with_its_sentence_also_those_that_pass() -> None:
    guards = [
        Verdict(f"guard_{number}", number, 9, 9, number == 3, f"sentence number {number}")
        for number in range(6)
    ]
    shown = text(make_plan(guards=guards))

    for guard in guards:
        assert f"{'✗' if guard.blocked else '✓'} {guard.id}  {guard.sentence}\n" in shown


@pytest.mark.parametrize(
    ("count", "population", "mark"),
    [
        pytest.param(0, 0, "·", id="nothing to judge"),
        pytest.param(0, 9, "✓", id="nobody of some"),
        pytest.param(3, 0, "✓", id="some of nobody"),
    ],
)
def test_a_guard_that_judged_nothing_has_no_tick(count: int, population: int, mark: str) -> None:
    passed = Verdict("a_guard", count, population, 0, False, "a sentence")

    assert f"\n  {mark} a_guard  a sentence\n" in text(make_plan(guards=[passed]))
    blocked = Verdict("a_guard", 0, 0, 0, True, "a sentence")
    assert "\n  ✗ a_guard  a sentence\n" in text(make_plan(guards=[blocked]))


def test_the_summary_counts_operations_by_action() -> None:
    operations = [make_operation(number=n) for n in range(12)]
    operations += [make_operation(Action.UPDATE, number=n) for n in range(3)]
    operations += [make_operation(Action.DISABLE)]

    assert "\nPlan: 12 to create, 3 to update, 1 to disable.\n" in text(make_plan(operations))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "59 s"),
        (60, "1 min"),
        (75, "1 min 15 s"),
        (3600, "1 h"),
        (7325, "2 h 2 min"),
    ],
)
def test_the_cost_is_told_in_units_of_people(seconds: int, words: str) -> None:
    plan = make_plan(cost=Cost(Requests(1, 0, 2, 0), seconds))

    assert f"\nCost: 3 requests (1 GET, 2 PATCH), about {words}.\n" in text(plan)


def test_without_a_rate_limit_no_time_is_told() -> None:
    plan = make_plan(cost=Cost(Requests(1, 0, 2, 0), 0))

    assert "\nCost: 3 requests (1 GET, 2 PATCH).\n" in text(plan)


def test_an_incomplete_read_cannot_be_overlooked() -> None:
    read = ReadProofs(ReadProof(None, 50, False), None)

    assert "50 users, INCOMPLETE: nothing is concluded from absence" in text(make_plan(read=read))


def test_whom_the_plan_was_limited_to_is_told() -> None:
    plan = make_plan(only=["ada@contoso.example", "Sales"])

    assert "  only              ada@contoso.example, Sales\n" in text(plan)


def test_a_long_wave_is_shortened_and_does_not_hide_the_next_one() -> None:
    creates = [make_operation(key=f"u{n}@contoso.example", number=n) for n in range(1000)]
    shown = text(make_plan([*creates, make_operation(Action.DELETE, "zed@contoso.example")]))

    assert shown.count("  + User ") == 200
    assert "\n  … and 800 more\n" in shown
    assert "  x User zed@contoso.example" in shown
    assert "Wave 2: create users (1000)" in shown


def test_the_skipped_are_grouped_by_code_with_everybodys_reason() -> None:
    skipped = [
        Skipped(f"u{n}@x.example", f"a-{n}", ResourceType.USER, "InvalidDomain", f"why {n}")
        for n in range(60)
    ]
    shown = text(make_plan(skipped=skipped))

    assert "\nSkipped, and left exactly as they are (60)\n  InvalidDomain (60)\n" in shown
    assert "    u0@x.example: why 0\n" in shown
    assert shown.count("@x.example: why") == 50
    assert "\n    … and 10 more\n" in shown


def test_members_are_counted_and_a_few_are_named() -> None:
    members = [{"value": f"t-{n}", "display": f"m{n}"} for n in range(7)]
    operation = make_operation(
        Action.ADD_MEMBERS,
        "Sales",
        resource_type=ResourceType.GROUP,
        changes=[("members", None, members)],
    )

    assert "      members: +7 (m0, m1, m2, m3, m4, and 2 more)\n" in text(make_plan([operation]))


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        pytest.param({"value": "t-9"}, "t-9", id="without a name"),
        pytest.param({"value": "t-9", "display": ""}, "t-9", id="with an empty name"),
        pytest.param("t-9", '"t-9"', id="a text"),
        pytest.param({"value": 9}, "9", id="a number"),
        pytest.param({}, "(none)", id="nothing"),
    ],
)
def test_a_member_of_a_strange_shape_is_still_shown(entry: object, name: str) -> None:
    operation = make_operation(
        Action.ADD_MEMBERS,
        "Sales",
        resource_type=ResourceType.GROUP,
        changes=[("members", None, entry if isinstance(entry, dict) else [entry])],
    )

    assert f"members: +1 ({name})" in text(make_plan([operation]))


def test_sentences_are_broken_at_the_width_and_values_are_not() -> None:
    operation = make_operation(Action.UPDATE, changes=[("title", None, "word " * 30)])
    guard = Verdict("min_admins", 1, 1, 1, False, "word " * 30)

    shown = to_text(make_plan([operation], guards=[guard]), colour=False, width=60)

    assert f'title: (none) → "{"word " * 30}"' in shown
    assert all(len(line) <= 60 for line in shown.partition("Guards\n")[2].splitlines()[:4])
    assert "\n                word word" in shown


def test_a_narrow_terminal_breaks_nothing() -> None:
    assert "Apply it with" in to_text(full_plan(), colour=False, width=0, stored="x")


HOSTILE = [
    pytest.param("\x1b]0;owned\x07", id="escape sequence"),
    pytest.param("a\nPlan: nothing to change.\nNothing to do.", id="a forged end"),
    pytest.param("\r  ✓ all guards pass", id="carriage return"),
    pytest.param("\u202e\u2066evil\u2069", id="bidirectional"),
    pytest.param("::set-output name=x::y", id="workflow command"),
    pytest.param("x ::error::y", id="command in the middle"),
    pytest.param("##[add-mask]x", id="old workflow command"),
    pytest.param("x" * 100_000, id="long"),
    pytest.param("[bold red]markup[/]", id="markup of rich"),
    pytest.param("{{ 7 * 7 }}{% raw %}", id="a template"),
    pytest.param("=cmd|' /C calc'!A0", id="a formula"),
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("colour", [True, False])
def test_s23_no_value_drives_the_terminal_or_the_pipeline(value: str, colour: bool) -> None:
    harmless = to_text(hostile_plan("harmless"), colour=False)

    shown = ESCAPE.sub("", to_text(hostile_plan(value), colour=colour, stored=value))

    assert all(line.isprintable() for line in shown.split("\n"))
    assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
    assert "##[" not in shown
    assert max(map(len, shown.split("\n"))) < 1200
    assert [line for line in shown.split("\n") if line.startswith("Plan: ")] == [
        line for line in harmless.split("\n") if line.startswith("Plan: ")
    ]


def test_markup_and_templates_are_shown_as_they_are() -> None:
    for value in ("[bold red]markup[/]", "{{ 7 * 7 }}"):
        shown = ESCAPE.sub("", to_text(hostile_plan(value), colour=True))
        assert f"~ User {value}" in shown


def test_ruling_13_every_role_of_a_list_is_shown() -> None:
    """A line is cut at its end, and the last role must not hide behind that."""
    roles = [{"type": "WindowsAzureActiveDirectoryRole", "value": f"role-{n}"} for n in range(9)]
    created = make_operation(changes=[("roles", None, roles)])
    lost = make_operation(Action.REVOKE, changes=[("roles", roles, roles[1:])])
    cleared = make_operation(Action.REVOKE, changes=[("roles", roles, None)])

    for operation, expected in ((created, roles), (lost, roles[:1]), (cleared, roles)):
        shown = text(make_plan([operation]))
        assert [role for role in roles if f'"{role["value"]}"' in shown] == expected


def test_a_delete_that_no_removals_withholds_is_not_said_to_be_in_the_plan() -> None:
    delete = make_operation(Action.DELETE, target_id="t-8")
    gone = Leaver("hal@contoso.example", "t-8", None, "due", "2026-09-01", "2026-10-01", "left")
    later = replace(gone, key="ira@contoso.example", target_id="t-9", rung="scheduled")
    leaving = Leaving(disabled=0, scheduled=1, waiting=0, due=1, sample=(gone, later))

    said = text(make_plan(withheld=[delete], leaving=leaving))

    assert "1 with a delete withheld" in said
    assert "hal@contoso.example: its delete is withheld; disabled on 2026-09-01" in said


@given(st.text(st.sampled_from("ab-\t\n  \xa0é:"), max_size=60), st.integers(20, 40))
def test_a_sentence_is_broken_as_textwrap_breaks_it(sentence: str, columns: int) -> None:
    expected = textwrap.wrap(
        sentence,
        columns,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )

    assert [line for _, line in _wrapped("", sentence, columns, 2, 4)] == expected
