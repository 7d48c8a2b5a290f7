"""Plans and what became of them, for tests of the provisioning log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jsonschema import Draft202012Validator

from reconciler.plan.document import Plan
from reconciler.plan.operation import Operation
from reconciler.render.log import records_of
from tests.graph import RECORD
from tests.journals import BEGIN, START
from tests.plans import make_plan

VALID = Draft202012Validator(RECORD)


@dataclass
class Told:
    """A plan, and a journal that is written line by line, a second and a quarter apart."""

    stored: Plan | None = None
    journal: list[Mapping[str, Any]] = field(default_factory=list)
    application: str = "ipass-smartconnect"
    created: datetime = START

    def concerns(self, key: str, *ids: str | None) -> bool:
        return True

    def write(self, kind: str, **fields: Any) -> "Told":
        at = START + timedelta(seconds=1.25) * len(self.journal)
        record = {"kind": kind, "at": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", "seq": len(self.journal)}
        self.journal.append({**record, **fields})
        return self

    def begin(self) -> "Told":
        digest = self.stored.digest if self.stored else "a" * 64
        return self.write("run_begin", **{**BEGIN, "plan_digest": digest})

    def about(self, kind: str, operation: Operation, **fields: Any) -> "Told":
        known = {
            "op": operation.id,
            "action": operation.action.value,
            "resource_type": operation.resource_type.value,
            "key": operation.key,
            "source_id": operation.source_id,
            "target_id": operation.target_id,
        }
        return self.write(kind, **{**known, **fields})

    def done(self, operation: Operation, outcome: str = "verified", **fields: Any) -> "Told":
        return self.about("done", operation, outcome=outcome, effects=[], **fields)

    def records(self) -> list[dict[str, Any]]:
        found = list(records_of(self, "iPass SmartConnect"))
        for record in found:
            VALID.validate(record)
        return found


def applied(*operations: Operation, **given: Any) -> Told:
    """Return a plan of *operations*, all of which are done."""
    told = Told(make_plan(operations, **given)).begin()
    for operation in operations:
        target = operation.target_id or f"new-{operation.source_id}"
        told.about("intent", operation).done(operation, target_id=target)
    return told.write("run_end", status="done", counts={})
