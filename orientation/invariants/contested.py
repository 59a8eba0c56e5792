"""What the school changes for a family, what a family contests (SIE-04, ANS-07, policy « objection »)."""

from orientation.invariants.statement import Invariant

INVARIANTS = (
    Invariant(
        "INV-40", "S004",
        "Une objection n’est reçue que si la campagne l’admet, avant la fin de la saisie, d’un autre que l’auteur.",
        """
        SELECT p.dossier, m.phase || ' v' || m.version || ' : objection du ' || o.at FROM orientation_entryobjection o
        JOIN orientation_submission m ON m.id = o.submission_id JOIN place p ON p.dossier_id = m.dossier_id
        WHERE p.objection = 'NONE' OR o.at < m.submitted_at
          OR (o.representative_id, o.student_id) IS NOT DISTINCT FROM (m.representative_id, m.student_id)
          OR o.at >= (
            SELECT max(x.closes_at) FROM entry_end x WHERE x.dossier_id = p.dossier_id AND x.phase = m.phase
              AND x.kind = 'ENTRY' AND (x.decided_at IS NULL OR x.decided_at <= o.at))
        """,
    ),
    Invariant(
        "INV-41", "SIE-04",
        "L’établissement ne modifie une saisie qu’à la demande de la famille, le conseil ouvert, et garde la première.",
        """
        SELECT p.dossier, m.phase || ' v' || m.version || ' modifiée par l’établissement' FROM orientation_submission m
        JOIN place p ON p.dossier_id = m.dossier_id
        WHERE m.asked_by <> '' AND (
          m.asked_on > (m.submitted_at AT TIME ZONE p.zone)::date
          OR NOT EXISTS (
            SELECT 1 FROM orientation_submission f
            WHERE f.dossier_id = m.dossier_id AND f.phase = m.phase AND f.version < m.version)
          OR NOT EXISTS (
            SELECT 1 FROM sitting k JOIN been_in b ON b.dossier_id = p.dossier_id AND b.division_id = k.division_id
            WHERE k.campaign_id = p.campaign_id AND k.phase = m.phase AND k.opened_at <= (
              SELECT GREATEST(m.submitted_at, max(j.at)) FROM ledger_journalentry j
              WHERE j.dossier_uuid = p.dossier AND j.verb = 'entry_changed_by_school'
                AND j.data->>'submission' = m.uuid::text)))
        """,
    ),
    Invariant(
        "INV-42", "SIE-04, OPI-04",
        "Une saisie modifiée par l’établissement retire ce que le conseil avait dit de la précédente.",
        """
        SELECT s.dossier, s.phase || ' v' || s.version || ' encore en vigueur' FROM statement s
        JOIN orientation_submission m ON m.dossier_id = s.dossier_id AND m.phase = s.phase AND m.asked_by <> ''
        JOIN ledger_journalentry j ON j.dossier_uuid = s.dossier AND j.verb = 'entry_changed_by_school'
          AND j.data->>'submission' = m.uuid::text
        WHERE s.received_at < j.at AND (s.withdrawn_at IS NULL OR s.withdrawn_at > j.at)
        """,
    ),
    Invariant(
        "INV-43", "ANS-07",
        "Un entretien suit un refus, un désaccord ou un silence, et les propositions dont il parle.",
        """
        SELECT p.dossier, 'entretien du ' || t.held_on FROM orientation_meeting t
        JOIN place p ON p.dossier_id = t.dossier_id
        WHERE t.held_on > (t.at AT TIME ZONE p.zone)::date
          OR NOT EXISTS (
            SELECT 1 FROM statement s WHERE s.dossier_id = t.dossier_id AND s.phase = 'DEFINITIVE'
              AND (s.published_at AT TIME ZONE s.zone)::date <= t.held_on)
          OR EXISTS (
            SELECT 1 FROM orientation_decision e
            WHERE e.dossier_id = t.dossier_id AND e.origin = 'ACCEPTANCE' AND e.at <= t.at)
          OR NOT (
            EXISTS (
              SELECT 1 FROM answer a LEFT JOIN orientation_agreement g ON g.answer_id = a.answer_id AND NOT g.agrees
              WHERE a.dossier_id = t.dossier_id AND a.at <= t.at AND (a.kind = 'REFUSED' OR g.at <= t.at))
            OR t.at >= (
              SELECT min(x.closes_at) FROM entry_end x
              WHERE x.dossier_id = t.dossier_id AND x.phase = 'DEFINITIVE' AND x.kind = 'CONSULTATION'))
        """,
    ),
    Invariant(
        "INV-44", "ANS-07", "Un appel suit la décision du chef d’établissement, une fois notifiée.",
        """
        SELECT p.dossier, 'appel du ' || t.filed_on FROM orientation_appeal t
        JOIN place p ON p.dossier_id = t.dossier_id
        WHERE t.filed_on > (t.at AT TIME ZONE p.zone)::date OR NOT EXISTS (
          SELECT 1 FROM orientation_decision e
          WHERE e.dossier_id = t.dossier_id AND e.origin = 'HEAD' AND e.notified_on <= t.filed_on)
        """,
    ),
)  # fmt: skip
