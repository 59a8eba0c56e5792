"""What a line of Siècle must be to be taken in. Each check is a code and an SQL condition on `siecle_in` (alias i).

The first that holds marks the line, with its code; `contract.SENTENCES` says it in French.
"""

from typing import Any

from django.db import DataError, OperationalError, transaction
from django.db.backends.utils import CursorWrapper

from orientation.enums import Acceptances
from orientation.models import Campaign
from orientation.pathways import pathways_of
from siecle_sync import contract, detail_checks, staging
from siecle_sync.partition import IN_RANGE, Range

# Beside what came as text, what it says: the columns `body`, `happened_at` and whose line it is.
READ = f"""
CREATE TEMP TABLE siecle_in AS
SELECT r.seq, r.kind, r.ref, r.uai, r.year, r.level, COALESCE(r.phase, '') AS phase,
       COALESCE(r.division, '') AS division, r.eleve_id, r.ine, COALESCE(r.author_name, '') AS author_name,
       {{json}} AS body, {{instant}} AS happened_at, whose.dossier_id,
       NULL::text AS outcome, NULL::text AS code, false AS changes
FROM siecle_raw r
-- OFFSET 0: each line looks for its own pupil; without it, all the pupils would be read for a few lines
LEFT JOIN LATERAL (
    SELECT d.id AS dossier_id
    FROM families_school school
    JOIN families_student st ON st.school_id = school.id
      AND st.siecle_id = CASE WHEN r.eleve_id ~ '^[1-9][0-9]{{{{0,17}}}}$' THEN r.eleve_id::bigint END
    JOIN orientation_dossier d ON d.student_id = st.id AND d.campaign_id = %(campaign)s
    WHERE school.uai = r.uai AND {IN_RANGE.format("school")}
    OFFSET 0) whose ON true
"""
# All at once when every line is sound; one function call a line, which says NULL, when one is not.
AT_ONCE = {
    "json": "r.payload::jsonb",
    "instant": f"CASE WHEN r.at ~ '{staging.INSTANT}' THEN r.at::timestamptz END",
}
ONE_BY_ONE = {"json": "pg_temp.read_json(r.payload)", "instant": "pg_temp.read_instant(r.at)"}
ITEMS = """
CREATE TEMP TABLE siecle_item AS
SELECT i.seq, t.position, t.item, t.item->>'pathway' AS pathway, COALESCE(t.item->>'series', '') AS series
FROM siecle_in i
CROSS JOIN LATERAL (SELECT CASE i.kind WHEN 'STATEMENT' THEN i.body->'answers'
                                       WHEN 'SCHOOL_ENTRY' THEN i.body->'choices'
                                       WHEN 'SCHOOL_CHANGE' THEN i.body->'choices'
                                       WHEN 'SCHOOL_ANSWER' THEN i.body->'accepted'
                                       WHEN 'HEAD_DECISION' THEN i.body->'pathways' END AS list) l
CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(l.list) = 'array' THEN l.list ELSE '[]' END)
    WITH ORDINALITY AS t (item, position)
"""
# The first condition that holds says the code; a line that none concerns is not touched.
MARK = """
UPDATE siecle_in SET outcome = %(outcome)s, code = found.code
FROM (SELECT i.seq, CASE {cases} END AS code FROM siecle_in i WHERE i.outcome IS NULL) found
WHERE found.seq = siecle_in.seq AND found.code IS NOT NULL
"""
CASE = "WHEN i.kind = '{kind}' AND ({condition}) THEN '{code}'"
CASE_OF_ALL = "WHEN ({condition}) THEN '{code}'"
# An opinion that replaces another, an entry changed: for those who count.
CHANGES = """
UPDATE siecle_in i SET changes = true
WHERE i.kind = 'SCHOOL_CHANGE' OR i.kind = 'STATEMENT' AND EXISTS (
    SELECT 1 FROM orientation_councilstatement s WHERE s.dossier_id = i.dossier_id AND s.phase = i.phase)
"""
INDEXES = (
    "ALTER TABLE siecle_in ADD PRIMARY KEY (seq)",
    "CREATE INDEX ON siecle_in (ref)",
    "CREATE INDEX ON siecle_in (dossier_id)",
    "CREATE INDEX ON siecle_in (uai) WHERE kind = 'COUNCIL'",  # the resets that follow each line: few, or none
    "ANALYZE siecle_in (seq, kind, ref, uai, phase, division, dossier_id, outcome)",
)
# A reset that the callback brought is known already, and still withdraws what came after it (SIE-05).
KINDS = "SELECT DISTINCT kind FROM siecle_in WHERE outcome IS NULL OR kind = 'COUNCIL' AND outcome = 'UNCHANGED'"
Check = tuple[str, str, str]  # kind ("" = all), code, condition

KNOWN: tuple[Check, ...] = (
    ("COUNCIL", "", "EXISTS (SELECT 1 FROM siecle_sync_councilevent o WHERE o.ref = i.ref)"),
    ("SCHOOL_ENTRY", "", "EXISTS (SELECT 1 FROM orientation_submission o WHERE o.siecle_ref = i.ref)"),
    ("SCHOOL_CHANGE", "", "EXISTS (SELECT 1 FROM orientation_submission o WHERE o.siecle_ref = i.ref)"),
    ("STATEMENT", "", "EXISTS (SELECT 1 FROM orientation_councilstatement o WHERE o.siecle_ref = i.ref)"),
    ("SCHOOL_ANSWER", "", "EXISTS (SELECT 1 FROM orientation_familyanswer o WHERE o.siecle_ref = i.ref)"),
    ("HEAD_DECISION", "", "EXISTS (SELECT 1 FROM orientation_decision o WHERE o.siecle_ref = i.ref)"),
)
ITEM = "EXISTS (SELECT 1 FROM siecle_item t WHERE t.seq = i.seq AND ({}))"
SIZE = "(SELECT count(*) FROM siecle_item t WHERE t.seq = i.seq)"
FORM: tuple[Check, ...] = (
    ("", "UNKNOWN_KIND", "i.kind IS NULL OR i.kind <> ALL(%(kinds)s)"),
    (
        "",
        "MALFORMED",
        """i.ref IS NULL OR length(i.ref) > 64 OR i.happened_at IS NULL
           OR jsonb_typeof(i.body) IS DISTINCT FROM 'object' OR i.phase NOT IN ('PROVISIONAL', 'DEFINITIVE')""",
    ),
    ("", "DUPLICATE_REF", "EXISTS (SELECT 1 FROM siecle_in o WHERE o.ref = i.ref AND o.seq < i.seq)"),
    ("", "WRONG_CAMPAIGN", "(i.year, i.level) IS DISTINCT FROM (%(year)s::text, %(level)s::text)"),
    ("", "TOO_LONG", "length(i.author_name) > 210"),
    (
        "COUNCIL",
        "MALFORMED",
        """i.body->>'event' IS NULL OR i.body->>'event' <> ALL(%(events)s) OR NOT i.body ? 'held_on'
           OR i.body->>'held_on' IS NOT NULL AND pg_temp.read_date(i.body->>'held_on') IS NULL""",
    ),
    (
        "COUNCIL",
        "UNKNOWN_DIVISION",
        """NOT EXISTS (SELECT 1 FROM families_division dv JOIN families_school school ON school.id = dv.school_id
                       WHERE school.academy_id = %(academy)s AND school.uai = i.uai AND dv.year = %(year)s
                         AND dv.code = i.division)""",
    ),
    ("", "UNKNOWN_PUPIL", "i.kind <> 'COUNCIL' AND i.dossier_id IS NULL"),
    ("SCHOOL_ANSWER", "MALFORMED", "COALESCE(i.body->>'kind', '') NOT IN ('ACCEPTED', 'REFUSED')"),
    ("SCHOOL_ANSWER", "EMPTY_LIST", f"(i.body->>'kind' = 'ACCEPTED') <> ({SIZE} > 0)"),
    ("", "EMPTY_LIST", f"i.kind IN ('STATEMENT', 'SCHOOL_ENTRY', 'SCHOOL_CHANGE', 'HEAD_DECISION') AND {SIZE} = 0"),
    ("", "TOO_MANY", f"i.kind IN ('SCHOOL_ENTRY', 'SCHOOL_CHANGE') AND {SIZE} > %(most)s"),
    ("SCHOOL_ANSWER", "TOO_MANY", f"%(one_acceptance)s AND {SIZE} > 1"),  # ANS-02
    ("", "UNKNOWN_PATHWAY", ITEM.format("COALESCE(t.pathway, '') || '/' || t.series <> ALL(%(pathways)s)")),
    (
        "",
        "DUPLICATE_PATHWAY",
        f"{SIZE} <> (SELECT count(DISTINCT (t.pathway, t.series)) FROM siecle_item t WHERE t.seq = i.seq)",
    ),
    (
        "",
        "TOO_LONG",
        "i.kind IN ('SCHOOL_ENTRY', 'SCHOOL_CHANGE') AND " + ITEM.format("length(t.item->>'free_text') > 200"),
    ),
    ("", "MALFORMED_DETAILS", "i.kind IN ('SCHOOL_ENTRY', 'SCHOOL_CHANGE') AND " + ITEM.format(detail_checks.WRONG)),
    ("STATEMENT", "TOO_LONG", ITEM.format("length(t.item->>'comment') > 1000")),
    (
        "STATEMENT",
        "UNKNOWN_VALUE",
        ITEM.format(
            """COALESCE(t.item->>'value', '') <> ALL(
                   CASE i.phase WHEN 'PROVISIONAL' THEN %(opinions)s ELSE ARRAY['OUI', 'NON'] END)"""
        ),
    ),
    (
        "SCHOOL_CHANGE",
        "MALFORMED",  # SIE-04: who asked, and when
        """COALESCE(btrim(i.body->>'asked_by'), '') = ''
           OR i.body->>'asked_on' IS NULL OR pg_temp.read_date(i.body->>'asked_on') IS NULL""",
    ),
    ("SCHOOL_CHANGE", "TOO_LONG", "length(i.body->>'asked_by') > 210"),
    (
        "HEAD_DECISION",
        "MALFORMED",
        """i.body->>'notified_on' IS NOT NULL AND pg_temp.read_date(i.body->>'notified_on') IS NULL
           OR COALESCE(i.body->>'origin', 'HEAD') NOT IN ('HEAD', 'APPEAL')""",
    ),
)
TIME: tuple[Check, ...] = (
    ("", "FUTURE_DATE", "i.happened_at > %(now)s"),
    (
        "SCHOOL_CHANGE",
        "FUTURE_DATE",
        """pg_temp.read_date(i.body->>'asked_on') > (
               SELECT (%(now)s AT TIME ZONE COALESCE(NULLIF(school.own_timezone, ''), academy.timezone))::date
               FROM families_school school JOIN families_academy academy ON academy.code = school.academy_id
               WHERE school.uai = i.uai)""",
    ),
)
# of two lines of this very night, one that comes after a line of a later date
OVERTAKEN = """EXISTS (SELECT 1 FROM siecle_in o
                 WHERE o.dossier_id = i.dossier_id AND o.kind = i.kind AND o.phase = i.phase
                   AND o.seq < i.seq AND o.happened_at > i.happened_at AND o.outcome IS NULL)"""
ENTRY: tuple[Check, ...] = (
    (
        "SCHOOL_ENTRY",
        "SUPERSEDED",
        f"""EXISTS (SELECT 1 FROM orientation_submission o WHERE o.dossier_id = i.dossier_id AND o.phase = i.phase
                      AND o.author_kind = 'SCHOOL' AND o.submitted_at > i.happened_at)
            OR {OVERTAKEN}""",
    ),
)
STATEMENT_SUPERSEDED: Check = (
    "STATEMENT",
    "SUPERSEDED",
    """EXISTS (SELECT 1 FROM orientation_councilstatement o WHERE o.dossier_id = i.dossier_id AND o.phase = i.phase
                 AND o.entered_at > i.happened_at)""",
)
STATEMENT_REPLACED: Check = (
    "STATEMENT",
    "SUPERSEDED",
    # SIE-04: what the council said of a request that the school has changed since
    """EXISTS (SELECT 1 FROM orientation_submission c
               JOIN orientation_submission s ON s.dossier_id = c.dossier_id AND s.phase = c.phase
                 AND i.body->>'submission_ref' IN (s.uuid::text, s.siecle_ref)
               WHERE c.dossier_id = i.dossier_id AND c.phase = i.phase AND c.asked_by <> '' AND c.version > s.version)
       OR i.body->>'submission_ref' IS NULL
          AND EXISTS (SELECT 1 FROM orientation_submission c
                      WHERE c.dossier_id = i.dossier_id AND c.phase = i.phase AND c.asked_by <> '')""",
)
STATEMENT_WITHDRAWN: Check = (
    "STATEMENT",
    "WITHDRAWN",
    """EXISTS (SELECT 1 FROM siecle_in o WHERE o.kind = 'COUNCIL' AND o.body->>'event' = 'RESET' AND o.seq > i.seq
                 AND o.uai = i.uai AND o.division = i.division AND o.phase = i.phase
                 AND o.outcome IS DISTINCT FROM 'REJECTED')""",
)
# A line that waits for something else waits no more once its council was reset: it would come back after the next one.
WITHDRAWN_WHILE_WAITING = """
UPDATE siecle_in i SET outcome = 'UNCHANGED', code = 'WITHDRAWN'
WHERE i.kind = 'STATEMENT' AND i.outcome = 'REJECTED' AND i.code <> 'MASS_CHANGE' AND ({condition})
"""
STATEMENT_AMONG: tuple[Check, ...] = (("STATEMENT", "SUPERSEDED", OVERTAKEN),)
STATEMENT_LATE = (STATEMENT_SUPERSEDED, STATEMENT_REPLACED, STATEMENT_WITHDRAWN)
STATEMENT: tuple[Check, ...] = (
    (
        "STATEMENT",
        "COUNCIL_NOT_OPEN",
        # the council that spoke, whatever the division where the pupil is today
        """NOT EXISTS (SELECT 1 FROM orientation_classcouncil c
                       JOIN families_division dv ON dv.id = c.division_id AND dv.code = i.division
                       JOIN families_school school ON school.id = dv.school_id AND school.uai = i.uai
                       WHERE c.campaign_id = %(campaign)s AND c.phase = i.phase AND c.opened_at IS NOT NULL)""",
    ),
    (
        "STATEMENT",
        "UNKNOWN_ENTRY",
        """i.body->>'submission_ref' IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM orientation_submission s WHERE s.dossier_id = i.dossier_id
                             AND s.phase = i.phase AND i.body->>'submission_ref' IN (s.uuid::text, s.siecle_ref))""",
    ),
    (
        "STATEMENT",
        "UNANSWERED_PATHWAY",  # OPI-01, ANS-01
        """EXISTS (SELECT 1 FROM orientation_rankedchoice h
                   LEFT JOIN siecle_item t ON t.seq = i.seq AND t.pathway = h.pathway AND t.series = h.series
                   WHERE t.seq IS NULL AND h.submission_id = (
                       SELECT min(s.id) FROM orientation_submission s
                       WHERE s.dossier_id = i.dossier_id AND s.phase = i.phase
                         AND i.body->>'submission_ref' IN (s.uuid::text, s.siecle_ref)))""",
    ),
    (
        "STATEMENT",
        "ALREADY_ANSWERED",  # ANS-04
        """EXISTS (SELECT 1 FROM orientation_councilstatement s
                   JOIN orientation_familyanswer f ON f.statement_id = s.id
                   WHERE s.dossier_id = i.dossier_id AND s.phase = i.phase
                     AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id))""",
    ),
    (
        "STATEMENT",
        "ALREADY_DECIDED",  # ANS-05: nothing is proposed any more
        """i.phase = 'DEFINITIVE'
           AND EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = i.dossier_id)""",
    ),
)
ORIGIN = "COALESCE({}.body->>'origin', 'HEAD')"
ANSWERED_STATEMENT = """orientation_councilstatement s WHERE s.siecle_ref = i.body->>'statement'
    AND s.dossier_id = i.dossier_id AND s.phase = 'DEFINITIVE'"""
ANSWER: tuple[Check, ...] = (
    ("SCHOOL_ANSWER", "UNKNOWN_STATEMENT", f"NOT EXISTS (SELECT 1 FROM {ANSWERED_STATEMENT})"),
    (
        "SCHOOL_ANSWER",
        "WITHDRAWN_STATEMENT",
        f"""EXISTS (SELECT 1 FROM {ANSWERED_STATEMENT}
                    AND EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id))""",
    ),
    (
        "SCHOOL_ANSWER",
        "ALREADY_ANSWERED",  # ANS-04
        f"""EXISTS (SELECT 1 FROM {ANSWERED_STATEMENT}
                    AND EXISTS (SELECT 1 FROM orientation_familyanswer f WHERE f.statement_id = s.id))""",
    ),
    (
        "SCHOOL_ANSWER",
        "NOT_PROPOSED",  # ANS-02
        ITEM.format(
            """NOT EXISTS (SELECT 1 FROM orientation_councilanswer a
                           JOIN orientation_councilstatement s ON s.id = a.statement_id
                           WHERE s.siecle_ref = i.body->>'statement' AND a.pathway = t.pathway AND a.series = t.series
                             AND a.value = 'OUI')"""
        ),
    ),
    (
        "SCHOOL_ANSWER",
        "ALREADY_DECIDED",
        # decided already, or by a line of this night that was written before the answer
        f"""i.body->>'kind' = 'ACCEPTED' AND (
                EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = i.dossier_id)
                OR EXISTS (SELECT 1 FROM siecle_in o WHERE o.kind = 'HEAD_DECISION' AND o.dossier_id = i.dossier_id
                             AND {ORIGIN.format("o")} = 'HEAD' AND o.seq < i.seq AND o.outcome IS NULL))""",
    ),
)
# of two that could both be taken tonight, the first
ANSWER_AMONG: tuple[Check, ...] = (
    (
        "SCHOOL_ANSWER",
        "ALREADY_ANSWERED",
        """EXISTS (SELECT 1 FROM siecle_in o WHERE o.kind = i.kind AND o.dossier_id = i.dossier_id
                     AND o.seq < i.seq AND o.outcome IS NULL)""",
    ),
)
DECISION: tuple[Check, ...] = (
    (
        "HEAD_DECISION",
        "NOTHING_TO_APPEAL",  # ANS-07: known already, or of this very night
        f"""{ORIGIN.format("i")} = 'APPEAL'
            AND NOT EXISTS (SELECT 1 FROM orientation_decision e
                            WHERE e.dossier_id = i.dossier_id AND e.origin = 'HEAD')
            AND (EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = i.dossier_id)
                 OR NOT EXISTS (SELECT 1 FROM siecle_in o WHERE o.kind = i.kind AND o.dossier_id = i.dossier_id
                                  AND {ORIGIN.format("o")} = 'HEAD' AND o.outcome IS NULL))""",
    ),
    (
        "HEAD_DECISION",
        "ALREADY_DECIDED",  # ANS-05: the commission alone decides after another decision, once
        f"""EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = i.dossier_id
                      AND ({ORIGIN.format("i")} <> 'APPEAL' OR e.origin = 'APPEAL'))
            OR EXISTS (SELECT 1 FROM siecle_in o WHERE o.kind = i.kind AND o.dossier_id = i.dossier_id
                         AND {ORIGIN.format("o")} = {ORIGIN.format("i")} AND o.seq < i.seq AND o.outcome IS NULL)""",
    ),
)


def values_of(campaign: Campaign, where: Range) -> dict[str, Any]:
    """The campaign's data that the checks compare with."""
    pathways = [
        f"{pathway.code}/{series}"
        for pathway in pathways_of(campaign.level)
        for series in ([code for code, _ in pathway.series] or [""])
    ]
    return {
        "campaign": campaign.pk,
        "uai_from": where.first,
        "uai_before": where.before,
        "academy": campaign.academy_id,
        "year": campaign.year,
        "level": campaign.level,
        "kinds": list(contract.RECEIVED),
        "events": list(contract.COUNCIL_EVENTS),
        "most": campaign.max_choices,
        "one_acceptance": campaign.acceptances == Acceptances.ONE,
        "pathways": pathways,
        "opinions": list(campaign.opinion_values),
        **detail_checks.values_of_details(campaign),
    }


def withdraw_waiting(cursor: CursorWrapper) -> None:
    """Settle the opinions that wait here and whose council a line of this night resets (SIE-05)."""
    cursor.execute(WITHDRAWN_WHILE_WAITING.format(condition=STATEMENT_WITHDRAWN[2]))


def read(cursor: CursorWrapper, values: dict[str, Any]) -> set[str]:
    """Read the lines of `siecle_raw` into `siecle_in`, find whose they are, and set aside those already taken in and
    those malformed. Return the kinds met."""
    staging.drop(cursor, "siecle_in", "siecle_item")
    _read_lines(cursor, values)
    for statement in INDEXES:
        cursor.execute(statement)
    cursor.execute(ITEMS)
    for statement in ("CREATE INDEX ON siecle_item (seq)", "ANALYZE siecle_item (seq, pathway, series)"):
        cursor.execute(statement)
    apply(cursor, values, KNOWN, outcome=contract.UNCHANGED)
    apply(cursor, values, FORM)
    cursor.execute(CHANGES)
    cursor.execute(KINDS)
    return {kind for (kind,) in cursor.fetchall()}


def _read_lines(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            cursor.execute(READ.format(**AT_ONCE), values)
    except (DataError, OperationalError):  # the latter: JSON too deep to be read
        cursor.execute(READ.format(**ONE_BY_ONE), values)


def apply(
    cursor: CursorWrapper, values: dict[str, Any], checks: tuple[Check, ...], *, outcome: str = contract.REJECTED
) -> None:
    """Mark the lines not settled yet that a condition holds for, in one reading: no check sees what another marks."""
    cases = " ".join(
        (CASE if kind else CASE_OF_ALL).format(kind=kind, code=code, condition=condition)
        for kind, code, condition in checks
    )
    cursor.execute(MARK.format(cases=cases), {**values, "outcome": outcome})
