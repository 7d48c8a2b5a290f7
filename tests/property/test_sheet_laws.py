"""What columns say is what is read one by one; what a shape reads is what is read without it."""

import json
from typing import Any
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from reconciler import learned
from reconciler.aside import Aside
from reconciler.learned import Learned
from reconciler.live import proved
from reconciler.live.proved import ROWS, Proof, Rows
from reconciler.live.strict_json import StrictJsonError, parse_plainly
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import reader
from reconciler.sheet import Sheet
from reconciler.states import UNREAD, Resource
from tests.property.test_glance_laws import PATHS, resources
from tests.property.test_json_laws import bodies

MANY = settings(max_examples=150, deadline=None)
PARSED = (*map(parse_path, (*PATHS, 'emails[primary eq "False"].value', "active.x", "urn:a:b:x")),)


def columns_of(listed: list[Resource]) -> list[list[Any]]:
    """Return what columns say of each resource, path by path."""
    aside = Aside(Resource)
    for one in listed:
        aside.lay(one)
    found: list[list[Any]] = [[] for _ in PARSED]
    for columns in aside.columns(PARSED):
        for so_far, column in zip(found, columns, strict=True):
            so_far.extend(column)
    return found


@MANY
@given(st.lists(resources, min_size=1, max_size=4))
@example([{"emails": [{"type": "work", "value": "a"}]}, {"emails": [{"type": "Wor\u212a"}]}])
@example([{"emails": [{"type": []}, {"type": "work", "value": "a"}]}])
@example([{"userName": "a"}, {"USERNAME": "b"}])
@example([{"emails": [{"type": "a", "value": "x"}, {"type": "a", "primary": True, "value": "y"}]}])
@example([{"roles": [{"primary": "true", "value": "a"}]}, {"roles": {"primary": 1, "value": "b"}}])
def test_a_column_says_what_a_reader_says_or_nothing(listed: list[Resource]) -> None:
    for path, column in zip(PARSED, columns_of(listed), strict=True):
        read = reader(path)
        for resource, said in zip(listed, column, strict=True):
            assert said is UNREAD or repr(said) == repr(read(resource)), path


PLAIN: Resource = {
    "id": "1",
    "userName": "ada",
    "active": True,
    "title": None,
    "name": {"givenName": "Ada"},
    "emails": [{"type": "work", "value": "a@b.example"}, {"type": "home", "value": "c"}],
    "roles": [{"primary": "True", "value": "admin"}],
    "urn:a:b": {"made": "x", "x": ""},
}


def test_what_is_plain_is_said() -> None:
    """Otherwise the law above would hold of columns that say nothing."""
    lacking = {"id": "2", "emails": [], "name": {}}
    said = dict(zip(map(str, PARSED), columns_of([PLAIN, lacking]), strict=True))

    assert said["userName"] == ["ada", None]
    assert said["active"] == [True, None]
    assert said["title"] == [None, None]
    assert said["name.givenName"] == ["Ada", None]
    assert said['emails[type eq "work"].value'] == ["a@b.example", None]
    assert said["roles[primary eq true].value"] == ["admin", None]
    assert said["urn:a:b:made"] == ["x", None]
    assert said["urn:a:b:x"] == ["", None]


def test_a_shape_that_is_met_too_late_is_not_learned_any_more() -> None:
    learned_ = Learned()
    read = [learned_.decode(b'[{"a%d": 1}]' % number) for number in range(learned.LESSONS + 2)]

    assert [one is not None for one in read] == [True] * learned.LESSONS + [False] * 2
    assert learned_.decode(b'[{"a0": 2}]') is not None


def test_keys_that_are_missing_now_and_then_do_not_make_a_shape_unlearnable() -> None:
    """Each of them is counted on at first."""
    keys = [f"a{number}" for number in range(learned.LESSONS * 2)]
    learned_ = Learned()
    for left_out in ("", *keys):
        row = {key: "x" for key in keys if key != left_out}
        found = learned_.decode(json.dumps([row]).encode())

        assert found is not None
        columns = Sheet(found, learned_.shape.elements).column
        assert {key for key in keys if columns(parse_path(key)) == ["x"]} == row.keys()


def test_a_page_of_too_many_places_is_not_learned() -> None:
    """Whoever sends it would decide how much is made of it."""
    wide = b'{"Resources": [{"id": "1", %b}]}' % b", ".join(
        b'"k%d": {"a": 1}' % number for number in range(learned.MOST_PLACES)
    )
    learned_ = Learned()

    assert learned_.decode(wide) is None
    assert learned_.decode(b"[]") is None


def counted(texts: list[bytes]) -> list[tuple[int | None, int]]:
    """Return what sheets count in lists that are read one after the other, and what is there."""
    learned_, found = Learned(), []
    for text in texts:
        rows = learned_.decode(text)
        if rows is not None and (sheet := Sheet(rows, learned_.shape.elements)).is_sound:
            found.append((sheet.texts(), strings(json.loads(text))))
    return found


def strings(value: Any) -> int:
    """Count the keys and texts of a JSON value."""
    if isinstance(value, dict):
        return sum(1 + strings(one) for one in value.values())
    if isinstance(value, list):
        return sum(map(strings, value))
    return isinstance(value, str)


@MANY
@given(st.lists(st.lists(resources, min_size=1, max_size=3), min_size=1, max_size=5))
@example([[{"a": "x"}, {"a": None}]])
@example([[{"a": "x", "b": "y"}], [{"a": "x"}]])
@example([[{"a": [{"b": "x"}, {"b": "y"}]}, {"a": []}]])
@example([[{"a": ["x", {"b": "y"}]}]])
@example([[{"a": {"b": {"c": ["x"]}}}]])
def test_a_shape_counts_what_is_there_or_says_nothing(lists: list[list[Resource]]) -> None:
    texts = [json.dumps(each).encode() for each in lists]

    assert [said for said, there in counted(texts) if said not in (None, there)] == []


def test_texts_are_counted_where_all_are_alike() -> None:
    """Otherwise the law above would hold of a shape that never says anything."""
    other = {**PLAIN, "title": "Dr.", "emails": [], "roles": [{"primary": "True", "value": "x"}]}

    assert counted([json.dumps([PLAIN, other]).encode()]) == [(49, 49)]


def read_by(text: bytes, proof: Proof) -> Any:
    """Return what a proof makes of a page, or that it refuses it."""
    try:
        page = proof.page(proof.fetched(text))
    except StrictJsonError as exc:
        return exc.args
    rows = page.get(ROWS) if isinstance(page, dict) else None
    if isinstance(rows, Rows):
        assert [*rows.ids] == [one.get("id", UNSET) for one in rows.made()]
        page = {**page, ROWS: rows.made()}
    return canonical(page)


def read_plainly(text: bytes) -> Any:
    """Return the same of what is read without a shape."""
    try:
        return canonical(parse_plainly(text))
    except StrictJsonError as exc:
        return exc.args


def canonical(value: Any) -> str:
    """Return a value in one spelling: the order of keys says nothing."""
    return json.dumps(value, sort_keys=True)


LARGE = '"large": 9007199254740993, "half": 1.5,'


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """Draw a page, whose rows may be anything, keys that come twice included."""
    rows = draw(st.lists(bodies | st.sampled_from(SOUND), max_size=3))
    key = draw(st.sampled_from((ROWS, ROWS, ROWS, "resources")))
    twice = draw(
        st.sampled_from(("", "", f'"{key}": [],', '"Resources": null,', '"a": 1, "a": 2,', LARGE))
    )
    again = draw(st.sampled_from(("", "", f'"b": [{",".join(rows)}],')))
    between = draw(st.sampled_from((",", ", ", "\n,")))
    listed = f'"totalResults": 3, {twice} {again} "{key}": [{between.join(rows)}]'
    return f"{{{listed}}}".encode("utf-8", "replace")


SOUND = (
    '{"id": "1", "a": "x"}',
    '{"id": "2", "a": "\\u0022:"}',
    '{"id": "2", "id": "3"}',
    '{"id": "4", "a": 1.0}',
    '{"id": "5", "a": 1}',
    '{"id": 6, "b": [{"c": "x"}, {"c": null}]}',
)


@MANY
@given(st.lists(pages(), min_size=1, max_size=4), st.sampled_from((1, 2, 200)))
@example(
    [b'{"Resources": [{"id": "1", "a": "x"}]}', b'{"Resources": [{"id": "1", "a": "", "a": "y"}]}'],
    200,
)
@example([b'{"Resources": [{"id": "1"}]}', b'\xef\xbb\xbf{"Resources": [{"id": "1"}]}'], 200)
@example(
    [b'{"Resources": [{"id": "1"}]}', b'{"Resources": [{"id": "1"}], "Resources": [{"id": "2"}]}'],
    200,
)
@example(
    [b'{"Resources": [{"id": "1"}]}', b'{"b": [{"id": "1"}], "Resources": [{"id": "1"}]}'], 200
)
@example([b'{"Resources": [{"a": 1}]}', b'{"Resources": [{"a": 1.0}]}'], 200)
@example([b'{"large": 9007199254740993, "Resources": [{"id": "1"}]}'], 200)
def test_pages_of_one_shape_are_read_as_they_are_without_it(
    texts: list[bytes], together: int
) -> None:
    proof = Proof(few=0)

    with patch.object(proved, "TOGETHER", together):
        assert [read_by(text, proof) for text in texts] == [*map(read_plainly, texts)]


def test_a_page_is_read_by_its_shape() -> None:
    """Otherwise the law above would hold of a proof that never proves anything."""
    proof = Proof(few=0)
    text = f'{{"totalResults": 2, "Resources": [{SOUND[0]}, {SOUND[1]}]}}'.encode()

    assert isinstance(proof.page(proof.fetched(text))[ROWS], Rows)
    assert isinstance(proof.page(proof.fetched(text))[ROWS], Rows)
