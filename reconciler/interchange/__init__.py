"""Other forms of the same facts: a Graph synchronization schema, live accounts as files (face)."""
