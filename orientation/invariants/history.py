"""The journal says each act once, and Siècle's receipts fit what was sent (ANS-09, SIE)."""

from orientation.invariants.statement import Invariant


def _one_line(acts: str, verbs: str, key: str) -> str:
    """Each act (dossier, ref, label) has one line of the journal, and each line has its act."""
    return f"""
        SELECT COALESCE(a.dossier, j.dossier_uuid), COALESCE(a.label, j.verb) || ' : ' || CASE
          WHEN a.ref IS NULL THEN 'ligne sans acte' ELSE COALESCE(j.lines, 0) || ' ligne(s)' END
        FROM ({acts}) a
        FULL JOIN (
          SELECT data->>'{key}' AS ref, max(dossier_uuid::text)::uuid AS dossier_uuid, max(verb) AS verb,
            count(*) AS lines
          FROM ledger_journalentry WHERE verb IN ({verbs}) GROUP BY data->>'{key}') j ON j.ref = a.ref::text
        WHERE a.ref IS NULL OR j.lines IS DISTINCT FROM 1 OR j.dossier_uuid IS DISTINCT FROM a.dossier
        """


INVARIANTS = (
    Invariant(
        "INV-60", "ANS-09", "Chaque saisie a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT d.uuid AS dossier, m.uuid AS ref, m.phase || ' v' || m.version AS label
            FROM orientation_submission m JOIN orientation_dossier d ON d.id = m.dossier_id
            """,
            "'entry_validated', 'school_entry_received', 'entry_changed_by_school'", "submission",
        ),
    ),
    Invariant(
        "INV-61", "ANS-09", "Chaque accusé de réception a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT s.dossier, s.uuid AS ref, 'accusé de réception' AS label
            FROM orientation_acknowledgement k JOIN statement s ON s.id = k.statement_id
            """,
            "'opinions_acknowledged'", "statement",
        ),
    ),
    Invariant(
        "INV-62", "ANS-09", "Chaque réponse a sa ligne dans l’historique, et une seule.",
        _one_line(
            "SELECT dossier, answer AS ref, 'réponse' AS label FROM answer",
            "'proposals_answered', 'answer_recorded_by_school'", "answer",
        ),
    ),
    Invariant(
        "INV-63", "ANS-09", "Chaque accord ou désaccord a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT a.dossier, g.uuid AS ref, 'accord ou désaccord' AS label
            FROM orientation_agreement g JOIN answer a ON a.answer_id = g.answer_id
            """,
            "'answer_agreed', 'answer_disagreed'", "agreement",
        ),
    ),
    Invariant(
        "INV-64", "ANS-09", "Chaque décision a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT d.uuid AS dossier, e.uuid AS ref, 'décision' AS label
            FROM orientation_decision e JOIN orientation_dossier d ON d.id = e.dossier_id
            """,
            "'decision_made'", "decision",
        ),
    ),
    Invariant(
        "INV-65", "ANS-09", "Chaque version publiée par le conseil a sa ligne dans l’historique, et une seule.",
        _one_line(
            "SELECT dossier, uuid AS ref, phase || ' v' || version AS label FROM statement",
            "'statement_published'", "statement",
        ),
    ),
    Invariant(
        "INV-66", "CAL-06", "Chaque conseil ouvert l’a été par un acte de l’historique, à cet instant.",
        """
        SELECT k.uuid, 'conseil ' || k.phase || ' ouvert le ' || k.opened_at FROM orientation_classcouncil k
        LEFT JOIN (SELECT council_id, opened_at, count(*) AS said FROM sitting WHERE reset_at IS NULL
                   GROUP BY council_id, opened_at) s ON s.council_id = k.id AND s.opened_at = k.opened_at
        -- the council itself, and the act
        WHERE k.opened_at IS NOT NULL AND COALESCE(s.said, 0) < 2
        """,
    ),
    Invariant(
        "INV-67", "ACC-08", "Chaque main libérée a sa ligne dans l’historique.",
        """
        SELECT d.uuid, p.phase || ' : main libérée le ' || p.released_at FROM orientation_pen p
        JOIN orientation_dossier d ON d.id = p.dossier_id
        LEFT JOIN ledger_journalentry j ON j.dossier_uuid = d.uuid AND j.verb = 'pen_released'
          AND j.at = p.released_at AND j.data->>'phase' = p.phase
        WHERE p.released_at IS NOT NULL AND j.id IS NULL
        """,
    ),
    Invariant(
        "INV-68", "OPI-04", "Chaque retrait d’une version du conseil a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT s.dossier, s.uuid AS ref, s.phase || ' v' || s.version || ' retirée' AS label
            FROM statement s WHERE s.withdrawn_at IS NOT NULL
            """,
            "'statement_withdrawn'", "statement",
        ),
    ),
    Invariant(
        "INV-70", "SIE-01", "Siècle ne répond que de ce que la famille a fait, dans le dossier où elle l’a fait.",
        """
        SELECT d.uuid, r.kind || ' ' || r.ref FROM orientation_sieclereceipt r
        JOIN orientation_dossier d ON d.id = r.dossier_id
        WHERE NOT EXISTS (SELECT 1 FROM act a WHERE a.ref = r.ref AND a.dossier = d.uuid)
          AND NOT EXISTS (SELECT 1 FROM orientation_decision e WHERE e.uuid = r.ref AND e.dossier_id = r.dossier_id)
        """,
    ),
    Invariant(
        "INV-77", "SIE-01", "Reste à transmettre ce que la famille a fait sans réponse de Siècle, et rien d’autre.",
        """
        SELECT COALESCE(d.uuid, due.dossier), COALESCE(w.kind, due.kind) || ' ' || COALESCE(w.ref, due.ref)
        FROM orientation_acttosend w
        JOIN orientation_dossier d ON d.id = w.dossier_id
        FULL JOIN (
          SELECT a.ref, a.dossier, a.what AS kind FROM act a WHERE a.what <> 'objection'
          UNION ALL
          SELECT e.uuid, x.uuid, 'décision' FROM orientation_decision e
          JOIN orientation_dossier x ON x.id = e.dossier_id
          JOIN orientation_familyanswer f ON f.id = e.answer_id AND f.author_kind <> 'SCHOOL'
          WHERE e.origin = 'ACCEPTANCE'
        ) due ON due.ref = w.ref
        WHERE (w.ref IS NULL AND NOT EXISTS (SELECT 1 FROM orientation_sieclereceipt r WHERE r.ref = due.ref))
          OR due.ref IS NULL OR due.dossier <> d.uuid
          OR (w.ref IS NOT NULL AND EXISTS (SELECT 1 FROM orientation_sieclereceipt r WHERE r.ref = w.ref))
        """,
    ),
    Invariant(
        "INV-71", "SIE-03", "Une saisie du jour où le conseil ouvre est « non traitée », et elle seule.",
        """
        SELECT e.dossier, e.phase || ' v' || e.version || ' : ' || r.outcome FROM entry e
        JOIN orientation_sieclereceipt r ON r.ref = e.uuid
        LEFT JOIN recorded c ON c.dossier = e.dossier AND c.verb = 'entry_validated' AND c.ref = e.uuid::text
        LEFT JOIN been_in b ON b.dossier_id = e.dossier_id
        LEFT JOIN sitting k ON k.campaign_id = e.campaign_id AND k.phase = e.phase AND k.division_id = b.division_id
          -- an opening that nobody told us of is learnt at the end of the night that brings the answer
          AND k.opened_at <= r.at + interval '6 hours' AND (k.reset_at IS NULL OR k.reset_at > r.at)
        GROUP BY e.dossier, e.phase, e.version, e.at, e.zone, r.id
        HAVING (r.outcome = 'NOT_PROCESSED' AND max(k.opened_at) IS NULL)
          -- no night between the entry and the opening: Siècle cannot have taken it
          OR (r.outcome = 'ACCEPTED'
            AND (max(k.opened_at) FILTER (WHERE k.division_id = c.division_id AND k.opened_at < r.at)
                 AT TIME ZONE e.zone - interval '5 hours')::date
              = (e.at AT TIME ZONE e.zone - interval '5 hours')::date)
        """,
    ),
    Invariant(
        "INV-72", "OPI-02, SIE-10", "Une saisie de l’établissement n’arrive qu’une fois le conseil de classe ouvert.",
        """
        SELECT p.dossier, m.phase || ' v' || m.version || ' de l’établissement' FROM orientation_submission m
        JOIN place p ON p.dossier_id = m.dossier_id
        LEFT JOIN ledger_journalentry j ON j.dossier_uuid = p.dossier
          AND j.verb IN ('school_entry_received', 'entry_changed_by_school') AND j.data->>'submission' = m.uuid::text
        WHERE m.author_kind = 'SCHOOL' AND NOT EXISTS (
          -- of their school: nothing keeps the divisions where a pupil has been without any act
          SELECT 1 FROM sitting k JOIN families_division v ON v.id = k.division_id AND v.school_id = p.school_id
          WHERE k.campaign_id = p.campaign_id AND k.phase = m.phase AND k.opened_at <= j.at)
        """,
    ),
    Invariant(
        "INV-73", "ANS-09", "Chaque objection a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT d.uuid AS dossier, o.uuid AS ref, 'objection' AS label FROM orientation_entryobjection o
            JOIN orientation_submission m ON m.id = o.submission_id JOIN orientation_dossier d ON d.id = m.dossier_id
            """,
            "'entry_objected'", "objection",
        ),
    ),
    Invariant(
        "INV-74", "ANS-07, ANS-09", "Chaque entretien a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT d.uuid AS dossier, t.uuid AS ref, 'entretien' AS label FROM orientation_meeting t
            JOIN orientation_dossier d ON d.id = t.dossier_id
            """,
            "'meeting_held'", "meeting",
        ),
    ),
    Invariant(
        "INV-75", "ANS-07, ANS-09", "Chaque appel a sa ligne dans l’historique, et une seule.",
        _one_line(
            """
            SELECT d.uuid AS dossier, t.uuid AS ref, 'appel' AS label FROM orientation_appeal t
            JOIN orientation_dossier d ON d.id = t.dossier_id
            """,
            "'appeal_filed'", "appeal",
        ),
    ),
    Invariant(
        "INV-76", "ANS-09", "L’historique garde avec chaque acte la division et les représentants légaux d’alors.",
        """
        SELECT j.dossier_uuid, j.verb FROM ledger_journalentry j
        WHERE j.verb IN ('entry_validated', 'opinions_acknowledged', 'proposals_answered', 'answer_agreed',
            'answer_disagreed', 'entry_objected', 'decision_made', 'school_entry_received', 'entry_changed_by_school',
            'statement_published', 'answer_recorded_by_school', 'entry_not_processed')
          AND jsonb_typeof(j.data->'then'->'legal') IS DISTINCT FROM 'array'
        """,
    ),
)  # fmt: skip
