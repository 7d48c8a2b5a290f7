"""A Microsoft Graph synchronization schema from and to an application of ours (face)."""

from reconciler.interchange.entra.exporting import Exported, export_schema, schema_text
from reconciler.interchange.entra.importing import Given, Imported, import_schema

__all__ = ["Exported", "Given", "Imported", "export_schema", "import_schema", "schema_text"]
