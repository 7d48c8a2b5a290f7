"""
What was changed by hand, as text, JSON and Markdown.

Values are shown as those of a plan are (:mod:`reconciler.render.values`), and what Redact
hides has been left out before. In Markdown each string is a code span that it cannot end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from reconciler.diagnostics import printable_json
from reconciler.plan.drift import Altered, Drift, Drifted
from reconciler.plan.groups import MEMBERS
from reconciler.render.markdown import code, prose
from reconciler.render.values import difference, shown

NAMES = 20
"""Members of one group that are named."""


def to_text(found: Sequence[Drift]) -> str:
    """Return a paragraph for each application: a line for each account, and for each value."""
    lines: list[str] = []
    for drift in found:
        lines += ["", *_headline(drift)] if lines else _headline(drift)
        for one in drift.drifted:
            key = shown(one.key)
            lines.append(f"  {one.resource_type.value} {key} ({one.label})")
            lines += [f"    {place}: {words}" for place, words in _told(one)]
    return "".join(f"{line}\n" for line in lines)


def to_markdown(found: Sequence[Drift]) -> str:
    """Return a section for each application."""
    lines: list[str] = []
    for drift in found:
        first, *others = _headline(drift)
        lines += [f"### {first}", ""]
        for one in drift.drifted:
            lines.append(f"- {one.resource_type.value} {code(shown(one.key))} ({one.label})")
            lines += [f"  - {code(place)}: {code(words)}" for place, words in _told(one)]
        lines += [f"- {prose(line.strip())}" for line in others]
        lines.append("")
    return "".join(f"{line}\n" for line in lines)


def to_json(found: Sequence[Drift]) -> str:
    """Return everything as one object."""
    plain = {"applications": [_plain(drift) for drift in found]}
    return printable_json(json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True)) + "\n"


DRIFT_FORMATS: Mapping[str, Callable[[Sequence[Drift]], str]] = {
    "text": to_text,
    "json": to_json,
    "markdown": to_markdown,
}
"""The forms of ``drift --format``."""


def _headline(drift: Drift) -> list[str]:
    """Return what there is to say of an application as a whole."""
    compared = " and ".join(
        f"{count:,} {kind.value.lower()}{'' if count == 1 else 's'}"
        for kind, count in drift.compared.items()
    )
    changed = f"{len(drift.drifted):,} changed by hand" if drift.drifted else "nothing changed"
    lines = [f"{drift.application}: {changed}, of {compared} that we wrote to"]
    if drift.doubtful:
        lines.append(
            f"  of {drift.doubtful:,} not everything is known: a plan was thrown away, or a run "
            "did not end well"
        )
    if drift.strangers:
        counts = ", ".join(f"{count:,} {label}" for label, count in sorted(drift.strangers.items()))
        names = ", ".join(f"{shown(one.key)} ({one.label})" for one in drift.sample)
        more = ", …" if sum(drift.strangers.values()) > len(drift.sample) else ""
        lines.append(f"  not ours, and not compared: {counts}: {names}{more}")
    return lines


def _told(one: Drifted) -> Iterator[tuple[str, str]]:
    """Yield place and words of what differs on one account."""
    if one.gone:
        yield "id", f"{shown(one.target_id)} is gone"
    for altered in one.changes:
        if altered.path.lower() == MEMBERS:
            yield from _members(altered)
        else:
            yield from difference(altered.path, altered.applied, altered.live)


def _members(altered: Altered) -> Iterator[tuple[str, str]]:
    """Yield who is missing, and who came."""
    for words, members in (("without", altered.applied), ("with", altered.live)):
        if members:
            names = ", ".join(shown(str(member["display"])) for member in members[:NAMES])
            more = f" and {len(members) - NAMES:,} more" if len(members) > NAMES else ""
            yield MEMBERS, f"{words} {names}{more}"


def _plain(drift: Drift) -> dict[str, object]:
    return {
        "application": drift.application,
        "drift": bool(drift.drifted),
        "compared": {kind.value: count for kind, count in drift.compared.items()},
        "doubtful": drift.doubtful,
        "accounts": [
            {
                "resource_type": one.resource_type.value,
                "key": one.key,
                "target_id": one.target_id,
                "source_id": one.source_id,
                "label": one.label,
                "gone": one.gone,
                "changes": [
                    {"path": each.path, "applied": each.applied, "live": each.live}
                    for each in one.changes
                ],
            }
            for one in drift.drifted
        ],
        "unmanaged": {
            "count": sum(drift.strangers.values()),
            "labels": dict(drift.strangers),
            "sample": [
                {"key": one.key, "target_id": one.target_id, "label": one.label}
                for one in drift.sample
            ],
        },
    }
