"""Retries that do not wait, as for the end-to-end tests."""

import pytest

from reconciler.workflow.wiring import SystemClock


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries do not wait."""
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: None)
