"""
What was taken over from a service, as files that a person goes on with.

Three of them: a configuration of its own, people as CSV, groups as YAML. The
configuration repeats the application as it was, but for what would keep the
accounts out of the first plan: scoping filters and tests are left to be taken
over by hand, and the file says so. Used by ``import scim``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence

from reconciler.config.model import Application
from reconciler.interchange.accounts import Adopted
from reconciler.interchange.yaml_text import block, comment

LEFT_TO_HAND = ("scoping_filters", "tests")
"""Keys of the application that are about people whom only the old source describes."""

PEOPLE, GROUPS = "people.csv", "groups.yaml"


def files_of(
    name: str, application: Application, adopted: Adopted, references: Mapping[str, str]
) -> dict[str, bytes]:
    """
    Return the content of each file by its name.

    *references* are the paths of the application's files as they read from the new
    folder, by how the application writes them.
    """
    files = {
        "provisioning.yaml": _configuration(name, application, adopted, references),
        PEOPLE: _people(adopted),
    }
    if adopted.groups:
        files[GROUPS] = _lines(block(adopted.groups))
    return {file: text.encode() for file, text in files.items()}


def _configuration(
    name: str, application: Application, adopted: Adopted, references: Mapping[str, str]
) -> str:
    """Return the configuration, comments included."""
    stated = application.model_dump(mode="json", exclude_unset=True, exclude={"assignments"})
    left = [key for key in LEFT_TO_HAND if stated.pop(key, None)]
    target = stated["target"]
    for holder, key in ((target["secret_token"], "file"), (target, "ca_bundle")):
        holder.update({k: references.get(str(v), v) for k, v in holder.items() if k == key})
    stated["roles"] = [role.model_dump(exclude_defaults=True) for role in adopted.roles]
    if not stated["roles"]:
        del stated["roles"]
    if adopted.needs_default_access:
        stated["default_access"] = "include"
    stated["assignments"] = adopted.assignments
    source = {"kind": "files", "users": PEOPLE, **({"groups": GROUPS} if adopted.groups else {})}
    head = {"version": 1, "source": source}
    body = block({**head, "applications": {name: stated}})
    return _lines([*map(comment, _remarks(adopted, left)), "", *body])


def _remarks(adopted: Adopted, left: list[str]) -> Iterator[str]:
    """Yield the comments at the top."""
    yield "Taken over from the live service: the files beside this one hold what is there today."
    yield "The first plan links these accounts and creates, disables and deletes nobody."
    yield "Next: reconciler --config provisioning.yaml plan."
    yield "Then let your own source replace them, and plan again before you apply."
    if adopted.needs_default_access:
        yield "default_access: include, because some accounts have no role."
    for key in left:
        yield f"{key}: left out; take it over when your own source is in place."
    yield from adopted.notes


def _people(adopted: Adopted) -> str:
    """Return the people as CSV (RFC 4180), every column that anybody fills."""
    columns = list(dict.fromkeys(name for cells in adopted.people for name in cells))
    filled = [c for c in columns if c == "objectId" or any(p.get(c) for p in adopted.people)]
    lines = _Written()
    writer = csv.DictWriter(lines, filled or ["objectId"], restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(adopted.people)
    return "".join(lines)


class _Written(list[str]):
    """What a CSV writer writes to: no file, and no stream."""

    write = list.append


def _lines(lines: Sequence[str]) -> str:
    """Return lines as the text of a file."""
    return "\n".join([*lines, ""])
