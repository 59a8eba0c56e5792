"""Who leaves first: what a family has just done, then what it can read, then what remains to do."""

from ledger.models import Priority

RECEIPTS = ("recap_", "answer_", "agreement_", "pen_")
REMINDERS = ("reminder",)


def priority_of(kind: str) -> Priority:
    if kind.startswith(RECEIPTS):
        return Priority.RECEIPT
    return Priority.REMINDER if kind.startswith(REMINDERS) else Priority.RESULT


# The same in SQL, for the kinds that a night writes.
IN_SQL = "CASE WHEN letter.kind ^@ 'answer_' THEN 1 ELSE 2 END"
