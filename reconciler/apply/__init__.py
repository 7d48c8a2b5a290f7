"""The plan, carried out (face)."""
