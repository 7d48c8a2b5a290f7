"""From an error to a message and an exit code."""

import sys
from typing import Any

import click
import pytest

import reconciler
from reconciler.cli.main import cli, main, run
from reconciler.ports import LockHeld
from reconciler.workflow.exit_codes import ExitCode


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what makes the command `schema` raise something."""

    def arrange(error: BaseException) -> None:
        def fail(**arguments: Any) -> None:
            raise error

        _, command, _ = cli.resolve_command(click.Context(cli), ["schema"])
        monkeypatch.setattr(command, "callback", fail)

    return arrange


@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--help"], ["--version"]], ids=" ".join)
def test_help_is_no_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    assert capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--version"])

    assert reconciler.__version__ in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0

    shown = capsys.readouterr().out
    assert "Example:" in shown
    assert f"reconciler {name}" in shown


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (LockHeld("it is taken"), 8, "error: it is taken"),
        (click.UsageError("not like that"), 3, "not like that"),
        (click.Abort(), 130, "interrupted"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
    ids=["on purpose", "usage", "abort", "Ctrl-C"],
)
def test_an_error_becomes_a_number_and_a_sentence(
    error: BaseException, code: int, words: str, raising: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(error)

    assert run(["schema", "plan"]) == code
    assert words in capsys.readouterr().err


def test_a_defect_is_not_hidden(raising: Any) -> None:
    raising(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        run(["schema", "plan"])


def test_without_a_command_help_is_shown_and_nothing_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([]) == ExitCode.CONFIGURATION
    assert "Commands:" in capsys.readouterr().err


def test_the_entry_point_ends_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["reconciler", "schema", "nonsense"])
    monkeypatch.setattr("gc.set_threshold", lambda *thresholds: None)

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 3
