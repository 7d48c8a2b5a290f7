"""The plan in the reader's form (face of this room)."""

from reconciler.render.forms import FORMATS, Look
from reconciler.render.json import to_json
from reconciler.render.markdown import to_markdown
from reconciler.render.text import to_text

__all__ = ["FORMATS", "Look", "to_json", "to_markdown", "to_text"]
