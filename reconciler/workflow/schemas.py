"""
The JSON Schemas of what people and other programs read and write.

``make schemas`` writes them into ``schemas/``; a test fails when they differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.config.export import json_schema
from reconciler.plan.plan_file import plan_schema
from reconciler.profiles.export import profile_schema
from reconciler.store.attempt_records import attempts_schema
from reconciler.store.records import journal_schema

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "config": json_schema,
    "profile": profile_schema,
    "plan": plan_schema,
    "journal": journal_schema,
    "attempts": attempts_schema,
}
"""By the name that ``schema`` takes."""


def schema_text(name: str) -> str:
    """Return one schema as it is committed, without the last line break."""
    return json.dumps(SCHEMAS[name](), indent=2, sort_keys=True, ensure_ascii=False)
