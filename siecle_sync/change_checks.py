"""What a change made by a school at a family's request must be to be taken in (SIE-04). See `siecle_sync.checks`."""

from siecle_sync.checks import OVERTAKEN, Check

# The family's own versions that Siècle took, and the changes already made of them (`orientation.rules.council`).
IN_FORCE = """orientation_submission o
    WHERE o.dossier_id = i.dossier_id AND o.phase = i.phase
      AND CASE WHEN o.author_kind = 'SCHOOL' THEN o.asked_by <> ''
          ELSE EXISTS (SELECT 1 FROM orientation_sieclereceipt r WHERE r.ref = o.uuid AND r.outcome = 'ACCEPTED') END"""
LIST = """
    SELECT jsonb_agg(jsonb_build_array({pathway}, {series}, {free_text}, {school}, {apprentice}, {details})
                     ORDER BY {rank})"""
TODAYS_LIST = LIST.format(
    pathway="h.pathway", series="h.series", free_text="h.free_text", school="h.school_status",
    apprentice="h.apprentice_status", details="h.details", rank="h.rank",
)  # fmt: skip
ASKED_LIST = LIST.format(
    pathway="t.pathway", series="t.series", free_text="COALESCE(t.item->>'free_text', '')",
    school="COALESCE(t.item->'school_status' = 'true', false)",
    apprentice="COALESCE(t.item->'apprentice_status' = 'true', false)",
    details="CASE WHEN jsonb_typeof(t.item->'details') = 'array' THEN t.item->'details' ELSE '[]' END",
    rank="t.position",
)  # fmt: skip

# What the family validated after the change, or a later change, stands before it. A version that came too late for the
# council (SIE-03) does not, nor what the school typed of its own (SIE-02).
SUPERSEDED: Check = (
    "SCHOOL_CHANGE",
    "SUPERSEDED",
    """EXISTS (SELECT 1 FROM orientation_submission o
                WHERE o.dossier_id = i.dossier_id AND o.phase = i.phase AND o.submitted_at > i.happened_at
                  AND (o.author_kind <> 'SCHOOL' OR o.asked_by <> '')
                  AND NOT EXISTS (SELECT 1 FROM orientation_sieclereceipt r
                                  WHERE r.ref = o.uuid AND r.outcome = 'NOT_PROCESSED'))""",
)
AMONG: tuple[Check, ...] = (("SCHOOL_CHANGE", "SUPERSEDED", OVERTAKEN),)
REFUSED: tuple[Check, ...] = (
    (
        "SCHOOL_CHANGE",
        "COUNCIL_NOT_OPEN",
        # a reset that came after the change does not undo it: what the family asked for stands
        """NOT EXISTS (SELECT 1 FROM orientation_classcouncil c
                       JOIN families_division dv ON dv.id = c.division_id AND dv.code = i.division
                       JOIN families_school school ON school.id = dv.school_id AND school.uai = i.uai
                       WHERE c.campaign_id = %(campaign)s AND c.phase = i.phase AND c.opened_at IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM siecle_in o
                           WHERE o.kind = 'COUNCIL' AND o.body->>'event' = 'RESET' AND o.seq > i.seq
                             AND o.outcome IS DISTINCT FROM 'REJECTED'
                             AND o.uai = i.uai AND o.division = i.division AND o.phase = i.phase)""",
    ),
    ("SCHOOL_CHANGE", "NOTHING_TO_CHANGE", f"NOT EXISTS (SELECT 1 FROM {IN_FORCE})"),
    (
        "SCHOOL_CHANGE",
        "ALREADY_ANSWERED",  # ANS-04
        """EXISTS (SELECT 1 FROM orientation_councilstatement s
                   JOIN orientation_familyanswer f ON f.statement_id = s.id
                   WHERE s.dossier_id = i.dossier_id AND s.phase = i.phase
                     AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id))""",
    ),
    (
        "SCHOOL_CHANGE",
        "ALREADY_DECIDED",  # ANS-05: nothing is asked any more
        "EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = i.dossier_id)",
    ),
)
# The change of this very night that comes before, if there is one, is what the family would have.
BEFORE = """SELECT max(o.seq) FROM siecle_in o WHERE o.kind = i.kind AND o.dossier_id = i.dossier_id
            AND o.phase = i.phase AND o.seq < i.seq AND o.outcome IS NULL"""
SAME_LIST: Check = (
    "SCHOOL_CHANGE",
    "SAME_LIST",
    f"""({ASKED_LIST} FROM siecle_item t WHERE t.seq = i.seq)
        = CASE WHEN ({BEFORE}) IS NULL
          THEN ({TODAYS_LIST} FROM orientation_rankedchoice h
                WHERE h.submission_id = (SELECT o.id FROM {IN_FORCE} ORDER BY o.version DESC LIMIT 1))
          ELSE ({ASKED_LIST} FROM siecle_item t WHERE t.seq = ({BEFORE})) END""",
)
