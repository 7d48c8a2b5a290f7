"""A small configuration that is right, to be made wrong by the tests of this room."""

from collections.abc import Callable

import pytest

from reconciler.config import Loaded, SourceText, load_config
from reconciler.diagnostics import ConfigError

RIGHT = """\
version: 1
source: {users: people.csv}
applications:
  crm:
    target:
      tenant_url: https://crm.example/scim/v2
      secret_token: {env: CRM_TOKEN}
    roles:
      - {name: Reader, value: ro}
    assignments:
      - {group: Everyone, role: Reader}
    mappings:
      users:
        - {target: userName, source: userPrincipalName, match: 1}
        - {target: active, expression: 'Not([IsSoftDeleted])'}
"""

Edit = Callable[..., str]
Codes = Callable[..., list[str]]


@pytest.fixture
def right() -> str:
    """A file without a fault."""
    return RIGHT


@pytest.fixture
def edited() -> Edit:
    """Return the file with each first text replaced by the second, and *end* after it."""

    def edit(*pairs: tuple[str, str], end: str = "") -> str:
        text = RIGHT
        for before, after in pairs:
            assert before in text
            text = text.replace(before, after, 1)
        return text + end

    return edit


@pytest.fixture
def load() -> Callable[[str], Loaded]:
    """Return a function that loads a text alone."""
    return lambda text: load_config(SourceText("f.yaml", text))


@pytest.fixture
def codes(load: Callable[[str], Loaded]) -> Codes:
    """Return a function that gives the codes of everything said about a text."""

    def said(text: str) -> list[str]:
        try:
            return [one.code for one in load(text).warnings]
        except ConfigError as exc:
            return [one.code for one in exc.diagnostics]

    return said
