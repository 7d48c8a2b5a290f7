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
