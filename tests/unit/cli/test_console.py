"""Where text goes, and what it looks like there."""

import io
import os
import sys
from pathlib import Path

import click
import pytest

from reconciler.apply.report import Outcome, Result
from reconciler.apply.verify import SwitchedOff
from reconciler.cli import console
from reconciler.diagnostics import ConfigError, Diagnostic, Position, ReconcilerError
from reconciler.plan.document import PlanAltered
from reconciler.plan.operation import Action, Operation
from reconciler.sandbox import PortUnusable
from reconciler.scim.errors import NotAuthorized, TargetBroken
from reconciler.states import ResourceType
from reconciler.workflow.make_plan import ReadIncomplete
from reconciler.workflow.project import Unusable


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def outcome(result: Result = Result.VERIFIED, code: str | None = None) -> Outcome:
    operation = Operation(
        "op-00001", 2, Action.CREATE, ResourceType.USER, "ada\x1b[2J", "ada", None, "", (), None, ()
    )
    return Outcome(operation, result, "id-1", code, "a detail" if code else None)


@pytest.mark.parametrize(
    ("stream", "no_color", "wanted"),
    [(Terminal(), "", True), (Terminal(), "1", False), (io.StringIO(), "", False)],
    ids=["a terminal", "NO_COLOR", "a pipe"],
)
def test_colour_is_for_terminals_that_want_it(
    stream: io.StringIO, no_color: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("NO_COLOR", no_color)

    assert console.colour() is wanted


def test_results_go_to_standard_output_and_the_rest_beside_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.out("the plan\n")
    console.note("a word")

    assert capsys.readouterr() == ("the plan\n", "a word\n")


def test_an_error_is_one_line_that_moves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    console.complain(ReconcilerError("it is \x1b[31mred\nand blue"))

    assert capsys.readouterr().err == "error: it is \\u{1b}[31mred\nerror: and blue\n"


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (NotAuthorized(401, "expired"), "look at where `secret_token` points"),
        (TargetBroken(503, "overloaded"), "the fault is on its side"),
        (ReadIncomplete("page 2 repeats page 1"), "nothing was concluded; `reconciler probe APP`"),
        (SwitchedOff("app has `enabled: false`"), "when it may be provisioned, remove that line"),
        (PlanAltered("it is no JSON"), "is it the file that `reconciler plan` wrote?"),
        (PortUnusable("port 8080: Address already in use"), "name another with --port"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_to_do_next_is_said_where_it_is_known(
    error: ReconcilerError, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    console.complain(error)

    assert f"hint: {hint}" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "words"), [(1, "1 error;"), (2, "2 errors;")])
def test_complaints_about_files_are_counted(
    count: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = [Diagnostic(f"code-{number}", "a problem") for number in range(count)]
    problems.append(Diagnostic("odd", "a warning", severity="warning"))

    console.complain(ConfigError(problems))

    assert f"{words} nothing was changed" in capsys.readouterr().err


def test_complaints_are_shown_with_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Diagnostic("code", "a problem", Position("a.yaml", 2, 3))

    console.complain(Unusable(ConfigError([problem]), {"a.yaml": "one\n  two\n"}))

    assert "    2 |   two\n      |   ^\n" in capsys.readouterr().err


def test_progress_in_a_pipe_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(2) as tell:
        tell([outcome()])
        tell([outcome(Result.FAILED, "Timeout")])

    assert capsys.readouterr().err.splitlines() == [
        "op-00001 verified create User ada\\u{1b}[2J",
        "op-00001 failed   create User ada\\u{1b}[2J [Timeout] a detail; "
        "next: apply again: it looks before it sends",
    ]


def test_a_resumed_run_says_what_was_carried_out_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for done in (0, 3):
        with console.progress(5) as tell:
            tell.resume(done)

    assert capsys.readouterr().err == "3 of 5 operations were carried out before\n"


def test_the_bar_of_a_resumed_run_begins_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", screen)

    with console.progress(5) as tell:
        tell.resume(3)
        tell([outcome()])

    assert "4/5" in screen.getvalue()


def test_progress_on_a_terminal_shows_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", screen)

    with console.progress(2) as tell:
        tell([outcome()])
        tell([outcome(Result.FAILED, "Timeout")])

    assert "[Timeout] a detail" in screen.getvalue()
    assert "op-00001 verified" not in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()


def test_a_file_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "no-such-folder" / "file"

    with pytest.raises(click.FileError) as caught:
        console.write(path, b"data")

    assert str(path) in caught.value.format_message()


def test_what_is_written_is_its_owners_alone(tmp_path: Path) -> None:
    """A saved live state holds everybody's names."""
    path = tmp_path / "live.json"

    console.write(path, b"data")
    console.write(path, b"more")

    assert path.read_bytes() == b"more"
    assert path.stat().st_mode & 0o077 == 0


def test_when_nobody_listens_any_more_the_command_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    read, written = os.pipe()
    os.close(read)
    with open(written, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)

        console.out("first")
        console.out("second")
        pipe.flush()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_result_that_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)

        with pytest.raises(ReconcilerError, match="No space left"):
            console.out("the plan")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_note_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)

        console.note("op-00001 verified")
