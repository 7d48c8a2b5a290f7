import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.directory import Directory
from reconciler.source import FileSource, files

Read = Callable[..., Directory]
Complaints = Callable[..., list[str]]


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


COLUMNS = ("objectId", "surname", "employeeId", "accountEnabled", "title")
PEOPLE = [
    ("1", "Null", "007", "TRUE", 'Head of "Sales", EMEA'),
    ("2", "Łukasiewicz", "", "false", ""),
    ("3", "Nguyễn", "0042", "", "no"),
]


def _csv() -> str:
    rows = (COLUMNS, *PEOPLE)
    return "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)


def _objects() -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, person, strict=True)) for person in PEOPLE]


IN_EVERY_FORMAT = {
    "users.csv": _csv(),
    "users.json": json.dumps(_objects(), indent=2),
    "users.jsonl": "\n".join(map(json.dumps, _objects())),
    "users.yaml": "\n".join(f"- {json.dumps(o, ensure_ascii=False)}" for o in _objects()),
    "USERS.YML": "\n".join(f"- {json.dumps(o, ensure_ascii=False)}" for o in _objects()),
}


@pytest.mark.parametrize("name", IN_EVERY_FORMAT)
def test_the_same_people_in_any_format_are_the_same_directory(read: Read, name: str) -> None:
    directory = read(IN_EVERY_FORMAT[name], name=name)

    assert directory.subjects == read(IN_EVERY_FORMAT["users.csv"]).subjects
    assert list(directory.subjects) == ["1", "2", "3"]
    assert directory.groups == {}


@pytest.mark.parametrize("name", ["users.csv", "users.yaml", "users.jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_text(read: Read, name: str) -> None:
    content = "\ufeff" + IN_EVERY_FORMAT[name]

    assert list(read(content, name=name).subjects) == ["1", "2", "3"]


def test_the_digest_is_of_the_bytes_of_both_files(read: Read) -> None:
    users, groups = "objectId\n1\n", "- {objectId: g, displayName: G, members: []}\n"

    directory = read(users, groups)

    assert directory.sha256 == hashlib.sha256((users + groups).encode()).hexdigest()


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused(complaints: Complaints, content: str) -> None:
    assert complaints(content) == ["empty-file users.csv:1:1 users.csv is empty"]


def test_a_header_alone_is_an_empty_source(complaints: Complaints) -> None:
    assert complaints("objectId,mail\n") == ["no-rows users.csv:1:1 users.csv holds nobody"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "objectId,city\n1,Bonn\n2,Köln\n".encode("latin-1"),
            "wrong-encoding users.csv:3:4 the file is not UTF-8",
            id="latin-1",
        ),
        pytest.param(
            "objectId\n1\n".encode("utf-16"),
            "wrong-encoding users.csv:1:1 the file is UTF-16",
            id="utf-16",
        ),
        pytest.param(
            b"objectId,city\n1,\xc3\xbc\xed\xa0\x80\n",
            "wrong-encoding users.csv:2:4 the file is not UTF-8",
            id="a surrogate",
        ),
    ],
)
def test_wrong_bytes_have_a_line(complaints: Complaints, content: bytes, expected: str) -> None:
    assert complaints(content) == [expected]


def test_control_characters_are_all_reported(complaints: Complaints) -> None:
    assert complaints("objectId,a\n1,\x00b\n2,c\x1b\n") == [
        "control-character users.csv:2:3 the file holds the control character U+0000",
        "control-character users.csv:3:4 the file holds the control character U+001B",
    ]


def test_an_unknown_extension_is_refused_with_those_that_are_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        FileSource(write(tmp_path, "users.xlsx", "x")).read()

    (complaint,) = caught.value.diagnostics
    assert complaint.code == "unsupported-format"
    assert complaint.hint == "known are: .csv, .jsonl, .json, .yaml, .yml"


def test_a_missing_file_and_a_folder_are_refused_together(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").mkdir()

    with pytest.raises(ConfigError) as caught:
        FileSource(tmp_path / "users.csv", tmp_path / "groups.csv", lambda p: p.name).read()

    assert [d.message for d in caught.value.diagnostics] == [
        "users.csv does not exist",
        "groups.csv is not a regular file",
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "users.csv")

    with pytest.raises(ConfigError, match="not a regular file"):
        FileSource(tmp_path / "users.csv").read()


@pytest.mark.parametrize(("name", "reason"), [("a\0.csv", "the name cannot"), ("x.csv", "not a")])
def test_what_the_system_refuses_is_no_traceback(tmp_path: Path, name: str, reason: str) -> None:
    write(tmp_path, "file", "x")
    folder = tmp_path / "file" if name == "x.csv" else tmp_path

    with pytest.raises(ConfigError, match="cannot be read") as caught:
        FileSource(folder / name).read()

    assert reason in caught.value.diagnostics[0].message.lower()


def test_a_file_of_any_size_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SIZE_LIMIT", 10)

    with pytest.raises(ConfigError, match="has 11 bytes; at most 10 are read"):
        FileSource(write(tmp_path, "users.csv", "objectId\n1\n")).read()


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, known = write(tmp_path, "users.csv", "objectId\n1\n"), Path.stat

    def larger(path: Path) -> os.stat_result:
        found = [*known(path)]
        found[stat.ST_SIZE] += 1
        return os.stat_result(found)

    monkeypatch.setattr(Path, "stat", larger)

    with pytest.raises(ConfigError, match="changed while it was read"):
        FileSource(path).read()


def test_ruling_1_problems_of_both_files_are_reported_together(complaints: Complaints) -> None:
    found = complaints("objectId\n1\n1\n", "- objectId: g\n")

    assert [line.split()[0] for line in found] == [
        "repeated-anchor",
        "missing-column",
        "missing-column",
    ]


def test_fifty_problems_are_shown_and_the_rest_counted(complaints: Complaints) -> None:
    found = complaints("objectId,a\n" + "1\n" * 60)

    assert len(found) == 51
    assert found[-1] == "more-problems None and 10 more problems like these"


def test_an_empty_file_of_groups_is_reported_beside_what_is_wrong_with_people(
    complaints: Complaints,
) -> None:
    assert complaints("objectId\n1\n1 1\n", "[]") == [
        "bad-anchor users.csv:3:1 an objectId is one word, without white space",
        "no-rows groups.yaml:1:1 groups.yaml holds nobody",
    ]


def test_groups_are_judged_even_when_the_people_cannot_be_read(complaints: Complaints) -> None:
    found = complaints("", "objectId,displayName,members\n,A,\n", groups_name="groups.csv")

    assert [line.split()[0] for line in found] == ["empty-file", "missing-anchor"]


def test_a_directory_keeps_the_order_of_the_file(read: Read) -> None:
    directory: Directory = read("objectId\nb\na\nc\n")

    assert list(directory.subjects) == ["b", "a", "c"]
