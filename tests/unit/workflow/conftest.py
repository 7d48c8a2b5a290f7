"""A project on disk, without a target."""

from pathlib import Path

import pytest

from tests.e2e.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Three people in one group; nobody listens at the target."""
    made = Company(tmp_path / "company", "http://127.0.0.1:9/v2")
    for name in ("ada", "bob", "cleo"):
        made.hire(name)
    return made
