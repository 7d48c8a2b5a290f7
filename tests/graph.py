"""
Microsoft Graph's provisioningObjectSummary as a JSON Schema: these fields, and no others.

Written down from entra.md, section 8, and not from the program, so that the two can differ.
"""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
NAME: dict[str, Any] = {"type": "string", "minLength": 1}
MAYBE: dict[str, Any] = {"type": ["string", "null"]}
GUID: dict[str, Any] = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
}
DETAILS: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}
STATUS: dict[str, Any] = {"enum": ["success", "failure", "skipped", "warning"]}


def exactly(**fields: Any) -> dict[str, Any]:
    """Return the schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


IDENTITY = exactly(
    id=TEXT, displayName=TEXT, identityType={"enum": ["User", "Group"]}, details=DETAILS
)
SYSTEM = exactly(id=NAME, displayName=NAME, details=DETAILS)
STEP = exactly(
    name=NAME,
    description=NAME,
    status=STATUS,
    details=DETAILS,
    provisioningStepType={
        "enum": ["import", "scoping", "matching", "processing", "referenceResolution", "export"]
    },
)
ERROR = exactly(
    errorCode=NAME,
    reason=MAYBE,
    additionalDetails=MAYBE,
    errorCategory={"enum": ["failure", "nonServiceFailure", "success"]},
    recommendedAction=NAME,
)
RECORD = exactly(
    id=GUID,
    activityDateTime={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+Z$"},
    changeId=GUID,
    cycleId=GUID,
    jobId=NAME,
    durationInMilliseconds={"type": "integer", "minimum": 0},
    tenantId={"type": "null"},
    provisioningAction={"enum": ["other", "create", "delete", "disable", "update", "stagedDelete"]},
    initiatedBy=exactly(
        id=TEXT, displayName=NAME, initiatorType={"enum": ["user", "application", "system"]}
    ),
    servicePrincipal=exactly(id=NAME, displayName=NAME),
    sourceSystem=SYSTEM,
    targetSystem=SYSTEM,
    sourceIdentity=IDENTITY,
    targetIdentity=IDENTITY,
    modifiedProperties={
        "type": "array",
        "items": exactly(displayName=NAME, oldValue=MAYBE, newValue=MAYBE),
    },
    provisioningSteps={"type": "array", "items": STEP, "minItems": 2},
    provisioningStatusInfo=exactly(
        status=STATUS, errorInformation={"anyOf": [ERROR, {"type": "null"}]}
    ),
)
