"""Who was told what: a letter for each act and legal representative of then, and for nobody else (MAI, ACC-02, SIE-03).

What the school decides or records is told when it comes in, to the representatives of that day.
"""

from orientation.invariants.statement import Invariant


def _each_representative(acts: str, verbs: str, kinds: str) -> str:
    """Every legal representative of then has a letter of one of these kinds about each act (dossier, ref, label)."""
    return f"""
        SELECT a.dossier, a.label || ' : un représentant légal n’a pas de courriel' FROM ({acts}) a
        JOIN was_legal l ON l.dossier = a.dossier AND l.ref = a.ref::text AND l.verb IN ({verbs})
        WHERE NOT EXISTS (
          SELECT 1 FROM ledger_outgoingemail o
          WHERE o.dossier_uuid = a.dossier AND o.about = a.ref AND o.recipient_uuid = l.person AND o.kind IN ({kinds}))
        """


# A recap held until the sign-out reports the last version of the session: the letter was written with the first one.
RECAP = """
        SELECT 1 FROM ledger_outgoingemail o JOIN orientation_submission m ON m.uuid = o.about
        WHERE o.dossier_uuid = e.dossier AND o.recipient_uuid = {person} AND o.kind = '{kind}'
          AND m.phase = e.phase AND m.version >= e.version AND o.created_at <= e.at
"""

INVARIANTS = (
    Invariant(
        "INV-50", "MAI-01, MAI-03", "L’auteur de chaque saisie validée en a un récapitulatif.",
        f"""
        SELECT e.dossier, e.phase || ' v' || e.version || ' sans récapitulatif' FROM entry e
        WHERE NOT EXISTS ({RECAP.format(person="e.author", kind="recap_author")})
        """,
    ),
    Invariant(
        "INV-51", "MAI-02", "Chaque autre représentant légal a le sien, si la campagne le veut.",
        f"""
        SELECT e.dossier, e.phase || ' v' || e.version || ' : un représentant sans récapitulatif' FROM entry e
        JOIN was_legal l ON l.dossier = e.dossier AND l.verb = 'entry_validated' AND l.ref = e.uuid::text
          AND l.person <> e.author
        WHERE e.recap_to = 'ALL' AND NOT EXISTS ({RECAP.format(person="l.person", kind="recap_other")})
        """,
    ),
    Invariant(
        "INV-52", "MAI-04", "Chaque réponse est dite aussitôt, en même temps, à tous les représentants légaux.",
        _each_representative(
            "SELECT dossier, answer AS ref, 'réponse' AS label FROM answer",
            "'proposals_answered', 'answer_recorded_by_school'",
            "'answer_accepted_author', 'answer_accepted_other', 'answer_refused_author', 'answer_refused_other'",
        )
        + """
        UNION ALL
        SELECT dossier_uuid, 'réponse : des courriels de dates différentes, ou retenus' FROM ledger_outgoingemail
        WHERE kind LIKE 'answer\\_%%' GROUP BY dossier_uuid, about
        HAVING count(DISTINCT created_at) > 1 OR max(not_before) > min(created_at) OR count(held_for) > 0
        """,
    ),
    Invariant(
        "INV-53", "MAI-07", "Un acte donne à une personne un seul courriel de chaque sorte.",
        """
        SELECT dossier_uuid, kind || ' : ' || count(*) || ' courriels à la même personne' FROM ledger_outgoingemail
        WHERE about IS NOT NULL AND about <> dossier_uuid
        GROUP BY dossier_uuid, kind, about, recipient_uuid HAVING count(*) > 1
        """,
    ),
    Invariant(
        "INV-54", "MAI-09", "Chaque avis ou proposition qui paraît est annoncé à tous les représentants légaux.",
        _each_representative(
            """
            SELECT dossier, uuid AS ref, phase || ' v' || version AS label
            FROM statement WHERE withdrawn_at IS NULL OR withdrawn_at > received_at
            """,
            "'statement_published'",
            "'opinions_available', 'opinions_changed', 'proposals_available'",
        ),
    ),
    Invariant(
        "INV-55", "SIE-03", "Une famille dont la saisie n’a pas été traitée en est avertie.",
        _each_representative(
            """
            SELECT e.dossier, e.uuid AS ref, e.phase || ' v' || e.version || ' non traitée' AS label
            FROM entry e JOIN orientation_sieclereceipt r ON r.ref = e.uuid AND r.outcome = 'NOT_PROCESSED'
            """,
            "'entry_not_processed'",
            "'entry_not_processed'",
        )
        + """
        UNION ALL
        SELECT e.dossier, e.phase || ' v' || e.version || ' non traitée, sans ligne dans l’historique' FROM entry e
        JOIN orientation_sieclereceipt r ON r.ref = e.uuid AND r.outcome = 'NOT_PROCESSED'
        WHERE NOT EXISTS (
          SELECT 1 FROM recorded c
          WHERE c.dossier = e.dossier AND c.verb = 'entry_not_processed' AND c.ref = e.uuid::text)
        """,
    ),
    Invariant(
        # an extension is told by set, and so are reminders: the history keeps no family of that day
        "INV-56", "ACC-02, ACC-06", "Seuls l’élève et ses représentants légaux reçoivent des courriels de son dossier.",
        """
        SELECT o.dossier_uuid, o.kind || ' à une autre personne' FROM ledger_outgoingemail o
        JOIN place p ON p.dossier = o.dossier_uuid
        WHERE o.recipient_uuid <> p.student AND o.kind NOT IN ('window_extended', 'reminder') AND NOT EXISTS (
          SELECT 1 FROM legal l WHERE l.student_id = p.student_id AND l.person = o.recipient_uuid)
          AND NOT EXISTS (SELECT 1 FROM was_legal l WHERE l.dossier = p.dossier AND l.person = o.recipient_uuid)
        """,
    ),
    Invariant(
        "INV-57", "ANS-06", "Chaque accord ou désaccord est dit à tous les représentants légaux.",
        _each_representative(
            """
            SELECT a.dossier, g.uuid AS ref, 'accord ou désaccord' AS label
            FROM orientation_agreement g JOIN answer a ON a.answer_id = g.answer_id
            """,
            "'answer_agreed', 'answer_disagreed'",
            "'agreement_outcome'",
        ),
    ),
    Invariant(
        "INV-58", "ANS-07",
        "Chaque décision prise après un entretien ou en appel est dite à tous les représentants légaux.",
        _each_representative(
            """
            SELECT p.dossier, e.uuid AS ref, 'décision' AS label
            FROM orientation_decision e JOIN place p ON p.dossier_id = e.dossier_id WHERE e.origin <> 'ACCEPTANCE'
            """,
            "'decision_made'",
            "'decision_recorded'",
        ),
    ),
    Invariant(
        "INV-59", "MAI-05",
        "Chaque saisie modifiée par l’établissement est dite à tous les représentants légaux : la dernière d’une nuit.",
        _each_representative(
            """
            SELECT DISTINCT ON (p.dossier_id, m.phase, j.at)
              p.dossier, m.uuid AS ref, m.phase || ' v' || m.version AS label
            FROM orientation_submission m JOIN place p ON p.dossier_id = m.dossier_id
            JOIN ledger_journalentry j ON j.dossier_uuid = p.dossier AND j.verb = 'entry_changed_by_school'
              AND j.data->>'submission' = m.uuid::text
            ORDER BY p.dossier_id, m.phase, j.at, m.version DESC
            """,
            "'entry_changed_by_school'",
            "'entry_changed_by_school'",
        ),
    ),
)  # fmt: skip
