"""
The README does what it says.

The steps of "Bring your own server" are taken from the page and run as they
stand, by bash, against a scim2-server that knows nothing of them. What the page
and the rest of the documentation say of commands and links is checked as well.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import httpx
import pytest

from reconciler.cli.main import cli
from reconciler.workflow.exit_codes import ExitCode
from tests.markdown import PAGES, ROOT, anchors, fences, inline, name_of, rows
from tests.servers import scim2_server

README = ROOT / "README.md"
SECTION = "Bring your own server"
TOKEN = "a-token-that-the-reader-was-given"
OWN_VALUES = ("export TENANT_URL=", "export SCIM_TOKEN=")
"""How the two lines begin into which a reader puts their own values."""

MARK = "@@ended"


@dataclass(frozen=True)
class Step:
    """One command of the page, and what became of it."""

    command: str
    code: int
    output: str


def commands() -> list[str]:
    """Return the commands of the section, one per line of its blocks."""
    blocks = [fence.text for fence in fences(README) if fence.section == SECTION]
    return [line for block in blocks for line in block.splitlines()]


@dataclass(frozen=True)
class Walk:
    """All steps, done, and the names of the accounts that there are then."""

    steps: list[Step]
    people: list[str]

    def of(self, *words: str) -> list[Step]:
        """Return the steps whose command begins with *words*."""
        return [step for step in self.steps if step.command.split()[: len(words)] == list(words)]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    home = tmp_path_factory.mktemp("reader")
    with scim2_server(tmp_path_factory.mktemp("server"), token=TOKEN) as url:
        environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
            "HOME": str(home),
            "TENANT_URL": url,
            "SCIM_TOKEN": TOKEN,
        }
        typed = [line for line in commands() if not line.startswith(OWN_VALUES)]
        script = "".join(f"{line}\nprintf '\\n{MARK} %s\\n' $?\n" for line in typed)
        ran = subprocess.run(
            ["bash", "-c", script],  # noqa: S607 - whichever bash the reader has
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        told = re.findall(rf"(.*?)\n{MARK} (\d+)\n", ran.stdout, re.DOTALL)
        steps = [
            Step(line, int(code), output) for line, (output, code) in zip(typed, told, strict=True)
        ]
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(f"{url}/Users", headers=headers, trust_env=False).json()
        yield Walk(steps, sorted(user["userName"] for user in answer["Resources"]))


def test_the_reader_gives_a_url_and_a_token_and_nothing_else() -> None:
    own = [line for line in commands() if line.startswith(OWN_VALUES)]

    assert [line.partition("=")[0] + "=" for line in own] == list(OWN_VALUES)


def test_every_step_ends_well(walk: Walk) -> None:
    assert {step.command: step.output for step in walk.steps if step.code} == {}


def test_the_steps_are_those_of_the_story(walk: Walk) -> None:
    verbs = [step.command.split()[1] for step in walk.of("reconciler")]

    assert verbs == [
        *("init", "probe", "validate", "test", "plan", "apply", "plan", "explain", "history")
    ]


def test_the_first_plan_creates_and_says_how_to_apply_it(walk: Walk) -> None:
    first = walk.of("reconciler", "plan")[0].output

    assert "Plan: 4 to create, 1 to add members to." in first
    assert "Apply it with: reconciler apply plans/example-app/" in first


def test_the_second_plan_has_nothing_to_do(walk: Walk) -> None:
    again = walk.of("reconciler", "plan")[-1]

    assert again.command.startswith("reconciler plan --detailed-exitcode")
    assert again.output.splitlines()[-1] == "Nothing to do."


def test_the_people_are_on_the_server(walk: Walk) -> None:
    assert walk.people == ["ada@contoso.example", "grace@contoso.example", "sofia@contoso.example"]


def test_no_step_shows_the_token(walk: Walk) -> None:
    assert [step.command for step in walk.steps if TOKEN in step.output] == []


def test_what_the_page_tells_to_make_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    blocks = "\n".join(fence.text for fence in fences(README) if fence.section == "Try it")

    assert blocks.splitlines() == ["make demo", "make test"]
    assert {"demo", "test", "bench"} <= targets


def test_the_exit_codes_are_those_of_the_program() -> None:
    listed = [int(row[0]) for row in rows(README, "Exit codes")]

    assert listed == sorted(code.value for code in ExitCode)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    lost = []
    for token in inline(page, "link_open"):
        target = str(token.attrs["href"])
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)

    assert lost == []


def command_lines() -> list[tuple[str, str, bool]]:
    """Return every line that runs the program: page, line, and whether a reader may paste it."""
    found = []
    for page in PAGES:
        for fence in fences(page):
            for line in fence.text.splitlines() if fence.language in ("sh", "console") else ():
                bare = re.sub(r"^(\$ |[A-Z_]+=\S+ )*", "", line.strip())
                if bare.startswith("reconciler "):
                    found.append((name_of(page), bare, True))
        for token in inline(page, "code_inline"):
            if re.match(r"reconciler [a-z-]", token.content):
                found.append((name_of(page), token.content, False))
    return found


@pytest.mark.parametrize(
    ("page", "line", "whole"), command_lines(), ids=lambda value: str(value)[:60]
)
def test_every_command_line_is_one_that_the_program_takes(
    page: str, line: str, whole: bool
) -> None:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)[1:]
    end = next((index for index, word in enumerate(words) if word in {">", "|", ";", "&&"}), None)
    words = words[:end]
    if words[0] == "--config":
        words = words[2:]
    if words[0].startswith("--"):
        return
    command: click.Command | None = cli
    while words and isinstance(command, click.Group):
        _, command, words = command.resolve_command(click.Context(command), words)
    assert command is not None
    context = click.Context(command)

    given, left_over, _ = command.make_parser(context).parse_args(words)

    needed = {parameter.name for parameter in command.params if parameter.required}
    assert left_over == []
    assert not whole or {name for name in needed if given.get(str(name)) is None} == set()
