"""The answer, the agreements, the decision (ANS)."""

from orientation.invariants.statement import OF_AGE, Invariant

# The person `l` gave the answer `a` or said « oui » to it, or who has the same account did: Siècle may hold one twice.
AGREED = """EXISTS (
  SELECT 1 FROM (
    SELECT a.representative_id AS id
    UNION ALL
    SELECT g.representative_id FROM orientation_agreement g WHERE g.answer_id = a.answer_id AND g.at <= {before}) said
  JOIN families_representative r ON r.id = said.id
  WHERE r.id = l.representative_id OR r.user_id = l.user_id)"""

INVARIANTS = (
    Invariant(
        "INV-30", "ANS-02", "La réponse suit la publication des propositions et porte sur ce qui était publié.",
        """
        SELECT dossier, 'réponse du ' || at FROM answer
        WHERE phase <> 'DEFINITIVE' OR at > withdrawn_at OR (author_kind <> 'SCHOOL' AND at < published_at)
        """,
    ),
    Invariant(
        "INV-31", "ANS-02", "On n’accepte que ce que le conseil propose ; refuser, c’est ne rien accepter.",
        """
        SELECT a.dossier, 'voie acceptée sans être proposée : ' || c.pathway || ' ' || c.series
        FROM orientation_acceptedpathway x JOIN answer a ON a.answer_id = x.answer_id
        JOIN orientation_councilanswer c ON c.id = x.council_answer_id
        WHERE c.value <> 'OUI' OR c.statement_id <> a.id
        UNION ALL
        SELECT a.dossier, a.kind || ' : ' || count(x.id) || ' voies acceptées'
        FROM answer a LEFT JOIN orientation_acceptedpathway x ON x.answer_id = a.answer_id
        GROUP BY a.dossier, a.answer_id, a.kind, a.acceptances
        HAVING (a.kind = 'REFUSED') <> (count(x.id) = 0) OR (a.acceptances = 'ONE' AND count(x.id) > 1)
        """,
    ),
    Invariant(
        "INV-32", "ANS-02, ACC-08",
        "La réponse est celle de l’auteur des choix, sauf quand l’établissement les avait saisis.",
        """
        SELECT a.dossier, 'réponse d’une autre personne que l’auteur des choix' FROM answer a
        LEFT JOIN orientation_submission m ON m.id = a.submission_id
        WHERE a.author_kind <> 'SCHOOL' AND (m.author_kind IS DISTINCT FROM 'SCHOOL' OR m.asked_by <> '')
          AND NOT EXISTS (
            SELECT 1 FROM orientation_pen p
            WHERE p.dossier_id = a.dossier_id AND p.phase = a.phase AND p.taken_at <= a.at
              AND (p.released_at IS NULL OR p.released_at >= a.at)
              AND p.representative_id IS NOT DISTINCT FROM a.representative_id
              AND p.student_id IS NOT DISTINCT FROM a.pupil_id)
          AND NOT (a.submission_id IS NULL AND EXISTS (
            SELECT 1 FROM orientation_submission x
            WHERE x.dossier_id = a.dossier_id AND x.phase = a.phase AND x.author_kind = 'SCHOOL'))
        """,
    ),
    Invariant(
        "INV-33", "ANS-04", "Une famille ne répond qu’une fois aux propositions en vigueur.",
        """
        SELECT dossier, count(*) || ' réponses' FROM answer WHERE withdrawn_at IS NULL
        GROUP BY dossier HAVING count(*) > 1
        """,
    ),
    Invariant(
        "INV-34", "CAL-02", "Une famille répond et dit son accord pendant la consultation.",
        """
        SELECT x.dossier, x.what || ' du ' || x.at FROM act x JOIN place p ON p.dossier = x.dossier
        JOIN entry_end w ON w.dossier_id = p.dossier_id AND w.phase = 'DEFINITIVE' AND w.kind = 'CONSULTATION'
          AND (w.decided_at IS NULL OR w.decided_at <= x.at)
        WHERE x.what IN ('réponse', 'accord')
        GROUP BY x.dossier, x.what, x.ref, x.at HAVING x.at < max(w.opens_at) OR x.at >= max(w.closes_at)
        """,
    ),
    Invariant(
        "INV-35", "ANS-05, ANS-08",
        "Une décision par acceptation vient d’une réponse qui accepte : le silence n’accepte rien.",
        """
        SELECT p.dossier, 'décision sans acceptation'
        FROM orientation_decision e JOIN place p ON p.dossier_id = e.dossier_id
        LEFT JOIN answer a ON a.answer_id = e.answer_id
        WHERE e.origin = 'ACCEPTANCE' AND (
          a.answer_id IS NULL OR a.kind <> 'ACCEPTED' OR a.dossier_id <> e.dossier_id OR e.at < a.at)
        """,
    ),
    Invariant(
        "INV-36", "ANS-06, ANS-08, ACC-03",
        "Quand tous les représentants répondent, la décision suppose le « oui » de chacun des autres, ou du majeur.",
        f"""
        SELECT a.dossier, 'décision sans l’accord de tous' FROM orientation_decision e
        JOIN answer a ON a.answer_id = e.answer_id AND a.author_kind <> 'SCHOOL' AND a.answered_by = 'ALL'
        LEFT JOIN recorded c ON c.dossier = a.dossier AND c.verb = 'decision_made' AND c.ref = e.uuid::text
        WHERE EXISTS (SELECT 1 FROM orientation_agreement g WHERE g.answer_id = a.answer_id AND NOT g.agrees)
          OR CASE WHEN {OF_AGE.format(at="e.at", zone="a.zone", birth_date="COALESCE(c.born, a.birth_date)")}
            THEN a.pupil_id IS NULL AND NOT EXISTS (
              SELECT 1 FROM orientation_agreement g
              WHERE g.answer_id = a.answer_id AND g.student_id = a.student_id AND g.at <= e.at)
            ELSE EXISTS (
              SELECT 1 FROM was_legal l
              WHERE l.dossier = a.dossier AND l.verb = 'decision_made' AND l.ref = e.uuid::text
                AND NOT {AGREED.format(before="e.at")}) END
        """,
    ),
    Invariant(
        "INV-37", "ANS-05, ANS-06",
        "Une acceptation, avec l’accord de tous s’il est demandé, fait aussitôt la décision.",
        f"""
        SELECT a.dossier, 'acceptation sans décision' FROM answer a
        LEFT JOIN orientation_decision e ON e.answer_id = a.answer_id
        WHERE a.kind = 'ACCEPTED' AND e.id IS NULL AND a.withdrawn_at IS NULL AND (
          a.author_kind <> 'REPRESENTATIVE' OR a.answered_by = 'AUTHOR' OR (
            -- a pupil who turns 18 meanwhile is awaited in the place of the others
            a.birth_date > (a.at AT TIME ZONE a.zone)::date - interval '17 years'
            AND NOT EXISTS (SELECT 1 FROM orientation_agreement g WHERE g.answer_id = a.answer_id AND NOT g.agrees)
            AND NOT EXISTS (
              SELECT 1 FROM (
                SELECT person, representative_id, user_id FROM legal WHERE student_id = a.student_id
                UNION
                SELECT person, representative_id, user_id FROM was_legal
                WHERE dossier = a.dossier AND verb = 'proposals_answered' AND ref = a.answer::text) l
              WHERE NOT {AGREED.format(before="'infinity'")})))
        """,
    ),
    Invariant(
        "INV-38", "ANS-05", "Les voies décidées par acceptation sont celles que la famille a acceptées.",
        """
        SELECT d.uuid, 'voies décidées différentes des voies acceptées' FROM (
          SELECT e.dossier_id, w.pathway, w.series FROM orientation_decidedpathway w
          JOIN orientation_decision e ON e.id = w.decision_id WHERE e.origin = 'ACCEPTANCE') x
        FULL JOIN (
          SELECT e.dossier_id, c.pathway, c.series FROM orientation_decision e
          JOIN orientation_acceptedpathway a ON a.answer_id = e.answer_id
          JOIN orientation_councilanswer c ON c.id = a.council_answer_id) y
        ON y.dossier_id = x.dossier_id AND y.pathway = x.pathway AND y.series = x.series
        JOIN orientation_dossier d ON d.id = COALESCE(x.dossier_id, y.dossier_id)
        WHERE x.dossier_id IS NULL OR y.dossier_id IS NULL
        """,
    ),
    Invariant(
        "INV-39", "ANS-06",
        "Un accord est donné après la réponse, par un autre que son auteur, quand la campagne le demande.",
        """
        SELECT a.dossier, 'accord du ' || g.at FROM orientation_agreement g JOIN answer a ON a.answer_id = g.answer_id
        WHERE a.answered_by <> 'ALL' OR g.at < a.at
          OR (g.representative_id, g.student_id) IS NOT DISTINCT FROM (a.representative_id, a.pupil_id)
        """,
    ),
)  # fmt: skip
