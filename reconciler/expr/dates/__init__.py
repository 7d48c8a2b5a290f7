"""Dates as .NET and Visual Basic know them: reading, writing, counting (face)."""
