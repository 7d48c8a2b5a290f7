"""An embedded SCIM server for tutorials, demonstrations and tests (face of this room)."""

from reconciler.sandbox.app import PortUnusable, SandboxError, make_app
from reconciler.sandbox.server import SandboxServer, listen, serve

__all__ = ["PortUnusable", "SandboxError", "SandboxServer", "listen", "make_app", "serve"]
