"""The journal of a run, written ahead: what is about to happen is on disk before it does.

One JSON object a line. The first holds the whole plan, so that any machine that can read the journal
can finish or undo the run. No line ever holds a token, an app setting or another secret.
"""

from remediate.run.journal.index import runs
from remediate.run.journal.lines import VERSION, Begin, End, Ended, Intent, Line, Outcome, Resumed
from remediate.run.journal.listing import Journals, delete, read_all, read_open
from remediate.run.journal.reading import Record, UnreadableJournal, read
from remediate.run.journal.validation import InvalidJournal, checked
from remediate.run.journal.writing import Journal, holder, lock_name

__all__ = [
    "VERSION",
    "Begin",
    "End",
    "Ended",
    "Intent",
    "InvalidJournal",
    "Journal",
    "Journals",
    "Line",
    "Outcome",
    "Record",
    "Resumed",
    "UnreadableJournal",
    "checked",
    "delete",
    "holder",
    "lock_name",
    "read",
    "read_all",
    "read_open",
    "runs",
]
