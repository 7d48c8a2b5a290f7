"""
Options and settings for every test.

``pytest --update-cases`` rewrites the expectations under ``tests/cases`` from
what the program says now; the difference is then reviewed like any other.
"""

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")  # no test fails because a machine is busy


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite the expected texts under tests/cases instead of comparing with them",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seeds of the kills, so that a run can be told and repeated."""
    reports = terminalreporter.stats.get("passed", [])
    lines = {
        line
        for report in reports
        if "test_crash.py" in report.nodeid
        for line in report.capstdout.splitlines()
        if line.startswith("seed ")
    }
    if lines:
        terminalreporter.section("killed applies, each resumed to the same state")
        for line in sorted(lines):
            terminalreporter.write_line(line)
