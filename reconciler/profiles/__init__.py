"""What is known of kinds of SCIM services, beyond what they say themselves (face)."""

from reconciler.profiles.model import GENERIC, Profile

__all__ = ["GENERIC", "Profile"]
