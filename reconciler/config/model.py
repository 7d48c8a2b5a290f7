"""
The nouns of ``provisioning.yaml``, one pydantic model each.

The models are closed (a misspelt key is an error), frozen and strict: nothing
is coerced, because a word that is guessed to mean *false* is somebody's lost
account (reliability.md S05). They look at their own fields only; rules between
two nouns live in :mod:`reconciler.config.check`. The descriptions are what
editors and ``docs/configuration.md`` show.

Source of every key and default: product.md, section 2.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.config.authentication import Authentication
from reconciler.config.fleet import Fleet
from reconciler.config.kinds import (
    Day,
    Domain,
    FormatVersion,
    IncludePattern,
    MailAddress,
    Name,
    ProxyUrl,
    TenantUrl,
)
from reconciler.config.lifecycle import Lifecycle
from reconciler.config.notifications import Notifications
from reconciler.config.references import Model, SecretReference, exactly_one
from reconciler.config.safety import Safety
from reconciler.config.trust import Trust

APPLICATION_NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
ApplicationName = Annotated[str, Field(pattern=APPLICATION_NAME)]

DEFAULT_ACCESS = "Default Access"
"""The role of an assignment that names none; Entra's name for it."""

Operator = Literal[
    "&",
    "!&",
    "ENDS_WITH",
    "EQUALS",
    "Greater_Than",
    "Greater_Than_OR_EQUALS",
    "Includes",
    "IS FALSE",
    "IS NOT NULL",
    "IS NULL",
    "IS TRUE",
    "NOT EQUALS",
    "NOT REGEX MATCH",
    "REGEX MATCH",
]
"""The 14 operators of Entra's scoping filters, spelled as Entra spells them."""

UNARY_OPERATORS = frozenset({"IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL"})
"""Operators that take no value (Entra: arity Unary)."""

INTEGER_OPERATORS = frozenset({"Greater_Than", "Greater_Than_OR_EQUALS"})
"""Operators that compare whole numbers on both sides."""

PATTERN_OPERATORS = frozenset({"REGEX MATCH", "NOT REGEX MATCH"})
"""Operators whose value is a pattern of RE2 that must match the whole value."""


class Source(Model):
    """Where people and groups come from."""

    kind: Annotated[Literal["files"], Field(description="Kind of source; `files` for now.")] = (
        "files"
    )
    users: Annotated[
        Name, Field(description="File with one row per person: .csv, .jsonl, .json or .yaml.")
    ]
    groups: Annotated[
        Name | None, Field(description="File with one row per group, in the same formats.")
    ] = None
    default_domain: Annotated[
        Domain | None,
        Field(description="The tenant's default domain, which `DefaultDomain()` yields."),
    ] = None


class Plans(Model):
    """Where plans and journals are kept."""

    store: Annotated[
        Name,
        Field(
            description="Folder for plans and journals, or the URL of a bucket: "
            "`s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`."
        ),
    ] = "plans"


class Target(Model):
    """The SCIM service that is written to."""

    tenant_url: Annotated[
        TenantUrl, Field(description="Base URL of the SCIM service: https, or http on loopback.")
    ]
    secret_token: Annotated[SecretReference, Field(description="Reference to the secret.")]
    auth: Annotated[Authentication, Field(description="What the secret is.")] = Field(
        default_factory=Authentication.model_construct
    )
    ca_bundle: Annotated[
        Name | None,
        Field(description="PEM file of the authorities to trust instead of the usual ones."),
    ] = None
    proxy: Annotated[
        ProxyUrl | None, Field(description="HTTP proxy to go through; none by default.")
    ] = None
    profile: Annotated[Name, Field(description="A shipped profile, or a path.")] = "generic"
    rate_limit: Annotated[
        int, Field(ge=0, le=10_000, description="Requests per second; 0 means no limit.")
    ] = 25
    concurrency: Annotated[
        int, Field(ge=1, le=64, description="Requests in flight at the same time at most.")
    ] = 8


class AppRole(Model):
    """A role that the application offers."""

    name: Annotated[Name, Field(description="Name, as assignments use it.")]
    value: Annotated[Name, Field(description="Value that is sent to the application.")]
    privileged: Annotated[bool, Field(description="Holders count for the guard `min_admins`.")] = (
        False
    )


class Assignment(Model):
    """Says that a user or a group may use the application, and as what."""

    group: Annotated[Name | None, Field(description="displayName or objectId of a group.")] = None
    user: Annotated[Name | None, Field(description="userPrincipalName or objectId.")] = None
    role: Annotated[Name | None, Field(description="Role; left out: Default Access.")] = None
    expires: Annotated[
        Day | None, Field(description="Last day on which the assignment is valid, UTC.")
    ] = None

    @model_validator(mode="after")
    def _one_principal(self) -> "Assignment":
        exactly_one(self.group, self.user, of="`group` and `user`")
        return self


class Clause(Model):
    """A single condition on one source attribute."""

    attribute: Annotated[Name, Field(description="Source attribute, e.g. `department`.")]
    operator: Annotated[Operator, Field(description="Operator, as Entra spells it.")]
    value: Annotated[
        str | int | None,
        Field(description="What to compare with; left out for the four `IS` operators."),
    ] = None

    @model_validator(mode="after")
    def _operand_fits_operator(self) -> "Clause":
        if (self.operator in UNARY_OPERATORS) == (self.value is None):
            return self
        problem = "needs a `value`" if self.value is None else "takes no `value`"
        raise PydanticCustomError(
            "bad-operand", "{problem}", {"problem": f"the operator `{self.operator}` {problem}"}
        )

    def sentence(self, title: str) -> str:
        """Return the clause as Entra's log shows it: ``{title} {attribute} {operator} {value}``."""
        words = [title, self.attribute, self.operator]
        return " ".join(words if self.value is None else [*words, str(self.value)])


class ScopingFilter(Model):
    """A named set of clauses; a subject passes when all of them hold."""

    title: Annotated[Name, Field(description="Name of the filter, shown in explanations.")]
    clauses: Annotated[
        tuple[Clause, ...], Field(min_length=1, description="Conditions that must all hold.")
    ]


class ScopingFilters(Model):
    """Filters are alternatives (OR); none means that everybody passes."""

    users: Annotated[
        tuple[ScopingFilter, ...] | None,
        Field(min_length=1, description="Filters for people; one that holds is enough."),
    ] = None
    groups: Annotated[
        tuple[ScopingFilter, ...] | None,
        Field(min_length=1, description="Filters for groups; one that holds is enough."),
    ] = None


class AttributeMapping(Model):
    """How one target attribute gets its value."""

    target: Annotated[Name, Field(description="SCIM attribute path that is written.")]
    source: Annotated[Name | None, Field(description="Source attribute to copy.")] = None
    constant: Annotated[
        str | bool | int | None, Field(description="A value that is the same for everybody.")
    ] = None
    expression: Annotated[
        str | None, Field(min_length=1, max_length=10_000, description="A mapping expression.")
    ] = None
    match: Annotated[int | None, Field(ge=1, le=9, description="Matching precedence, 1 first.")] = (
        None
    )
    default: Annotated[
        str | bool | int | None,
        Field(description="Used when the source is null, on create only."),
    ] = None
    apply: Annotated[
        Literal["always", "on_create"], Field(description="When the mapping is applied.")
    ] = "always"
    clear: Annotated[bool, Field(description="A null source clears the target attribute.")] = False
    nested: Annotated[
        Literal["keep", "expand"],
        Field(
            description="For `members`: groups in groups stay members, or give way to their people."
        ),
    ] = "keep"

    @model_validator(mode="after")
    def _one_value(self) -> "AttributeMapping":
        choices = "`source`, `constant` and `expression`"
        exactly_one(self.source, self.constant, self.expression, of=choices)
        return self


class Mappings(Model):
    """The mapping tables; without `groups`, groups are not provisioned."""

    users: Annotated[
        tuple[AttributeMapping, ...], Field(min_length=1, description="How accounts are written.")
    ]
    groups: Annotated[
        tuple[AttributeMapping, ...] | None,
        Field(min_length=1, description="How groups are written; left out: they are not."),
    ] = None


class Expectation(Model):
    """What a test of the file expects for one person."""

    in_scope: Annotated[bool | None, Field(description="Whether the person is in scope.")] = None
    role: Annotated[Name | None, Field(description="Name of the role that wins.")] = None
    skipped: Annotated[Name | None, Field(description="Skip code, e.g. `InvalidDomain`.")] = None
    attributes: Annotated[
        dict[str, str | bool | int | None],
        Field(description="Values by target attribute; null: not written."),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_something(self) -> "Expectation":
        if not (self.model_fields_set - {"attributes"} or self.attributes):
            raise PydanticCustomError("empty-expectation", "a test must expect something")
        return self


class ConfigTest(Model):
    """One test of the file, run offline by `reconciler test`."""

    user: Annotated[Name, Field(description="userPrincipalName or objectId.")]
    expect: Annotated[Expectation, Field(description="What must be so.")]


class Application(Model):
    """A SaaS application: one target, one role list, one mapping table."""

    display_name: Annotated[Name | None, Field(description="Name for people.")] = None
    enabled: Annotated[bool, Field(description="False: `apply` refuses.")] = True
    target: Annotated[Target, Field(description="Which SCIM service is written to.")]
    notification_email: Annotated[
        MailAddress | None, Field(description="Who is told of failures and quarantine.")
    ] = None
    registered_domains: Annotated[
        tuple[Domain, ...] | None,
        Field(min_length=1, description="Domains that user names may have; left out: any."),
    ] = None
    scope: Annotated[
        Literal["assigned", "all"], Field(description="Who is meant: the assigned, or everybody.")
    ] = "assigned"
    default_access: Annotated[
        Literal["exclude", "include"],
        Field(description="Users whose only role is Default Access."),
    ] = "exclude"
    roles: Annotated[tuple[AppRole, ...], Field(description="Strongest first.")] = ()
    assignments: Annotated[
        tuple[Assignment, ...] | None,
        Field(min_length=1, description="Who may use the application, and as what."),
    ] = None
    scoping_filters: Annotated[
        ScopingFilters, Field(description="Who of them is left out by their attributes.")
    ] = Field(default_factory=ScopingFilters.model_construct)
    mappings: Annotated[Mappings, Field(description="What is written where.")]
    lifecycle: Annotated[Lifecycle, Field(description="What happens to who leaves.")] = Field(
        default_factory=Lifecycle.model_construct
    )
    ownership: Annotated[
        Literal["recorded", "all"],
        Field(description="Which accounts are ours: those in our journals, or all."),
    ] = "recorded"
    safety: Annotated[Safety, Field(description="How much one plan may take away.")] = Field(
        default_factory=Safety.model_construct
    )
    entra: Annotated[
        dict[str, Any] | None,
        Field(description="What only Entra's format says, kept by `import` for `export entra`."),
    ] = None
    tests: Annotated[
        tuple[ConfigTest, ...], Field(description="Run by `reconciler test`, offline.")
    ] = ()


class Head(Model):
    """Everything of the file but its applications."""

    version: Annotated[Literal[1], FormatVersion, Field(description="Version of this file format.")]
    source: Annotated[Source, Field(description="Where people and groups are read from.")]
    plans: Annotated[Plans, Field(description="Where to keep plans and journals.")] = Field(
        default_factory=Plans.model_construct
    )
    trust: Annotated[Trust, Field(description="Who may sign plans and approvals.")] = Field(
        default_factory=Trust.model_construct
    )
    notifications: Annotated[
        Notifications, Field(description="How people are told of failures and quarantine.")
    ] = Field(default_factory=Notifications.model_construct)
    fleet: Annotated[
        Fleet | None, Field(description="Where workers find their jobs; see `reconciler fleet`.")
    ] = None
    include: Annotated[
        tuple[IncludePattern, ...],
        Field(description="More files with `applications:`, below this folder."),
    ] = ()
    defaults: Annotated[
        dict[str, Any], Field(description="What every application starts from.")
    ] = Field(default_factory=dict)


class Provisioning(Head):
    """The whole file, included files merged in."""

    applications: Annotated[
        dict[ApplicationName, Application],
        Field(min_length=1, description="By name: lower-case letters, digits and dashes."),
    ]
