"""Mutants in the guards: each switched off, off by one, of the wrong whole, judged by name."""

from typing import Final

from tests.mutants.mutant import Mutant

GUARDS = ("unit/plan/test_guards.py",)
POPULATION = ("unit/plan/test_population.py",)
PROTECTED = ("unit/plan/test_protected.py",)
ADMINS = ("unit/plan/test_min_admins.py",)
VERIFY = ("unit/apply/test_verify.py",)
POLICY = ("unit/config/test_policy.py",)

_ASKED = "return tuple(guard.judge(evidence) for guard in GUARDS)"


def _off(guard: str, *tests: str) -> Mutant:
    """Return the mutant that does not ask one guard."""
    silent = f'Verdict("{guard}", 0, 0, 0, False, "not asked")'
    asked = f'guard.judge(evidence) if guard.id != "{guard}" else {silent}'
    new = f"return tuple({asked} for guard in GUARDS)"
    return Mutant("INV-8", f"{guard} is not asked", "plan/guards.py", _ASKED, new, tests)


GUARDING: Final = (
    _off("accidental_deletions", *GUARDS),
    _off("delete_users", *GUARDS),
    _off("delete_groups", *GUARDS),
    _off("empty_groups", "unit/plan/test_empty_groups.py"),
    _off("remove_members", *GUARDS),
    _off("group_members", "unit/plan/test_group_members.py"),
    _off("half_gone", "unit/plan/test_half_gone.py"),
    _off("revoke_roles", *GUARDS),
    _off("rename_users", *GUARDS),
    _off("enable_users", *GUARDS),
    _off("create_users", "unit/plan/test_create_users.py"),
    _off("single_cause", "unit/plan/test_single_cause.py"),
    _off("rolling_window", "unit/plan/test_rolling_window.py"),
    _off("self", "unit/plan/test_self.py"),
    _off("source_shrinks", "unit/plan/test_columns.py", *GUARDS),
    _off("protected", *PROTECTED),
    _off("min_admins", *ADMINS),
    # the formula
    Mutant(
        "ruling 14",
        "one more than the limit passes",
        "plan/limits.py",
        "    blocked = count > limit\n",
        "    blocked = count > limit + 1\n",
        GUARDS,
    ),
    Mutant(
        "ruling 14",
        "exactly the limit is blocked",
        "plan/limits.py",
        "    blocked = count > limit\n",
        "    blocked = count >= limit and count > 0\n",
        GUARDS,
    ),
    Mutant(
        "ruling 14",
        "the floor of three holds for a team of three, too",
        "plan/limits.py",
        "max(min(FLOOR, population // 2), population * percent // 100)",
        "max(FLOOR, population * percent // 100)",
        GUARDS,
    ),
    Mutant(
        "ruling 14",
        "a share is rounded up",
        "plan/limits.py",
        "population * percent // 100)",
        "-(-population * percent // 100))",
        GUARDS,
    ),
    Mutant(
        "ruling 14",
        "the count at most is forgotten",
        "plan/limits.py",
        "return share if at_most is None else min(at_most, share)",
        "return share",
        GUARDS,
    ),
    # of what
    Mutant(
        "ruling 14",
        "accounts that are off count as active ones",
        "plan/population.py",
        '"active_users": len(users.active & users.ours) + settled.active,',
        '"active_users": len(users.ours) + settled.active,',
        POPULATION,
    ),
    Mutant(
        "ruling 14",
        "accounts that are not ours count",
        "plan/population.py",
        'ours = ids if application.ownership == "all" else linked.values()',
        "ours = ids",
        POPULATION,
    ),
    Mutant(
        "ruling 14",
        "a share is taken of the plan and not of the whole",
        "plan/guards.py",
        "        of = population(evidence.population.counts)\n",
        "        of = len(evidence.operations)\n",
        GUARDS,
    ),
    # judged by effect
    Mutant(
        "ruling 7",
        "a disable is what is called so",
        "plan/effects.py",
        "return operation.action is Action.DISABLE or turns_off(operation.changes)",
        "return operation.action is Action.DISABLE",
        ("unit/plan/test_effects.py", *GUARDS),
    ),
    Mutant(
        "ruling 7",
        "an enable is what is called so",
        "plan/effects.py",
        "return operation.action is Action.ENABLE or (change is not None and",
        "return operation.action is Action.ENABLE and (change is not None and",
        ("unit/plan/test_effects.py", *GUARDS),
    ),
    Mutant(
        "ruling 13",
        "a revoke is what is called so",
        "plan/effects.py",
        "        _is_existing_user(operation) and any(map(_takes_role, operation.changes))\n",
        "        False\n",
        ("unit/plan/test_role_effects.py", *GUARDS),
    ),
    Mutant(
        "ruling 14",
        "deletes are no removals of users",
        "plan/effects.py",
        "removed_users=len(disabled | (deleted - in_time)),",
        "removed_users=len(disabled),",
        GUARDS,
    ),
    Mutant(
        "ruling 14",
        "a group that loses many loses one membership",
        "plan/effects.py",
        "sum(len(set(lost_members(op)) - in_time) for op in operations)",
        "sum(bool(set(lost_members(op)) - in_time) for op in operations)",
        GUARDS,
    ),
    Mutant(
        "ruling 14",
        "a disable that deletes counts as a disable",
        "plan/effects.py",
        'if profile.deprovision.active_false != "deletes":',
        "if True:",
        ("unit/plan/test_profiled.py", "unit/plan/test_effects.py"),
    ),
    # protected, admins
    Mutant(
        "G11",
        "what is withheld need not be protected",
        "plan/guards.py",
        "for operation in chain(evidence.operations, evidence.withheld)",
        "for operation in evidence.operations",
        PROTECTED,
    ),
    Mutant(
        "G11",
        "a protected account may be renamed",
        "plan/guards.py",
        "if (takes(operation) or renames(operation)) and _touches(",
        "if takes(operation) and _touches(",
        PROTECTED,
    ),
    Mutant(
        "G11",
        "a protected account may be taken out of groups",
        "plan/guards.py",
        "bool(operation.target_id in population.protected or hit or names & listed)",
        "bool(operation.target_id in population.protected or names & listed)",
        PROTECTED,
    ),
    Mutant(
        "G11",
        "a group of a protected account may be deleted",
        "plan/guards.py",
        "if deletes_group(operation) and operation.target_id in population.their_groups:",
        "if False:",
        PROTECTED,
    ),
    Mutant(
        "G11",
        "the protected list minds the case of names",
        "plan/watched.py",
        "listed = frozenset(fold(name) for name in application.safety.protected)",
        "listed = frozenset(application.safety.protected)",
        PROTECTED,
    ),
    Mutant(
        "G10",
        "administrators are counted at the end alone",
        "plan/guards.py",
        "fewest = min(after, population.fewest_admins(evidence.operations))",
        "fewest = after",
        ADMINS,
    ),
    Mutant(
        "G10",
        "administrators that are off count",
        "plan/population.py",
        "return self.holders & self.active\n",
        "return self.holders\n",
        ADMINS + GUARDS,
    ),
    Mutant(
        "G10",
        "one administrator fewer is enough",
        "plan/guards.py",
        "blocked = fewest < needed and fewest < before",
        "blocked = fewest < needed - 1 and fewest < before",
        ADMINS,
    ),
    # the source, groups, what is there
    Mutant(
        "G02",
        "groups that are missing from the source are no matter",
        "plan/source_guards.py",
        '        ("groups", population.applied_groups or 0, population.source_groups),\n',
        "",
        GUARDS,
    ),
    Mutant(
        "G02",
        "columns that went empty are no matter",
        "plan/source_guards.py",
        "    verdicts += _columns(evidence)\n",
        "",
        ("unit/plan/test_columns.py",),
    ),
    Mutant(
        "G02",
        "only the people are looked at",
        "plan/source_guards.py",
        "return next((verdict for verdict in verdicts if verdict.blocked), verdicts[0])",
        "return verdicts[0]",
        ("unit/plan/test_columns.py", *GUARDS),
    ),
    Mutant(
        "G07",
        "of a group that nobody knows anybody may be taken",
        "plan/group_guards.py",
        "limit = 0 if members is None else min(configured.at_most, share)",
        "limit = min(configured.at_most, share)",
        ("unit/plan/test_group_members.py",),
    ),
    Mutant(
        "G07",
        "the group that loses least decides",
        "plan/group_guards.py",
        "worst = max(verdicts, key",
        "worst = min(verdicts, key",
        ("unit/plan/test_group_members.py",),
    ),
    Mutant(
        "G07",
        "a group is emptied by removals alone",
        "plan/population.py",
        "gone = subjects(operations, deletes_user) - in_time",
        "gone = set[str]()",
        ("unit/plan/test_empty_groups.py",),
    ),
    Mutant(
        "G26",
        "more than half is fine",
        "plan/half_gone.py",
        "count, of, of * percent // 100)",
        "count, of, of)",
        ("unit/plan/test_half_gone.py",),
    ),
    Mutant(
        "G03",
        "whom the journals know is created again",
        "plan/live_guards.py",
        "    if not known:\n",
        "    if True:\n",
        ("unit/plan/test_create_users.py",),
    ),
    # at apply, and by the policy
    Mutant(
        "INV-8",
        "guards are not asked again at apply",
        "apply/verify.py",
        "return Fresh(population, let_pass(verdicts, plan, approvals or Presented()))",
        "return Fresh(population, {})",
        VERIFY,
    ),
    Mutant(
        "ruling 14",
        "a delete in time is one that says so",
        "apply/verify.py",
        "if known or not deletes_in_time(operation):",
        "if True:",
        (*VERIFY, "e2e/test_guards_at_apply.py"),
    ),
    Mutant(
        "INV-11",
        "of two limits the laxer holds",
        "config/policy.py",
        "return Limit(at_most=min(one.at_most, other.at_most),",
        "return Limit(at_most=max(one.at_most, other.at_most),",
        POLICY,
    ),
    Mutant(
        "INV-11",
        "the policy protects nobody",
        "config/policy.py",
        "protected=tuple(dict.fromkeys((*one.protected, *other.protected))),",
        "protected=one.protected,",
        POLICY,
    ),
    Mutant(
        "INV-11",
        "a pull request may send the token elsewhere",
        "config/policy.py",
        '_PINNED = ("tenant_url", "profile",',
        '_PINNED = ("profile",',
        POLICY,
    ),
)
"""The rows of this part."""
