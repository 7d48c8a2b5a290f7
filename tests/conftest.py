"""
Options and settings for every test.

``pytest --update-cases`` rewrites the expectations under ``tests/cases`` from
what the program says now; the difference is then reviewed like any other.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")  # no test fails because a machine is busy


SLOW_FILES = frozenset(
    {
        "contract/test_any_server.py",
        "contract/test_authentication.py",
        "contract/test_bucket.py",
        "contract/test_chosen_attributes.py",
        "contract/test_fault_matrix_creates.py",
        "contract/test_fault_matrix_reads.py",
        "contract/test_generated_values.py",
        "contract/test_measure.py",
        "contract/test_references.py",
        "contract/test_requests.py",
        "contract/test_roles_on_the_wire.py",
        "contract/test_scratch.py",
        "contract/test_segments.py",
        "contract/test_slots.py",
        "e2e/test_bench.py",
        "e2e/test_crash.py",
        "e2e/test_determinism.py",
        "e2e/test_hidden_values.py",
        "e2e/test_log.py",
        "e2e/test_pre_commit.py",
        "e2e/test_profile_planning.py",
        "e2e/test_readme.py",
        "e2e/test_round_trip.py",
        "e2e/test_secrets.py",
        "e2e/test_shared_store.py",
        "e2e/test_showing.py",
        "fleet/test_workers.py",
        "fleet/test_jobs.py",
        "property/test_entra_laws.py",
        "property/test_expr_laws.py",
        "property/test_form_laws.py",
        "property/test_guard_laws.py",
        "property/test_match_laws.py",
        "property/test_nested_laws.py",
        "property/test_patch_oracle.py",
        "property/test_role_laws.py",
        "unit/sandbox/test_sandbox.py",
        "unit/testing/test_page.py",
    }
)
"""Files that are for `make test-slow` as a whole, so that `make test` ends soon."""


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let what is remembered between runs lie where the tests do."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(Path(__file__).parent).as_posix() in SLOW_FILES:
            item.add_marker(pytest.mark.slow)


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
