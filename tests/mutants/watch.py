"""
Watches one run of tests against one mutant: a plugin of pytest (`-p tests.mutants.watch`).

A mutant is caught when a test fails. That nothing could be imported or collected is
no catch, and neither is a run that never imported the mutated file.
"""

import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

RESULT = "MUTANT_RESULT"
"""The variable that says where the result is written."""
MUTATED = "MUTANT_FILE"
"""The variable that says which file must have been imported."""
BROKEN = (ImportError, NameError, SyntaxError)
"""Errors of a mutant that is no program any more."""

_failed: list[str] = []
_errors: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note who failed, and whether that says anything."""
    report = yield
    if report.failed:
        broken = call.excinfo is not None and issubclass(call.excinfo.type, BROKEN)
        (_errors if broken else _failed).append(item.nodeid)
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note what could not be collected."""
    if report.failed:
        _errors.append(f"{report.nodeid} cannot be collected")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the result down."""
    wanted = Path(os.environ[MUTATED]).resolve()
    modules: list[Any] = list(sys.modules.values())
    files = {Path(file).resolve() for each in modules if (file := getattr(each, "__file__", None))}
    result = {
        "failed": _failed,
        "errors": _errors,
        "imported": wanted in files,
        "collected": session.testscollected,
    }
    Path(os.environ[RESULT]).write_text(json.dumps(result), "utf-8")
