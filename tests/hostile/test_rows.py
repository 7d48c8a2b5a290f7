"""The security checklist: every row has tests that exist, and here are those that it lacked."""

from __future__ import annotations

import ast
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from reconciler.config import model, safety
from reconciler.config.load import load_config
from reconciler.config.texts import SourceText
from reconciler.diagnostics import ConfigError, printable, printable_json
from reconciler.plan.plan_file import parse_plan
from reconciler.render import FORMATS
from reconciler.scim.filters import equals
from reconciler.scim.paths import parse_path
from reconciler.testing import Reply, Request
from tests.e2e.company import TOKEN_NAME, Company, Sandbox
from tests.hostile.corpus import BASE, PAIRS, ROOT
from tests.hostile.doors import pair
from tests.hostile.rows import ROWS, Row
from tests.servers import TOKEN, FaultServer, listing, users


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_NAME, TOKEN)


def test_there_is_a_row_for_every_risk() -> None:
    assert [row.id for row in ROWS] == [f"S{number:02}" for number in range(1, 33)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_is_held_by_tests_that_exist(row: Row) -> None:
    assert row.tests
    for node in row.tests:
        path, _, name = node.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        names = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        assert name in names, node


def refusal(text: str, *included: str) -> ConfigError:
    """Return what is wrong with a configuration."""
    files = [SourceText(f"{number}.yaml", one) for number, one in enumerate(included)]
    with pytest.raises(ConfigError) as raised:
        load_config(SourceText("provisioning.yaml", text), files)
    return raised.value


def test_s01_a_configuration_with_sixty_thousand_mistakes_is_cheap() -> None:
    many = "    assignments:\n" + "      - {}\n" * 60_000
    begun = time.process_time()

    error = refusal(BASE.replace("    assignments:\n", many, 1))

    assert error.diagnostics[-1].code == "too-many-problems"
    assert time.process_time() - begun < 5


def test_s01_the_number_of_values_is_limited_over_all_files() -> None:
    half = "applications: {}\nx: [" + ",".join(["1"] * 124_000) + "]\n"

    error = refusal(BASE, half, half, half)

    assert [one.code for one in error.diagnostics].count("too-many-values") == 1


@pytest.mark.parametrize("pattern", [".", "./", "x" * 256, "a/" * 100 + "b"])
def test_s02_an_include_that_is_no_name_is_refused_in_words(pattern: str, tmp_path: Path) -> None:
    company = Company(tmp_path / "company", "http://127.0.0.1:9/v2")
    company.hire("ada")
    company.write()
    told = {**json.loads(company.file.read_text("utf-8")), "include": [pattern]}
    company.file.write_text(json.dumps(told), "utf-8")

    ended = company.run("validate")

    assert ended.code == 3
    assert "include" in ended.err


def test_s05_every_model_of_a_file_is_strict_and_closed() -> None:
    found = [
        each
        for module in (model, safety)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel) and each is not BaseModel
    ]
    assert len(found) > 15
    for each in found:
        wanted = {"extra": "forbid", "strict": True, "hide_input_in_errors": True}
        assert {key: each.model_config.get(key) for key in wanted} == wanted, each


@pytest.mark.parametrize(
    "members", ["ada", 5, True, {"value": "u1"}, ["u1"], [None], [{"value": {"value": "u1"}}]]
)
def test_s06_a_group_of_no_sensible_shape_ends_no_plan(members: Any, tmp_path: Path) -> None:
    group = {"id": "g1", "displayName": "Staff", "members": members}
    with FaultServer(people=users(2), groups=[group]) as server:
        company = Company(tmp_path / "company", server.url)
        company.hire("ada")

        company.plan()

    assert ("add_members", "Staff") in company.operations()


def test_s09_no_address_that_a_service_names_is_asked(tmp_path: Path) -> None:
    with FaultServer() as stranger:
        named = {
            "meta": {"location": f"{stranger.url}/Users/u1"},
            "$ref": f"{stranger.url}/Users/u1",
            "profileUrl": stranger.url,
        }
        people = [{**one, **named} for one in users(3)]
        member = {"value": "u1", "$ref": f"{stranger.url}/Users/u1"}
        group = {"id": "g1", "displayName": "Staff", "members": [member], **named}

        def answer(asked: Request) -> Reply | None:
            if asked.path != "/Users":
                return None
            if "cursor" in asked.query or asked.query.get("startIndex", "1") != "1":
                return Reply.of(listing([], 3))
            more = {"nextCursor": stranger.url, "next": stranger.url}
            headers = {"Location": stranger.url, "Link": f"<{stranger.url}>; rel=next"}
            said = Reply.of(listing(people, 3, **more))
            return Reply(said.body, 200, said.media_type, headers)

        with FaultServer(answer=answer, groups=[group]) as server:
            company = Company(tmp_path / "company", server.url)
            company.hire("ada")
            company.plan()
            company.run("apply", "--auto-approve", company.newest())
            company.run("probe", "app")

        assert stranger.requests == []


@pytest.mark.parametrize(
    "value",
    ['joe" or userName pr or userName eq "x', "a\\", 'a\\" or 1 eq 1 or "', "\x00", "\u2028"],
)
def test_s12_no_value_leaves_its_filter(value: str) -> None:
    text = equals(parse_path("userName"), value)

    name, operator, rest = text.split(" ", 2)
    assert (name, operator) == ("userName", "eq")
    assert json.loads(rest) == value


BANNED = {
    "eval",
    "exec",
    "compile_command",
    "from_string",
    "Delta",
    "pickle",
    "from_json_pickle",
    "to_json_pickle",
    "marshal",
    "shelve",
    "unsafe_load",
    "full_load",
    "FullLoader",
    "UnsafeLoader",
    "system",
    "popen",
    "FileSystemLoader",
    "follow_redirects",
}
"""Names that let data become code, or lead elsewhere."""


def test_s15_s16_nothing_dangerous_is_called() -> None:
    for path in (ROOT / "reconciler").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            name
            for node in ast.walk(tree)
            for name in (
                getattr(node, "id", None),
                getattr(node, "attr", None),
                getattr(node, "module", None) if isinstance(node, ast.ImportFrom) else None,
                getattr(node, "name", None) if isinstance(node, ast.alias) else None,
            )
            if isinstance(name, str)
        }
        shell = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg in {"shell", "verify"}
            if isinstance(node.value, ast.Constant) and node.value.value is (node.arg == "shell")
        ]
        assert not named & BANNED, path
        assert not shell, path


def test_s15_templates_come_from_the_package_alone() -> None:
    for path in (ROOT / "reconciler").rglob("*.py"):
        text = path.read_text("utf-8")
        if "Environment(" in text and "jinja2" in text:
            assert "PackageLoader(" in text, path
            assert "StrictUndefined" in text, path
            assert "autoescape=" in text, path


def test_s19_what_a_run_leaves_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Sandbox() as sandbox:
            company = Company(tmp_path / "company", sandbox.url)
            company.hire("ada")
            company.settle("--out", str(tmp_path / "copy.json"))
    finally:
        os.umask(before)
    made = [*company.store.parent.rglob("*"), company.store.parent, tmp_path / "copy.json"]
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert len(made) > 4


def test_s21_no_form_is_html_yet() -> None:
    """When one comes, it brings its own tests: autoescape, CSP, no script, no external address."""
    assert set(FORMATS) == {"text", "markdown", "json"}


@pytest.mark.parametrize(
    "text", ["::error::x", "  ::set-output name=a::b", "##[command]x", "a ##vso[task]x", "\n::x::"]
)
def test_s23_a_line_is_no_command_of_a_pipeline(text: str) -> None:
    shown = printable(text)

    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown
    assert "##vso[" not in shown
    assert shown.isprintable()


@pytest.mark.parametrize("text", ["fe80::a1", "a::b", "## heading", "C# ", "é"])
def test_what_is_no_command_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_s23_json_is_inert_and_means_the_same() -> None:
    value = {"a": "\u202e\x9b\x7f##vso[x]\U000e0041é", "b": ["\u2028", "##[x]"]}

    text = printable_json(json.dumps(value, ensure_ascii=False, indent=1))

    assert json.loads(text) == value
    assert all(line.isprintable() for line in text.split("\n"))
    assert "##" not in text


def test_s26_there_are_three_hundred_pairs_and_each_comes_to_what_it_says() -> None:
    lines = [line for line in PAIRS.read_text("utf-8").splitlines() if line[:1] != "#"]
    assert len(lines) >= 300
    for line in lines:
        expected, one, other = (json.loads(f'"{part}"') for part in line.split("\t"))
        pair((expected, one, other))


@pytest.mark.parametrize(
    "written",
    ["rate_limit: 10001", "rate_limit: -1", "concurrency: 65", "concurrency: 99999999999999999"],
)
def test_s29_a_number_beyond_its_bounds_is_refused(written: str) -> None:
    error = refusal(BASE.replace("    roles:", f"      {written}\n    roles:"))

    assert {one.code for one in error.diagnostics} <= {"out-of-range", "wrong-type"}


def test_s31_nothing_is_imported_from_the_folder_of_a_pull_request(tmp_path: Path) -> None:
    for name in ("yaml", "json", "click", "pydantic", "reconciler", "sitecustomize", "httpx"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the folder')\n")
    command = Path(sys.executable).with_name("reconciler")

    ended = subprocess.run(
        [command, "expr", '"fine"'], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, '"fine"\n')


def test_s31_no_core_is_left() -> None:
    pytest.importorskip("resource")
    script = (
        "import resource; from reconciler.cli.main import leave_no_core; leave_no_core();"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ended.stdout.strip() == "(0, 0)"


def test_a_plan_with_a_million_unknown_keys_is_refused_without_naming_each() -> None:
    data = b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}"

    with pytest.raises(Exception, match=r"the file: 100,0\d\d mistakes"):
        parse_plan(data)
