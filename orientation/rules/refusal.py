"""Why an act is refused. The sentences people read are in refusals.py."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why an act is refused. The value is stable: tests, logs and the other side rely on it."""

    READ_ONLY_STUDENT = "READ_ONLY_STUDENT"  # ACC-03
    STUDENT_OF_AGE = "STUDENT_OF_AGE"  # ACC-03
    NOT_LEGAL = "NOT_LEGAL"  # ACC-02
    NOT_ENROLLED = "NOT_ENROLLED"  # SIE-01: the pupil has left the school, or its campaign
    SERVICE_OFF = "SERVICE_OFF"  # CAL-05
    ENTRY_NOT_OPEN = "ENTRY_NOT_OPEN"  # CAL-02, CAL-04
    ENTRY_CLOSED = "ENTRY_CLOSED"  # CAL-09
    COUNCIL_OPEN = "COUNCIL_OPEN"  # CAL-06
    GATE_SHUT = "GATE_SHUT"  # OPI-05
    POLICIES_FROZEN = "POLICIES_FROZEN"  # last table of the rules
    PEN_HELD = "PEN_HELD"  # ACC-04, ACC-05, ENT-11
    STALE = "STALE"  # ENT-10
    NO_CHOICE = "NO_CHOICE"  # ENT-01, ENT-08
    TOO_MANY_CHOICES = "TOO_MANY_CHOICES"  # ENT-01
    PATHWAY_UNKNOWN = "PATHWAY_UNKNOWN"  # ENT-02
    PATHWAY_TWICE = "PATHWAY_TWICE"  # ENT-03
    DETAIL_NOT_ASKED = "DETAIL_NOT_ASKED"  # ENT-04
    SERIES_MISSING = "SERIES_MISSING"  # P2G-03
    KIND_MISSING = "KIND_MISSING"  # P2G-03
    SPECIALTY_UNKNOWN = "SPECIALTY_UNKNOWN"  # P2G-02
    SPECIALTY_TWICE = "SPECIALTY_TWICE"  # P2G-02
    SPECIALTY_NOT_OFFERED = "SPECIALTY_NOT_OFFERED"  # P2G-02: not where the school’s offer says it is
    SPECIALTIES_COUNT = "SPECIALTIES_COUNT"  # P2G-02
    FREE_TEXT_TOO_LONG = "FREE_TEXT_TOO_LONG"  # ENT-04
    NOTHING_PUBLISHED = "NOTHING_PUBLISHED"  # OPI-03, ANS-02
    ALREADY_ACKNOWLEDGED = "ALREADY_ACKNOWLEDGED"  # OPI-03
    AUTHOR_ACKNOWLEDGES = "AUTHOR_ACKNOWLEDGES"  # policy « author only »
    NOTHING_TO_LIFT = "NOTHING_TO_LIFT"  # OPI-05
    TOO_LATE_TO_ACKNOWLEDGE = "TOO_LATE_TO_ACKNOWLEDGE"  # OPI-05
    CONSULTATION_CLOSED = "CONSULTATION_CLOSED"  # CAL-02
    AUTHOR_ANSWERS = "AUTHOR_ANSWERS"  # ANS-02
    ALREADY_ANSWERED = "ALREADY_ANSWERED"  # ANS-04
    ALREADY_DECIDED = "ALREADY_DECIDED"  # ANS-05
    NOT_PROPOSED = "NOT_PROPOSED"  # ANS-02
    NOTHING_ACCEPTED = "NOTHING_ACCEPTED"  # ANS-02
    ONE_ONLY = "ONE_ONLY"  # policy « one »
    NO_AGREEMENT_ASKED = "NO_AGREEMENT_ASKED"  # ANS-06
    AUTHOR_AGREED_ALREADY = "AUTHOR_AGREED_ALREADY"  # ANS-06
    ALREADY_AGREED = "ALREADY_AGREED"  # ANS-06
    NO_DISAGREEMENT = "NO_DISAGREEMENT"  # ANS-07
    FUTURE_DATE = "FUTURE_DATE"  # ANS-07
    BEFORE_PROPOSALS = "BEFORE_PROPOSALS"  # ANS-07
    ALREADY_RECORDED = "ALREADY_RECORDED"  # ANS-07
    NOTHING_TO_APPEAL = "NOTHING_TO_APPEAL"  # ANS-07
    BEFORE_NOTIFICATION = "BEFORE_NOTIFICATION"  # ANS-07
    ALREADY_APPEALED = "ALREADY_APPEALED"  # ANS-07
    NO_OBJECTION_ASKED = "NO_OBJECTION_ASKED"  # policy « objection »
    NOTHING_VALIDATED = "NOTHING_VALIDATED"  # policy « objection »
    OWN_ENTRY = "OWN_ENTRY"  # policy « objection »
    ALREADY_OBJECTED = "ALREADY_OBJECTED"  # policy « objection »
    REASON_TOO_LONG = "REASON_TOO_LONG"  # policy « objection »


class RuleBroken(Exception):
    """An act that the rules refuse; `code` says which, `rank` which choice when it is about one (from 1)."""

    def __init__(self, code: Refusal, *, rank: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.rank = rank
