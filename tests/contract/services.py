"""
The services of the contract suite: one implementation in several moods, and another one.

scim2-server is a process with a ServiceProviderConfig; each of its tenants is a
service of its own. SCIMMY is a process for each service. How a service wants to
be written to stands in its profile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.contract.firm import Firm
from tests.scimmy import scimmy_server
from tests.servers import CURSOR_ONLY, scim2_server

Open = Callable[[str], str]
"""Makes an empty service of this kind, by any name, and returns its tenant URL."""

ABILITIES: dict[str, Any] = {
    **{name: value for name, value in CURSOR_ONLY.items() if name != "pagination"},
    "bulk": {"supported": True, "maxOperations": 1000, "maxPayloadSize": 2**20},
    "filter": {"supported": True, "maxResults": 60},
    "sort": {"supported": True},
}
"""A ServiceProviderConfig: pages by index, patches, and takes bulk requests; no ETags."""


@dataclass(frozen=True)
class Service:
    """A kind of service, and what is known of it."""

    name: str
    config: Mapping[str, Any] = field(default_factory=lambda: ABILITIES)
    """What scim2-server says of itself."""
    express: int | None = None
    """Version of express that SCIMMY runs on; None for scim2-server."""
    profile: Mapping[str, Any] = field(default_factory=dict)
    """What the profile says of it."""
    role_types: bool = True
    """Whether a role may have the `type` that the role functions write."""
    concurrency: int = 8
    """Requests in flight; one where a name in the table can only be looked up by listing."""

    @contextmanager
    def running(self, folder: Path) -> Iterator[Open]:
        """Run what the service needs until the block ends; *folder* takes its logs."""
        if self.express is None:
            with scim2_server(folder, self.config, tenants=True) as base:
                yield lambda name: f"{base}/{name}/v2"
            return
        with ExitStack() as stack:

            def started(name: str) -> str:
                home = folder / f"server-{name}"
                home.mkdir()
                assert self.express is not None
                return stack.enter_context(scimmy_server(home, self.express))

            yield started

    def firm(self, folder: Path, url: str, **options: Any) -> Firm:
        """Return a firm that knows what the profile says."""
        firm = Firm(folder, url, **options)
        firm.target = {"concurrency": self.concurrency, "profile": "profiles/service.yaml"}
        profile = folder / "profiles" / "service.yaml"
        profile.parent.mkdir(parents=True)
        profile.write_text(json.dumps({"extends": "generic", **self.profile}), "utf-8")
        return firm


SERVICES = (
    Service("index"),
    Service("cursor", CURSOR_ONLY),
    Service("no-bulk", {**ABILITIES, "bulk": CURSOR_ONLY["bulk"]}),
    Service(
        "no-patch",
        {**ABILITIES, "patch": {"supported": False}},
        profile={"write": {"user_update": "put", "group_update": "put"}},
    ),
    Service(
        "plain-paths",
        profile={
            "write": {"patch_filter_path": False, "atomic": False},
            "members": {"remove": "replace"},
        },
    ),
    Service("etags", {**ABILITIES, "etag": {"supported": True}}),
    Service("scimmy-express4", express=4, role_types=False, concurrency=1),
    Service(
        "scimmy-put",
        express=4,
        profile={"write": {"user_update": "put", "group_update": "put"}},
        role_types=False,
        concurrency=1,
    ),
    Service(
        "scimmy-value-lists",
        express=4,
        profile={
            "write": {"patch_filter_path": False, "atomic": False},
            "members": {"remove": "value_list", "chunk": 40},
        },
        role_types=False,
        concurrency=1,
    ),
)


def param(service: Service, *, always: bool = True) -> Any:
    """Return *service* as a parameter; what is not for every run is for `make test-slow`."""
    if service.express is not None:
        return pytest.param(service, id=service.name, marks=pytest.mark.servers)
    return pytest.param(service, id=service.name, marks=() if always else pytest.mark.slow)
