"""From provisioning.yaml to typed configuration (face)."""

from reconciler.config.domains import registered_domain
from reconciler.config.lifecycle import Lifecycle
from reconciler.config.load import Loaded, includes_of, load_config
from reconciler.config.model import (
    DEFAULT_ACCESS,
    Application,
    AppRole,
    Assignment,
    AttributeMapping,
    Clause,
    ConfigTest,
    Mappings,
    Provisioning,
    ScopingFilter,
    ScopingFilters,
    Source,
    Target,
)
from reconciler.config.profile_files import load_profile
from reconciler.config.references import SecretReference
from reconciler.config.safety import Limit, Safety
from reconciler.config.show import format_all
from reconciler.config.texts import SourceText

__all__ = [
    "DEFAULT_ACCESS",
    "AppRole",
    "Application",
    "Assignment",
    "AttributeMapping",
    "Clause",
    "ConfigTest",
    "Lifecycle",
    "Limit",
    "Loaded",
    "Mappings",
    "Provisioning",
    "Safety",
    "ScopingFilter",
    "ScopingFilters",
    "SecretReference",
    "Source",
    "SourceText",
    "Target",
    "format_all",
    "includes_of",
    "load_config",
    "load_profile",
    "registered_domain",
]
