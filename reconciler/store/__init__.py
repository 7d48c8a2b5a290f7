"""What stays: plans and journals, in a folder (face of this room)."""

from reconciler.store.chain import JournalDamaged
from reconciler.store.folder import StoreError, StoreUnwritable
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal, JournalUnwritable
from reconciler.store.lock import hold
from reconciler.store.plans import FilePlanStore, PlanNotFound, StoredPlan
from reconciler.store.records import journal_schema
from reconciler.store.runs import Run, runs

__all__ = [
    "FileJournal",
    "FilePlanStore",
    "JournalDamaged",
    "JournalUnwritable",
    "PlanNotFound",
    "Run",
    "StoreError",
    "StoreUnwritable",
    "StoredPlan",
    "hold",
    "journal_schema",
    "recorded",
    "runs",
]
