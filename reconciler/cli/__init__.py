"""The command line (face)."""
