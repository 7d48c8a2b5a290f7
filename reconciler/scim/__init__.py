"""The language of RFC 7643 and RFC 7644 as plain data (face)."""
