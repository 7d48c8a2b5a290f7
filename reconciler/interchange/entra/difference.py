"""
What one form of the mapping tables says and the other does not, as entries by name.

The YAML yields one form of a table, Entra's file holds another. An entry says
where they differ, what the YAML yielded (`was`) and what Entra's file had
(`is`). It holds only while the YAML still yields the `was`: whoever edits the
YAML is exported as they wrote it, and the entry that no longer fits is handed
back, to be told and not to be forced on what it was not made for.

Three kinds of entries, by what they hold:

* `was` and `is`: keys of one object; a key that is in one of the two only is
  taken away, or added;
* `is` alone: an item, or a whole table, that only Entra's file has, and after
  which other item it stands;
* `was` alone: one that only the YAML has.

Items of lists are named by what they are about (:data:`NAMED_BY`), never by
number, so that an insertion in the YAML moves nothing else. The second item of
one name is ``[name, 2]``.

Values that only make sense together go into one entry (:data:`TOGETHER`), and
the source of a mapping is always held against its expression: the parameters
of one expression say nothing about another. Filters are alternatives, so one
that only Entra's file has says nothing without the others: then all of a table
are one entry, and an export never lets in fewer, or more, than the YAML and
the file agreed on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.interchange.entra.shapes import Json

Key = tuple[str, int]
"""The name of an item, and the how manieth of that name it is."""

NAMED_BY = {"attributeMappings": "targetAttributeName", "groups": "name"}
"""By the key that holds a list, the key that names its items."""

ALTERNATIVES = "groups"
"""The list whose items decide together: whoever passes one of them is in scope."""

TOGETHER = (("source", "defaultValue", "flowType"), ("operatorName", "targetOperand"))
"""Keys whose values were chosen for each other (entra.md, sections 2 and 3.1)."""


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same JSON; true is not 1, and 1 is not 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def differences(old: Json, new: Json) -> list[Json]:
    """
    Return the entries that make *new* of *old*.

    Both hold tables by name; the tables are objects as
    :mod:`reconciler.interchange.entra.tables` makes them.
    """
    before = {(name, 1): table for name, table in old.items()}
    after = {(name, 1): table for name, table in new.items()}
    return list(_items(before, after, []))


def _items(old: dict[Key, Json], new: dict[Key, Json], at: list[Any]) -> Iterator[Json]:
    """Yield what differs between two lists whose common items have the same order."""
    for key in reversed([key for key in old if key not in new]):
        yield {"at": [*at, _step(key)], "was": old[key]}
    before: Key | None = None
    for key, item in new.items():
        place = [*at, _step(key)]
        if key in old:
            yield from _objects(old[key], item, place)
        else:
            yield {"at": place, "after": None if before is None else _step(before), "is": item}
        before = key


def _objects(old: Json, new: Json, at: list[Any]) -> Iterator[Json]:
    """Yield what differs between two objects."""
    changed: list[str] = []
    for key in {**old, **new}:
        if key in old and key in new:
            if same(old[key], new[key]):
                continue
            inner = _inside(key, old[key], new[key], [*at, key])
            if inner is not None:
                yield from inner
                continue
        changed.append(key)
    for keys in _grouped(changed, new):
        yield _changed(old, new, keys, at)


def _changed(old: Json, new: Json, keys: Sequence[str], at: list[Any]) -> Json:
    """Return the entry for some keys of one object."""
    was = {key: old[key] for key in keys if key in old}
    return {"at": at, "was": was, "is": {key: new[key] for key in keys if key in new}}


def _grouped(changed: list[str], new: Json) -> Iterator[list[str]]:
    """Yield the changed keys: those that belong together as one, and as one those that are gone."""
    groups = [[key for key in changed if key in together] for together in TOGETHER]
    groups += [[key] for key in changed if not any(key in group for group in groups)]
    gone = [group for group in groups if not any(key in new for key in group)]
    yield from (group for group in groups if group not in gone)
    if keys := [key for group in gone for key in group]:
        yield keys


def _inside(key: str, old: Any, new: Any, at: list[Any]) -> list[Json] | None:
    """Return the differences inside one value; None when it has to be taken as a whole."""
    if key == "source" and isinstance(old, dict) and isinstance(new, dict):
        return _of_source(old, new, at)
    if not isinstance(old, list) or not isinstance(new, list):
        return None
    if key in NAMED_BY:
        before, after = _by_key(old, NAMED_BY[key]), _by_key(new, NAMED_BY[key])
        if key == ALTERNATIVES and before.keys() != after.keys():
            return None
        if [each for each in before if each in after] == [each for each in after if each in before]:
            return list(_items(before, after, at))
    if key == "clauses" and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [one for index, (a, b) in pairs for one in _objects(a, b, [*at, index])]
    return None


def _of_source(old: Json, new: Json, at: list[Any]) -> list[Json]:
    """Return the one entry about a source; it holds for its expression only."""
    keys = [key for key in {**old, **new} if not same([old.get(key)], [new.get(key)])]
    keys += [key for key in {**old, **new} if (key in old) != (key in new) and key not in keys]
    return [_changed(old, new, list(dict.fromkeys(["expression", *keys])), at)]


def _by_key(items: list[Json], name: str) -> dict[Key, Json]:
    """Return the items of a list by what names them, in their order."""
    found: dict[Key, Json] = {}
    for item in items:
        text = item.get(name) if isinstance(item, dict) else None
        count = 1
        while (key := (text if isinstance(text, str) else "", count)) in found:
            count += 1
        found[key] = item
    return found


def _step(key: Key) -> Any:
    """Return a key as it is written in `at`."""
    return key[0] if key[1] == 1 else [key[0], key[1]]


def amended(old: Json, entries: Sequence[Json]) -> tuple[Json, list[Json]]:
    """
    Return *old* with every entry made good, and the entries that do not fit it.

    *old* is left as it is. An entry of no known form does not fit either.
    """
    made: Json = json.loads(json.dumps(old))
    return made, [entry for entry in entries if not _amend(made, entry)]


def _amend(made: Json, entry: Json) -> bool:
    """Make one entry good; False when it does not fit."""
    at = entry.get("at")
    if not isinstance(at, list) or not at:
        return False
    if "was" in entry and "is" in entry:
        return _change(_follow(made, at), entry["was"], entry["is"])
    holder = _follow(made, at[:-1])
    name = at[-2] if len(at) > 1 else None
    if "is" in entry:
        return _insert(holder, name, at[-1], entry)
    return "was" in entry and _remove(holder, name, at[-1], entry["was"])


def _change(found: Any, was: Any, becomes: Any) -> bool:
    """Change keys of the object *found*, if it has the values that it had."""
    if not all(isinstance(each, dict) for each in (found, was, becomes)):
        return False
    present = all(key in found and same(found[key], value) for key, value in was.items())
    if not present or any(key in found and key not in was for key in becomes):
        return False
    for key in was:
        if key not in becomes:
            del found[key]
    found.update(becomes)
    return True


def _insert(holder: Any, name: Any, step: Any, entry: Json) -> bool:
    """Put an item into a list after the one it stood after, or a table among the tables."""
    if isinstance(holder, dict) and name is None and isinstance(step, str) and step not in holder:
        holder[step] = entry["is"]
        return True
    if not isinstance(holder, list) or name not in NAMED_BY or not isinstance(entry["is"], dict):
        return False
    if _index(holder, name, step) is not None or not _follows(holder, name, step):
        return False
    before = entry.get("after")
    found = None if before is None else _index(holder, name, before)
    at = 0 if before is None else len(holder) if found is None else found + 1
    holder.insert(at, entry["is"])
    return True


def _follows(items: list[Any], name: Any, step: Any) -> bool:
    """Say whether the item that *step* is the next of, by name, is there."""
    if not isinstance(step, list) or len(step) != 2 or step[1] == 1:
        return True
    return isinstance(step[1], int) and _index(items, name, [step[0], step[1] - 1]) is not None


def _remove(holder: Any, name: Any, step: Any, was: Any) -> bool:
    """Take an item or a table away, if it is as it was."""
    if isinstance(holder, dict):
        if isinstance(step, str) and step in holder and same(holder[step], was):
            del holder[step]
            return True
        return False
    found = _index(holder, name, step) if isinstance(holder, list) else None
    if found is None or not same(holder[found], was):
        return False
    del holder[found]
    return True


def _follow(root: Any, at: Sequence[Any]) -> Any:
    """Return the value at *at*, or None."""
    found, name = root, None
    for step in at:
        if isinstance(found, list):
            index = _index(found, name, step)
            found = None if index is None else found[index]
        else:
            found = found.get(step) if isinstance(found, dict) and isinstance(step, str) else None
        name = step
    return found


def _index(items: list[Any], name: Any, step: Any) -> int | None:
    """Return where in a list the item is that *step* names."""
    if isinstance(step, int):
        return step if 0 <= step < len(items) else None
    key = step if isinstance(step, list) else [step, 1]
    if not isinstance(name, str) or name not in NAMED_BY or len(key) != 2:
        return None
    wanted = (key[0], key[1])
    return next((i for i, one in enumerate(_by_key(items, NAMED_BY[name])) if one == wanted), None)
