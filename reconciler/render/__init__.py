"""Face of this room."""
