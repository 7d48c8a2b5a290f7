"""
Values that are made when they are sent, and values that no message quotes.

Guid() and RandomString() get their value here, anew for every request that is
sent, and it is stored nowhere: not in the plan, the journal, the log or a
message (product.md, ruling 18; decision 10). A target that refuses a request may
quote what it was sent, so its words are left out wherever that could be such a
value, or one that an expression hides with Redact.

Used by :class:`reconciler.apply.steps.Stepper`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from reconciler.expr import Chance, EvaluationError, Surroundings, compile_expression, parse
from reconciler.plan.drafts import plain
from reconciler.plan.generated import generated, is_generated
from reconciler.plan.operation import Change, Operation
from reconciler.scim.errors import TargetError, TargetRefused
from reconciler.scim.paths import parse_path
from reconciler.scim.schema import Schemas
from reconciler.shapes import MappingError, shape_of
from reconciler.states import ResourceType

SILENT = "its words are left out, because they may hold a value that is shown nowhere"


@dataclass(frozen=True, slots=True)
class Values:
    """What one run knows of values that its plan does not show."""

    schemas: Schemas
    now: datetime
    """The plan's one time, UTC, which Now() says (ruling 4)."""
    chance: Chance
    hides: bool
    """Whether the plan hides any value (Redact)."""

    def made(self, operation: Operation) -> Operation:
        """
        Return *operation* with every generated value made.

        Raises:
            MappingError: One of them cannot be made; says which and why.
        """
        objects = [one.after for one in operation.changes if isinstance(one.after, dict)]
        if not any(map(is_generated, objects)):
            return operation
        changes = tuple(self._made(change, operation.resource_type) for change in operation.changes)
        return structs.replace(operation, changes=changes)

    def _made(self, change: Change, resource_type: ResourceType) -> Change:
        wanted = generated(change.after)
        if wanted is None:
            return change
        path = parse_path(change.path)
        shape = shape_of(path, self.schemas.of(resource_type.value, path))
        known = Surroundings(self.now, wanted.default_domain, self.chance)
        try:
            value = compile_expression(parse(wanted.expression), known)(wanted.attributes)
            made = None if value is None or value == "" else shape(value)
        except (EvaluationError, MappingError) as exc:
            raise MappingError(f"{change.path}: {exc}") from exc
        if made is None:
            raise MappingError(f"{change.path}: the expression yields nothing")
        return structs.replace(change, after=plain(made))

    def hush(self, operation: Operation, error: TargetError) -> None:
        """Take the target's words out of *error*, if they may quote what is shown nowhere."""
        if self.hides or any(is_generated(change.after) for change in operation.changes):
            said = "gave no answer that can be used"
            if isinstance(error, TargetRefused):
                said = f"answered {error.status}"
            error.args = (f"the target {said}; {SILENT}",)
