"""
Options for every test.

``pytest --update-cases`` rewrites the expectations under ``tests/cases`` from
what the program says now; the difference is then reviewed like any other.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite the expected texts under tests/cases instead of comparing with them",
    )
