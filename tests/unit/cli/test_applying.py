"""What apply asks, and what it says at the end."""

import io
import sys
from datetime import timedelta

import click
import pytest

from reconciler.apply.execute import Unanswered
from reconciler.apply.report import Report
from reconciler.cli.applying import Age, _agreed, _conclude
from reconciler.cli.console import end_as_ctrl_c
from reconciler.workflow.exit_codes import ExitCode
from tests.plans import full_plan


class Keyboard(io.StringIO):
    """Somebody at a terminal, who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "span"), [("7d", timedelta(days=7)), ("12h", timedelta(hours=12))]
)
def test_an_age_has_a_unit(text: str, span: timedelta) -> None:
    assert Age().convert(text, None, None) == span


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1w", "7 d", "99999d", "७d"])
def test_what_is_no_age(text: str) -> None:
    with pytest.raises(click.BadParameter, match="not a span such as 7d"):
        Age().convert(text, None, None)


@pytest.mark.parametrize(("typed", "agreed"), [("yes\n", True), ("no\n", False), ("y\n", False)])
def test_only_yes_is_a_yes(
    typed: str, agreed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    plan = full_plan()

    assert _agreed(plan) is agreed
    shown = capsys.readouterr().out
    assert plan.body.operations_digest in shown
    assert f"to {plan.body.target.tenant_url}?" in shown


def test_whoever_hangs_up_has_not_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(""))

    with pytest.raises(click.Abort):
        _agreed(full_plan())


def test_sigterm_ends_a_run_as_ctrl_c_does() -> None:
    with pytest.raises(KeyboardInterrupt):
        end_as_ctrl_c(15, None)


ALL = len(full_plan().body.operations)


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        (Report((), "done"), ExitCode.DONE, "Applied: nothing to do."),
        (Report((), "done", resumed=True), ExitCode.DONE, "Resumed: nothing to do."),
        (Report((), "done", finished_before=True), ExitCode.DONE, "applied before"),
        (Report((), "partial"), ExitCode.PARTIAL, "reconciler history"),
        (
            Report((), "interrupted", left=1),
            ExitCode.INTERRUPTED,
            f"nothing; 1 of {ALL} not begun.",
        ),
        (
            Report((), "interrupted", left=1, begun=1),
            ExitCode.INTERRUPTED,
            f"nothing; 1 begun, and nobody knows its end yet; 1 of {ALL} not begun.",
        ),
        (Report((), "interrupted"), ExitCode.INTERRUPTED, "The same command resumes"),
        (Report((), "partial", Unanswered("silence")), ExitCode.PARTIAL, "error: silence"),
    ],
    ids=["done", "resumed", "done before", "partial", "left", "begun", "interrupted", "stopped"],
)
def test_the_end_of_a_run(
    report: Report, code: ExitCode, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _conclude(report, full_plan()) is code

    said = capsys.readouterr()
    assert words in said.out + said.err
