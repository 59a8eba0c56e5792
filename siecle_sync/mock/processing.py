"""What the simulated Siècle does of the lines of a deposit, by sets: no line crosses Python.

Each line ends ACCEPTED, REJECTED or NOT_PROCESSED. A reference already taken has the outcome it had the first time.
"""

from typing import Any

from siecle_sync import contract
from siecle_sync.mock.models import MockDeposit

# PostgreSQL 15 cannot say whether a text is a date: this says NULL instead of failing
READ_DATE = """
CREATE OR REPLACE FUNCTION pg_temp.mock_date(raw text) RETURNS date LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN CASE WHEN raw ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN raw::date END;
   EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$
"""
DIVISIONS = """
INSERT INTO siecle_mock_mockdivision (academy, uai, school, year, level, code, label, opinion_values)
SELECT DISTINCT ON (uai, division) %(academy)s, uai, COALESCE(payload->>'school', ''), year, level, division,
       COALESCE(payload->>'label', ''), COALESCE(payload->'opinion_values', '[]')
FROM siecle_mock_mockline WHERE deposit_id = %(deposit)s AND kind = 'DIVISION' AND outcome = ''
ORDER BY uai, division, seq DESC
ON CONFLICT (uai, year, level, code) DO UPDATE
SET school = EXCLUDED.school, label = EXCLUDED.label, opinion_values = EXCLUDED.opinion_values
"""
PUPILS = """
INSERT INTO siecle_mock_mockpupil (division_id, academy, uai, year, level, eleve_id, ine, family_name, usage_name,
                                   first_name, birth_date, present)
SELECT DISTINCT ON (l.uai, l.eleve_id) d.id, %(academy)s, l.uai, l.year, l.level, l.eleve_id, l.ine,
       l.payload->>'family_name', COALESCE(l.payload->>'usage_name', ''), l.payload->>'first_name',
       (l.payload->>'birth_date')::date, true
FROM siecle_mock_mockline l
LEFT JOIN siecle_mock_mockdivision d
  ON d.uai = l.uai AND d.year = l.year AND d.level = l.level AND d.code = l.division
WHERE l.deposit_id = %(deposit)s AND l.kind = 'PUPIL' AND l.outcome = ''
  AND l.payload->'present' IS DISTINCT FROM 'false'
ORDER BY l.uai, l.eleve_id, l.seq DESC
ON CONFLICT (uai, year, level, eleve_id) DO UPDATE
SET division_id = EXCLUDED.division_id, ine = EXCLUDED.ine, family_name = EXCLUDED.family_name,
    usage_name = EXCLUDED.usage_name, first_name = EXCLUDED.first_name, birth_date = EXCLUDED.birth_date,
    present = true
WHERE (siecle_mock_mockpupil.division_id, siecle_mock_mockpupil.ine, siecle_mock_mockpupil.family_name,
       siecle_mock_mockpupil.usage_name, siecle_mock_mockpupil.first_name, siecle_mock_mockpupil.birth_date,
       siecle_mock_mockpupil.present)
  IS DISTINCT FROM (EXCLUDED.division_id, EXCLUDED.ine, EXCLUDED.family_name, EXCLUDED.usage_name,
                    EXCLUDED.first_name, EXCLUDED.birth_date, true)
"""
LEFT = """
UPDATE siecle_mock_mockpupil p SET present = false
FROM siecle_mock_mockline l
WHERE l.deposit_id = %(deposit)s AND l.kind = 'PUPIL' AND l.outcome = '' AND l.payload->'present' = 'false'
  AND p.uai = l.uai AND p.year = l.year AND p.level = l.level AND p.eleve_id = l.eleve_id AND p.present
"""
WHOSE = """
UPDATE siecle_mock_mockline l SET pupil_id = p.id FROM siecle_mock_mockpupil p
WHERE l.deposit_id = %(deposit)s AND p.uai = l.uai AND p.year = l.year AND p.level = l.level
  AND p.eleve_id = l.eleve_id
"""

# (kinds, outcome, code, condition): the first that holds says what becomes of the line
ENTRY_OUTCOMES = (
    ("ACCEPTED", "", "EXISTS (SELECT 1 FROM siecle_mock_mockentry e WHERE e.ref = l.ref AND e.processed)"),
    (
        "NOT_PROCESSED",
        "COUNCIL_OPEN",  # SIE-03
        """EXISTS (SELECT 1 FROM siecle_mock_mockentry e WHERE e.ref = l.ref AND NOT e.processed)
           OR EXISTS (SELECT 1 FROM siecle_mock_mockpupil p
                      JOIN siecle_mock_mockcouncil c ON c.division_id = p.division_id
                      WHERE p.id = l.pupil_id AND c.phase = l.phase AND c.opened_at IS NOT NULL)""",
    ),
    ("ACCEPTED", "", "true"),
)
KNOWN_FACT = ("ACCEPTED", "", "EXISTS (SELECT 1 FROM siecle_mock_mockfact f WHERE f.ref = l.ref)")
NO_STATEMENT = (
    "REJECTED",
    "UNKNOWN_STATEMENT",
    """NOT EXISTS (SELECT 1 FROM siecle_mock_mockstatement s
                   WHERE s.ref = l.payload->>'statement' AND s.pupil_id = l.pupil_id)""",
)
ANSWERED = (
    "REJECTED",
    "ALREADY_ANSWERED",
    """EXISTS (SELECT 1 FROM siecle_mock_mockfact f JOIN siecle_mock_mockstatement s ON s.id = f.statement_id
               WHERE f.kind = 'ANSWER' AND f.source = 'FAMILY' AND s.ref = l.payload->>'statement')""",
)  # what the school had recorded for a family gives way to what the family answers online (SIE-10)
NO_ANSWER = (
    "REJECTED",
    "UNKNOWN_ANSWER",
    """NOT EXISTS (SELECT 1 FROM siecle_mock_mockfact f
                   WHERE f.kind = 'ANSWER' AND f.ref = l.payload->>'answer' AND f.pupil_id = l.pupil_id)""",
)
FACT_OUTCOMES = {
    contract.ACKNOWLEDGEMENT: (KNOWN_FACT, NO_STATEMENT, ("ACCEPTED", "", "true")),
    contract.ANSWER: (KNOWN_FACT, NO_STATEMENT, ANSWERED, ("ACCEPTED", "", "true")),
    contract.AGREEMENT: (KNOWN_FACT, NO_ANSWER, ("ACCEPTED", "", "true")),
    contract.DECISION: (KNOWN_FACT, NO_ANSWER, ("ACCEPTED", "", "true")),
}
FORM_OUTCOMES = (
    ("REJECTED", "UNKNOWN_KIND", "l.kind <> ALL(%(kinds)s)"),
    ("REJECTED", "WRONG_CAMPAIGN", "(l.year, l.level) <> (%(year)s, %(level)s)"),
    ("REJECTED", "MALFORMED", "jsonb_typeof(l.payload) IS DISTINCT FROM 'object'"),
    (
        "REJECTED",
        "MALFORMED",
        """l.kind = 'DIVISION' AND (l.division = '' OR length(l.payload->>'label') > 60
           OR length(l.payload->>'school') > 120
           OR jsonb_typeof(COALESCE(l.payload->'opinion_values', '[]')) <> 'array')""",
    ),
    (
        "REJECTED",
        "MALFORMED",
        """l.kind = 'PUPIL' AND (l.eleve_id IS NULL
           OR jsonb_typeof(COALESCE(l.payload->'present', 'true')) <> 'boolean'
           OR l.payload->'present' IS DISTINCT FROM 'false' AND (
               COALESCE(length(l.payload->>'family_name'), 0) NOT BETWEEN 1 AND 100
               OR COALESCE(length(l.payload->>'first_name'), 0) NOT BETWEEN 1 AND 100
               OR length(l.payload->>'usage_name') > 100
               OR pg_temp.mock_date(l.payload->>'birth_date') IS NULL))""",
    ),
)
COMMON_OUTCOMES = (
    ("ACCEPTED", "", "l.kind = ANY(%(roster)s)"),
    ("REJECTED", "UNKNOWN_PUPIL", "l.pupil_id IS NULL"),
    (
        "REJECTED",
        "MALFORMED",
        """l.at IS NULL OR l.at < '2000-01-01' OR l.at >= '2100-01-01'
           OR l.kind = 'ENTRY' AND (l.version IS NULL OR l.phase NOT IN ('PROVISIONAL', 'DEFINITIVE')
                                    OR jsonb_typeof(l.payload->'choices') IS DISTINCT FROM 'array')""",
    ),
)
MARK = """
UPDATE siecle_mock_mockline l SET outcome = %(outcome)s, code = %(code)s
WHERE l.deposit_id = %(deposit)s AND l.outcome = '' AND (%(kind)s = '' OR l.kind = %(kind)s) AND ({condition})
"""
KEEP_ENTRIES = """
INSERT INTO siecle_mock_mockentry (ref, pupil_id, phase, source, version, at, author_name, choices, processed)
SELECT l.ref, l.pupil_id, l.phase, 'FAMILY', l.version, l.at, l.author_name, l.payload->'choices',
       l.outcome = 'ACCEPTED'
FROM siecle_mock_mockline l
WHERE l.deposit_id = %(deposit)s AND l.kind = 'ENTRY' AND l.outcome IN ('ACCEPTED', 'NOT_PROCESSED')
ON CONFLICT (ref) DO NOTHING
"""
KEEP_FACTS = """
INSERT INTO siecle_mock_mockfact (ref, kind, source, pupil_id, statement_id, at, author_name, payload)
SELECT l.ref, l.kind, 'FAMILY', l.pupil_id, COALESCE(s.id, f.statement_id), l.at, l.author_name, l.payload
FROM siecle_mock_mockline l
LEFT JOIN siecle_mock_mockstatement s ON s.ref = l.payload->>'statement'
LEFT JOIN siecle_mock_mockfact f ON f.ref = l.payload->>'answer'
WHERE l.deposit_id = %(deposit)s AND l.kind = %(kind)s AND l.outcome = 'ACCEPTED'
ON CONFLICT (ref) DO NOTHING
"""
COUNT = """
SELECT count(*), count(*) FILTER (WHERE outcome = 'ACCEPTED'), count(*) FILTER (WHERE outcome = 'REJECTED'),
       count(*) FILTER (WHERE outcome = 'NOT_PROCESSED')
FROM siecle_mock_mockline WHERE deposit_id = %(deposit)s
"""


def process(cursor: Any, deposit: MockDeposit) -> dict[str, int]:
    """Process every line of a deposit just copied; return the counters, which add up."""
    values = {
        "deposit": deposit.pk,
        "academy": deposit.academy,
        "year": deposit.year,
        "level": deposit.level,
        "kinds": list(contract.SENT),
        "roster": list(contract.ROSTER),
    }
    for statement in ("ANALYZE siecle_mock_mockline", READ_DATE):
        cursor.execute(statement)
    mark(cursor, values, "", FORM_OUTCOMES)
    for statement in (DIVISIONS, PUPILS, LEFT, "ANALYZE siecle_mock_mockpupil", WHOSE):
        cursor.execute(statement, values)
    mark(cursor, values, "", COMMON_OUTCOMES)
    mark(cursor, values, contract.ENTRY, ENTRY_OUTCOMES)
    cursor.execute(KEEP_ENTRIES, values)
    for kind, outcomes in FACT_OUTCOMES.items():
        mark(cursor, values, kind, outcomes)
        cursor.execute(KEEP_FACTS, {**values, "kind": kind})
    return count(cursor, values)


def mark(cursor: Any, values: dict[str, Any], kind: str, outcomes: tuple[tuple[str, str, str], ...]) -> None:
    for outcome, code, condition in outcomes:
        said = {**values, "kind": kind, "outcome": outcome, "code": code}
        cursor.execute(MARK.format(condition=condition), said)


def count(cursor: Any, values: dict[str, Any]) -> dict[str, int]:
    cursor.execute(COUNT, values)
    read, accepted, rejected, not_processed = cursor.fetchone()
    assert read == accepted + rejected + not_processed, "a line without an outcome"
    return {"read": read, "accepted": accepted, "rejected": rejected, "not_processed": not_processed}
