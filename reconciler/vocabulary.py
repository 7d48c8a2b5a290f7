"""
The names of what goes wrong, or is left alone: Entra's own (entra.md, section 8).

Whoever knows the provisioning logs of Entra shall find the same words in a plan,
a journal, the report of an apply and the records of ``history``; so every status,
skip reason and error code comes from this page, and a test holds the package and
``docs/diagnostics.md`` to it. The sentences are ours. Names that only a
synchronization between two Entra tenants can give are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How one object came out of a run; also how one step of it ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    SKIPPED = "skipped"
    WARNING = "warning"


class Category(StrEnum):
    """Where the cause of a code lies."""

    FAILURE = "failure"
    """A service, or the road to it: it may be otherwise the next time."""
    NON_SERVICE_FAILURE = "nonServiceFailure"
    """The data, the configuration, a right or a licence: somebody has to change it."""
    SUCCESS = "success"
    """Nothing is wrong: it is as it shall be."""


class Step(StrEnum):
    """The steps in which an object is provisioned, in their order."""

    IMPORT = "import"
    SCOPING = "scoping"
    MATCHING = "matching"
    PROCESSING = "processing"
    REFERENCE_RESOLUTION = "referenceResolution"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says to whoever has to do with it."""

    category: Category
    step: Step
    """The step that ends with this code."""
    meaning: str
    action: str
    """What to do next."""


_FAILURE, _OTHERS, _FINE = Category.FAILURE, Category.NON_SERVICE_FAILURE, Category.SUCCESS

SKIP_REASONS: Mapping[str, Code] = {
    "NotEffectivelyEntitled": Code(
        _FINE,
        Step.SCOPING,
        "assigned, and yet out: expired, filtered out, Default Access only, disabled or deleted "
        "at the source; the detail says which",
        "nothing, if that is meant; `reconciler explain USER` shows each step",
    ),
    "RedundantExport": Code(
        _FINE,
        Step.EXPORT,
        "the account already is as it shall be",
        "nothing",
    ),
    "UnableToResolveReferenceAttributeValue": Code(
        _OTHERS,
        Step.REFERENCE_RESOLUTION,
        "what it refers to has no account: a manager, a member, or what this plan failed to create",
        "provision what it refers to, and plan again",
    ),
}
"""Codes of what is left out although nothing failed; their status is *skipped*."""

_OF_THE_DATA: Mapping[str, Code] = {
    "MandatoryFieldsMissing": Code(
        _OTHERS,
        Step.PROCESSING,
        "a create without a userName (or displayName of a group)",
        "fill it in the source, or give the mapping a `default`",
    ),
    "MissingValues": Code(
        _OTHERS,
        Step.PROCESSING,
        "an attribute that the target requires has no value",
        "fill it in the source, or give the mapping a `default`",
    ),
    "InvalidDomain": Code(
        _OTHERS,
        Step.PROCESSING,
        "the userName that would be written is in no registered domain",
        "register the domain with the application and in the file, or mend the name",
    ),
    "EntrySynchronizationSkipped": Code(
        _OTHERS,
        Step.PROCESSING,
        "a mapping failed, in the plan or for a value that apply makes; the action is not among "
        "`lifecycle.actions`; or too few administrators would be left, because who was to come "
        "before has not come; the detail says which",
        "mend the mapping or the value that the detail names, or allow the action; plan again",
    ),
    "ImportSkipped": Code(
        _OTHERS,
        Step.MATCHING,
        "no matching attribute has a value",
        "fill it in the source",
    ),
    "DuplicateSourceEntries": Code(
        _OTHERS,
        Step.MATCHING,
        "two of the source claim the same matching value or account, or names that look the same",
        "mend one of them in the source",
    ),
    "DuplicateTargetEntries": Code(
        _OTHERS,
        Step.MATCHING,
        "the matching attributes point at several accounts",
        "find out which is theirs, and merge or rename the others",
    ),
    "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse": Code(
        _OTHERS,
        Step.MATCHING,
        "a search for one account was answered with several",
        "match by what tells people apart, and merge or rename the others",
    ),
    "EntryConflict": Code(
        _OTHERS,
        Step.MATCHING,
        "the account or the name, or one that looks the same, belongs to somebody else, is taken "
        "by now (409, 412), or was changed since the plan; names change hands in a circle; or all "
        "values of `SelectUniqueValue` are taken",
        "free the name if it is another's, and plan again",
    ),
    "Conflict": Code(
        _OTHERS,
        Step.EXPORT,
        "the target says that it has such an entry, or cannot write this one as it stands",
        "free the name if it is another's, and plan again",
    ),
    "InvalidAnchor": Code(
        _OTHERS,
        Step.MATCHING,
        "the account is no longer there (404, 410)",
        "plan again: its person is matched anew",
    ),
}
"""Codes of people, groups and accounts that do not fit together."""

_OF_THE_SERVICE: Mapping[str, Code] = {
    "Unauthorized": Code(
        _OTHERS,
        Step.EXPORT,
        "the token is refused (401); the run has ended",
        "put the token right where `secret_token` points, and apply again",
    ),
    "InsufficientRights": Code(
        _OTHERS,
        Step.EXPORT,
        "the token may not do this to this account, or to any (403)",
        "give the token the right, and apply again",
    ),
    "NotPermitted": Code(
        _OTHERS,
        Step.EXPORT,
        "the target does not permit this to anybody",
        "ask those who run the service",
    ),
    "MethodNotAllowed": Code(
        _OTHERS,
        Step.EXPORT,
        "the service does not take this kind of request (405)",
        "of a PATCH: if it takes PUT, say so in its profile (`write.user_update`, "
        "`write.group_update`); else take the action out of `lifecycle.actions`",
    ),
    "UnprocessableEntity": Code(
        _OTHERS,
        Step.EXPORT,
        "what would be written cannot be: the service refuses it (400, 422), or a name holds what "
        "nobody can see; the detail says which",
        "mend what the detail complains of, in the source or the mapping, and plan again",
    ),
    "SchemaAttributeNotFound": Code(
        _OTHERS,
        Step.EXPORT,
        "the service does not know an attribute that is mapped",
        "mend the mapping; `reconciler probe` shows what it knows",
    ),
    "SchemaPropertyCanOnlyAcceptValue": Code(
        _OTHERS,
        Step.EXPORT,
        "an attribute takes one value, and several were given",
        "map a single value",
    ),
    "LicenseLimitExceeded": Code(
        _OTHERS,
        Step.EXPORT,
        "the target has no licence left",
        "get more licences, or free some, and apply again",
    ),
    "TooManyRequests": Code(
        _FAILURE,
        Step.EXPORT,
        "the service was asked too often, also after waiting (429), or asks for a longer wait "
        "than a run takes; the run has ended",
        "apply again later: it goes on where it stopped; a lower `rate_limit` asks less often",
    ),
    "Timeout": Code(
        _FAILURE,
        Step.EXPORT,
        "no answer, also after looking and trying again",
        "apply again: it looks before it sends",
    ),
    "InternalServerError": Code(
        _FAILURE,
        Step.EXPORT,
        "the service failed, also after looking and trying again (5xx)",
        "apply again later",
    ),
    "NotImplemented": Code(
        _FAILURE,
        Step.EXPORT,
        "created and not found, deleted and still there, or said to be not implemented (501)",
        "ask those who run the service",
    ),
    "WebExceptionProtocolError": Code(
        _FAILURE,
        Step.EXPORT,
        "a redirect, or a status that says nothing about the account",
        "look at `tenant_url`, and at what stands between here and the service",
    ),
    "SystemForCrossDomainIdentityManagementServiceIncompatible": Code(
        _FAILURE,
        Step.EXPORT,
        "an answer that is not SCIM, a change that was accepted and ignored, or more gone than was "
        "asked for",
        "if the service does not keep that attribute, say so in its profile "
        "(`attributes.unsupported`); else ask those who run it",
    ),
    "InternalError": Code(
        _FAILURE,
        Step.EXPORT,
        "begun, and its end was not written down: the run was cut off, or still goes on",
        "apply again: it looks before it sends",
    ),
}
"""Codes of what the target, or the road to it, answers."""

CODES: Mapping[str, Code] = {**SKIP_REASONS, **_OF_THE_DATA, **_OF_THE_SERVICE}
"""Every code, by name."""

UNKNOWN = Code(
    _FAILURE,
    Step.EXPORT,
    "a code that this version does not know",
    "look it up in the version that wrote it",
)
"""What is said of a code that only another version of this program can have written."""


def meaning_of(code: str) -> Code:
    """Return what *code* says; journals outlive the version that wrote them."""
    return CODES.get(code, UNKNOWN)


def status_of(code: str) -> Status:
    """Return how an object came out whose operation ended with *code*."""
    return Status.SKIPPED if code in SKIP_REASONS else Status.FAILURE
