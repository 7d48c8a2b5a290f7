"""Every shortcut on the way to what is wanted, against the long way round."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler import pile
from reconciler.config.model import Clause, ScopingFilter
from reconciler.config.patterns import compile_pattern
from reconciler.diagnostics import Position
from reconciler.directory import Directory
from reconciler.expr import EvaluationError, RoleGrant, Value, compile_expression, parse
from reconciler.lines import REMEMBERED, TRIED, remembered
from reconciler.plan.filled import counted
from reconciler.ports import Recall, SourceUnusable
from reconciler.scope import compile_filters, patterns
from reconciler.scope.filters import compile_clause
from reconciler.source import FileSource, again, csv_file, people, rows, streamed
from reconciler.source import files as files_
from reconciler.source.csv_file import read_csv
from reconciler.source.noted import ANCHOR, DELETED, ENABLED
from reconciler.source.people import subjects_of
from reconciler.source.streamed import Recalling
from reconciler.source.table import Problems, Table
from reconciler.store.memo import Memo

LAW = settings(deadline=None)

# scoping filters

PATTERNS = ("a|b", "^(a|ab)$", "(?:b)", "a.", "[ab]+", "", "b$|a", "(a)|b", "ab?", "a|", "(?s:.*)")
texts = st.text("ab01 .\n", max_size=4)
cells = st.dictionaries(st.sampled_from("xy"), texts | st.lists(texts).map(tuple), max_size=2)


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    """Draw a clause, mostly a pattern."""
    matches: Any = draw(st.sampled_from(("REGEX MATCH", "NOT REGEX MATCH", "EQUALS", "IS NULL")))
    value = None if matches == "IS NULL" else draw(st.sampled_from(PATTERNS))
    return Clause(attribute=draw(st.sampled_from("xy")), operator=matches, value=value)


filters = st.lists(
    st.builds(
        ScopingFilter, title=st.just("F"), clauses=st.lists(clauses(), min_size=1).map(tuple)
    ),
    min_size=1,
    max_size=4,
)


@LAW
@given(filters, st.lists(cells, max_size=8))
def test_filters_say_of_each_what_their_clauses_say(
    drawn: list[ScopingFilter], sources: list[dict[str, Any]]
) -> None:
    passes = compile_filters(drawn)

    for row in sources + sources:
        assert passes(row) is any(all(compile_clause(c)(row) for c in f.clauses) for f in drawn)


@LAW
@given(filters, st.lists(cells, max_size=8))
def test_filters_say_the_same_when_they_may_remember_nothing(
    drawn: list[ScopingFilter], sources: list[dict[str, Any]]
) -> None:
    passes = compile_filters(drawn)
    with patch("reconciler.scope.filters.REMEMBERED", 0):
        assert [*map(compile_filters(drawn), sources)] == [*map(passes, sources)]


@LAW
@given(st.lists(st.sampled_from(PATTERNS), min_size=1), st.lists(texts))
def test_patterns_find_together_what_they_find_one_by_one(
    drawn: list[str], values: list[str]
) -> None:
    together = patterns.matching(drawn)
    with patch("reconciler.scope.patterns._together", lambda texts: None):
        one_by_one = patterns.matching(drawn)
    with patch("reconciler.scope.patterns._together", lambda texts: lambda value: None):
        without_answer = patterns.matching(drawn)

    for value in values:
        found = frozenset(
            at for at, text in enumerate(drawn) if compile_pattern(text).fullmatch(value)
        )
        assert together(value) == one_by_one(value) == without_answer(value) == found


@given(st.text("ab|()^$?:é ", max_size=8) | st.sampled_from(PATTERNS), st.lists(texts))
def test_a_pattern_that_lists_texts_matches_them_and_no_other(text: str, values: list[str]) -> None:
    listed = patterns.literal_texts(text)
    if listed is None:
        return

    matches = compile_pattern(text).fullmatch
    assert all(matches(value) for value in listed)
    assert [value in listed for value in values] == [bool(matches(value)) for value in values]


# expressions

CLOSED_OVER = (
    ("ToLower([a])", "ToLower(Coalesce([a]))"),
    ("NormalizeDiacritics([a])", "NormalizeDiacritics(Coalesce([a]))"),
    ('Append([a], "é!")', 'Append(Coalesce([a]), "é!")'),
    ('Append([a], "")', "Append([a], [nothing])"),
    ('Replace([a], "a", , , "", , )', 'Replace(Coalesce([a]), "a", , , [nothing], , )'),
    ('Replace([a], "ab", , , "x", , )', 'Replace([a], Coalesce("ab"), , , "x", , )'),
    ('Join("-", [a], [b])', 'Join(Coalesce("-"), [a], [b])'),
    ('Join("", [a], [b])', 'Join("", Coalesce([a]), [b])'),
    ('Join(", ", [a], [b], [a])', 'Join(Coalesce(", "), [a], [b], [a])'),
    ('Join(", ", [a])', 'Join(", ", Coalesce([a]))'),
)
"""Calls about attributes, and the same call in a form that no closure is made for."""

LONG = st.sampled_from((1_024, 1_025, 16_384, 16_385, 40_000, 65_536, 70_000)).map("aé".__mul__)
values: st.SearchStrategy[Value] = (
    st.none()
    | st.text("abÄ\u0130 ", max_size=5)
    | LONG
    | st.integers(-1, 10)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | st.just(RoleGrant("admin", "Administrator"))
    | st.lists(st.text("ab", max_size=2), max_size=3).map(tuple)
)


def _outcome(evaluate: Callable[..., Value], row: dict[str, Value]) -> tuple[Value, str]:
    try:
        return evaluate(row), ""
    except EvaluationError as error:
        return None, str(error)


@LAW
@given(st.sampled_from(CLOSED_OVER), values, values)
def test_a_call_about_attributes_yields_what_any_call_does(
    pair: tuple[str, str], a: Value, b: Value
) -> None:
    short, long = (compile_expression(parse(text)) for text in pair)
    row = {"a": a, "b": b}

    assert _outcome(short, row) == _outcome(long, row)


@given(st.lists(values.filter(lambda v: v is None or isinstance(v, str | tuple)), max_size=30))
def test_what_is_remembered_is_what_was_worked_out(drawn: list[Value]) -> None:
    def yields(row: Any) -> str:
        return repr(row.get("a"))

    recalled = remembered("a", yields)

    assert [recalled({"a": value}) for value in drawn * 2] == [*map(repr, drawn * 2)]


def _asked(drawn: list[str]) -> list[str]:
    """Return of which texts the value was worked out anew, once all have been asked for."""
    asked: list[str] = []

    def yields(row: Any) -> str:
        asked.append(row["a"])
        return str(row["a"])

    recalled = remembered("a", yields)
    assert [recalled({"a": text}) for text in drawn] == drawn
    return asked


def test_texts_that_come_back_are_remembered_and_no_more_than_so_many() -> None:
    few = [str(number % 7) for number in range(100)]
    many = [str(number) for number in range(REMEMBERED + 1)]
    twice = [text for text in many for _ in range(2)]

    assert _asked(few) == [*"0123456"]
    assert _asked([*twice, many[0], many[-1]]) == [*many, many[-1], many[-1]]


def test_texts_that_do_not_come_back_are_not_remembered() -> None:
    new = [str(number) for number in range(TRIED)]

    assert _asked([*new, "0"]) == [*new, "0"]


# CSV

LINES = st.lists(  # quotes that open a cell, close one, or only stand in it
    st.sampled_from(
        (
            "a,b,c",
            "1,2,3",
            "1,,3",
            ",,",
            '"x,1","y\nz",',
            "1,2",
            '"',
            "",
            "1,2,3,4",
            "é,1,1",
            'x"y,2,3',
            '1,"2",x"',
        )
    ),
    max_size=9,
)
ENDS = st.sampled_from(("\n", "\r\n", "\r"))


@st.composite
def files(draw: st.DrawFn) -> str:
    """Draw the text of a file with a header of three columns; each line ends as it likes."""
    return "".join(line + draw(ENDS) for line in ("a,b,c", *draw(LINES)))


def _read(text: str) -> tuple[Any, list[str]]:
    """Return the rows of *text* with their places, and every complaint."""
    problems = Problems()
    table = read_csv(text, "f", problems)
    found = (
        None
        if table is None
        else [(row, list(row), table.locate(at, "b")) for at, row in enumerate(table.rows)]
    )
    return found, [*map(str, problems.shown())]


@LAW
@given(files())
def test_a_file_is_read_in_blocks_as_it_is_row_by_row(text: str) -> None:
    with patch.object(csv_file, "_sound", lambda text, header: None):
        plainly = _read(text)
    with (
        patch.object(csv_file, "BLOCK", 2),
        patch.object(csv_file, "PIECE", 3),
        patch.object(rows, "KEPT_TEXTS", 2),
    ):
        assert _read(text) == plainly
    with patch.object(rows, "SHARED_COLUMNS", 0):
        assert _read(text) == plainly
    with patch.object(csv_file, "BLOCK", 2), patch.object(pile, "FEW", 1):
        assert _read(text) == plainly
    assert _read(text) == plainly


@given(st.text("a,\r\n\x0b\u2028\x85", max_size=20))
def test_a_text_is_cut_into_lines_as_a_file_is(text: str) -> None:
    with patch.object(csv_file, "PIECE", 2):
        assert [*csv_file._lines(text)] == [*io.StringIO(text, newline="")]


def test_a_text_that_comes_back_is_one_text_in_all_rows() -> None:
    made = io.StringIO()
    csv.writer(made).writerows([("objectId", "dept"), *((n, f"dept {n % 3}") for n in range(999))])

    table = read_csv(made.getvalue(), "f", Problems())

    assert table is not None
    assert len({id(row["dept"]) for row in table.rows}) == 3


# people

WORDS = st.sampled_from(("", "true", "True", "FALSE", "false", "tRUE", "yes"))
ids = st.sampled_from(("1", "2", "3", "a b", "4\u00a0", ""))


@given(st.lists(st.tuples(ids, WORDS, WORDS), max_size=5))
def test_people_are_made_at_once_as_they_are_one_by_one(drawn: list[tuple[str, ...]]) -> None:
    columns = (ANCHOR, ENABLED, DELETED)
    found: list[Any] = [
        {name: cell for name, cell in zip(columns, row, strict=True) if cell} for row in drawn
    ]
    table = Table("f", columns, found, lambda row, column: Position("f", row or 0, 1))
    at_once, plainly = Problems(), Problems()

    subjects = subjects_of(table, at_once)
    with patch.object(people, "_sound", lambda table: None):
        assert subjects == subjects_of(table, plainly)
    assert [*map(str, at_once.shown())] == [*map(str, plainly.shown())]


@given(st.lists(st.tuples(ids, WORDS, WORDS, st.sampled_from(("", "é"))), max_size=5))
@example([("1", "true", "false", ""), ("2", "false", "", "é"), ("3", "", "true", "")])
def test_people_whose_rows_are_laid_aside_are_the_same(drawn: list[tuple[str, ...]]) -> None:
    """And as many of them have a value in each column."""
    made = io.StringIO()
    columns = (ANCHOR, ENABLED, DELETED, "city")
    csv.writer(made).writerows([columns, *drawn])
    plainly, aside = Problems(), Problems()
    with patch.object(csv_file, "_sound", lambda text, header: None):
        table = read_csv(made.getvalue(), "f", plainly)
    assert table is not None
    expected = subjects_of(table, plainly)

    with patch.object(csv_file, "BLOCK", 2), patch.object(pile, "FEW", 1):
        table = read_csv(made.getvalue(), "f", aside)
        assert table is not None
        found = subjects_of(table, aside)

    assert [*map(str, aside.shown())] == [*map(str, plainly.shown())]
    assert [*found] == [*expected]
    assert [*found.values()] == [*expected.values()]
    assert {anchor: found[anchor] for anchor in found} == expected
    assert [anchor in found for anchor in "123456"] == [anchor in expected for anchor in "123456"]
    if table.noted is not None and not aside.count:
        assert counted(Directory(found)) == Counter(table.noted.filled)


CITIES = ("", "é", 'x"y', "a,b", "\x01", "of\r\nseveral\r\nlines")


def _directory(path: Path, groups: Path | None, recall: Recalling = nullcontext) -> Any:
    """Return what the files hold, or every complaint."""
    try:
        found = FileSource(path, groups, lambda path: path.name, recall=recall).read()
    except SourceUnusable as exc:
        return [*map(str, exc.diagnostics)]
    people = [*found.subjects.values()]
    return people, [*found.groups.values()], found.sha256, counted(found), found.ignored_members


@LAW
@given(
    st.lists(st.tuples(ids, WORDS, st.sampled_from(CITIES)), max_size=6),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.sampled_from((b"", b"\xef\xbb\xbf", b"\n", b"\xff")),
    st.sampled_from((b"", b"\n", b"1,2,3,4", b'"', b"9,,\xc3", b"9,,\x00\n")),
    st.booleans(),
    st.integers(1, 9),
)
@example([("1", "true", "é"), ("2", "", "")], "\n", b"", b"", True, 3)
@example([("1", "", CITIES[-1]), ("2", "", "")], "\r\n", b"", b"", True, 5)
def test_a_file_is_read_in_pieces_as_it_is_as_a_whole(
    drawn: list[tuple[str, ...]], end: str, first: bytes, last: bytes, grouped: bool, block: int
) -> None:
    made = io.StringIO()
    csv.writer(made, lineterminator=end).writerows([(ANCHOR, ENABLED, "city"), *drawn])
    with TemporaryDirectory() as folder:
        path, groups = Path(folder, "p.csv"), Path(folder, "g.csv")
        path.write_bytes(first + made.getvalue().encode() + last)
        groups.write_text("objectId,displayName,members\ng,G,1;2;x\n")
        known = groups if grouped else None
        with patch.object(files_, "read_people", lambda path, file, recall: None):
            whole = _directory(path, known)

        with patch.object(streamed, "BLOCK", block), patch.object(csv_file, "PIECE", 5):
            assert _directory(path, known) == whole
        with patch.object(pile, "FEW", 1):
            assert _directory(path, known) == whole
        with patch.object(pile, "FEW", 1), patch.object(streamed, "LARGE", 0):
            for _ in range(2):
                assert _directory(path, known, partial(_remembered, Path(folder))) == whole
            path.write_bytes(path.read_bytes().replace(b"true", b"TRUE"))
            told = _directory(path, known)
            assert _directory(path, known, partial(_remembered, Path(folder))) == told


@contextmanager
def _remembered(folder: Path) -> Iterator[Recall]:
    """Open what is remembered of a file."""
    with Memo(folder / "memo") as memo:
        yield memo.by(b"rows")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end"])
def test_a_file_that_was_read_before_is_not_read_again(tmp_path: Path, end: str, last: str) -> None:
    path = tmp_path / "p.csv"
    rows = [f"{n},true,{'é' * n}" for n in range(12)]
    path.write_bytes(end.join(["objectId,accountEnabled,city", *rows]).encode())
    if last:
        path.write_bytes(path.read_bytes() + end.encode())
    recall = partial(_remembered, tmp_path)

    with patch.object(pile, "FEW", 1), patch.object(streamed, "LARGE", 0):
        first = _directory(path, None, recall)
        with patch.object(streamed, "_pieces", None):
            second = _directory(path, None, recall)

    assert first == second == _directory(path, None)


def test_a_file_that_is_written_to_meanwhile_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    path, recall = tmp_path / "p.csv", partial(_remembered, tmp_path)
    path.write_text("objectId,accountEnabled,isDeleted\n1,true,false\n2,,\n")
    with patch.object(pile, "FEW", 1), patch.object(streamed, "LARGE", 0):
        before = _directory(path, None, recall)
        hashed = again._hash_of(path)
        path.write_text("objectId,accountEnabled,isDeleted\n1,false,true\n3,,\n")

        with patch.object(again, "_hash_of", lambda path: hashed):
            found = _directory(path, None, recall)

    assert found == _directory(path, None) != before


def test_a_sound_file_is_not_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text('objectId,city\n1,"a ""b"", c"\n2,é\n')

    with patch.object(FileSource, "_table", None):
        assert [*FileSource(path).read().subjects] == ["1", "2"]
