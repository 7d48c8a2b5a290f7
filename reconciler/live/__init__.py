"""The live SCIM service: reading, writing, and proving what was read (face)."""

from __future__ import annotations

import sys

# What httpx is as a command takes longer to import than all the rest of it (rich, pygments); the
# library goes without, as where it was installed without `httpx[cli]`.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
