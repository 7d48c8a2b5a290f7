"""Laws of attribute paths: printed ones are read again, what is put is read, and so on."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.scim.paths import AttributePath, PathError, parse_path
from reconciler.scim.resource import drop, put, reader

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
conditions = st.lists(
    st.tuples(names.filter(lambda name: name.lower() != "primary"), texts | st.booleans()),
    max_size=2,
    unique_by=lambda pair: pair[0].lower(),
)
paths = st.builds(
    AttributePath,
    st.none() | st.just("urn:example:scim:2.0:User"),
    names,
    conditions.map(tuple),
    st.none() | names,
)


@given(paths)
def test_a_printed_path_is_read_as_it_was(path: AttributePath) -> None:
    assert parse_path(str(path)) == path


@given(st.text(max_size=60))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = parse_path(text)
    except PathError:
        return

    assert parse_path(str(path)) == path


@given(paths, texts)
def test_what_is_put_is_read(path: AttributePath, value: str) -> None:
    _assume_sound(path)
    resource: dict[str, Any] = {}
    put(resource, path, value)
    found = reader(path)(resource)

    assert (found.get("value") if path.conditions and path.sub is None else found) == value


@given(paths, texts)
def test_what_is_dropped_is_gone_and_nothing_else(path: AttributePath, value: str) -> None:
    _assume_sound(path)
    resource: dict[str, Any] = {"id": "1"}
    assume(path.attribute.lower() != "id")
    assume(not path.conditions or path.sub in (None, "value"))  # else the element stays
    put(resource, path, value)
    drop(resource, path)
    left = {key: inner for key, inner in resource.items() if key != path.attribute}

    assert reader(path)(resource) is None
    assert left == {"id": "1"}


def _assume_sound(path: AttributePath) -> None:
    """Leave out a path that writes over its own condition."""
    written = (path.sub or "value").lower()
    assume(all(name.lower() != written for name, _ in path.conditions))
