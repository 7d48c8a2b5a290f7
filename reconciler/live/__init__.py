"""The live SCIM service: reading, writing, and proving what was read (face)."""
