"""The pen, the versions, the choices, the moment of an entry (ACC, ENT, CAL, OPI-05)."""

from orientation.invariants.statement import OF_AGE, Invariant

INVARIANTS = (
    Invariant(
        "INV-01", "ACC-04", "Chaque saisie d’une famille est validée par la personne qui avait alors la main.",
        """
        SELECT e.dossier, e.phase || ' v' || e.version || ' sans la main' FROM entry e
        WHERE NOT EXISTS (
          SELECT 1 FROM orientation_pen p
          WHERE p.dossier_id = e.dossier_id AND p.phase = e.phase AND p.taken_at <= e.at
            AND (p.released_at IS NULL OR p.released_at >= e.at)
            AND p.representative_id IS NOT DISTINCT FROM e.representative_id
            AND p.student_id IS NOT DISTINCT FROM e.pupil_id)
        """,
    ),
    Invariant(
        "INV-02", "ACC-04", "Deux personnes n’ont jamais la main en même temps sur une phase d’un dossier.",
        """
        SELECT d.uuid, p.phase || ' : deux mains' FROM (
          SELECT dossier_id, phase, released_at,
            lead(taken_at) OVER (PARTITION BY dossier_id, phase ORDER BY taken_at, id) AS next_at,
            lead(id) OVER (PARTITION BY dossier_id, phase ORDER BY taken_at, id) AS next_id
          FROM orientation_pen) p
        JOIN orientation_dossier d ON d.id = p.dossier_id
        WHERE p.next_id IS NOT NULL AND (p.released_at IS NULL OR p.released_at > p.next_at)
        """,
    ),
    Invariant(
        "INV-03", "ACC-04", "La main ne vient que d’une saisie validée ou d’une réponse, jamais d’un brouillon.",
        """
        SELECT d.uuid, p.phase || ' : main prise sans acte' FROM orientation_pen p
        JOIN orientation_dossier d ON d.id = p.dossier_id
        WHERE NOT EXISTS (
            SELECT 1 FROM entry e WHERE e.dossier_id = p.dossier_id AND e.phase = p.phase AND e.at = p.taken_at
              AND e.representative_id IS NOT DISTINCT FROM p.representative_id
              AND e.pupil_id IS NOT DISTINCT FROM p.student_id)
          AND NOT EXISTS (
            SELECT 1 FROM answer a WHERE a.dossier_id = p.dossier_id AND a.phase = p.phase AND a.at = p.taken_at
              AND a.representative_id IS NOT DISTINCT FROM p.representative_id
              AND a.pupil_id IS NOT DISTINCT FROM p.student_id)
        """,
    ),
    Invariant(
        "INV-04", "ENT-09",
        "Les versions d’une saisie se suivent à partir de 1, celles de la famille dans l’ordre du temps.",
        """
        SELECT d.uuid, m.phase || ' : versions de ' || min(m.version) || ' à ' || max(m.version) || ' pour ' || count(*)
        FROM orientation_submission m JOIN orientation_dossier d ON d.id = m.dossier_id
        GROUP BY d.uuid, m.phase HAVING min(m.version) <> 1 OR max(m.version) <> count(*)
        UNION ALL
        SELECT dossier, phase || ' v' || version || ' plus ancienne que la précédente' FROM (
          SELECT dossier, phase, version, at,
            lag(at) OVER (PARTITION BY dossier_id, phase ORDER BY version) AS before FROM entry) x
        WHERE before > at
        """,
    ),
    Invariant(
        "INV-05", "ENT-01", "Les rangs d’une saisie vont de 1 à son nombre de choix, sans trou.",
        """
        SELECT d.uuid, m.phase || ' v' || m.version || ' : ' || m.choice_count || ' choix annoncés'
        FROM orientation_submission m JOIN orientation_dossier d ON d.id = m.dossier_id
        LEFT JOIN orientation_rankedchoice h ON h.submission_id = m.id
        GROUP BY d.uuid, m.id HAVING count(h.id) <> m.choice_count OR min(h.rank) <> 1 OR max(h.rank) <> m.choice_count
        """,
    ),
    Invariant(
        "INV-06", "ENT-01", "Une saisie ne compte pas plus de choix que la campagne n’en admet.",
        """
        SELECT p.dossier, m.phase || ' v' || m.version || ' : ' || m.choice_count || ' choix'
        FROM orientation_submission m JOIN place p ON p.dossier_id = m.dossier_id WHERE m.choice_count > p.max_choices
        """,
    ),
    Invariant(
        "INV-07", "ENT-02", "Chaque voie demandée existe à ce niveau, avec la série qu’elle demande.",
        """
        SELECT p.dossier, m.phase || ' v' || m.version || ' rang ' || h.rank || ' : ' || h.pathway || ' ' || h.series
        FROM orientation_rankedchoice h JOIN orientation_submission m ON m.id = h.submission_id
        JOIN place p ON p.dossier_id = m.dossier_id
        WHERE NOT EXISTS (
          SELECT 1 FROM pathway w WHERE w.code = h.pathway AND w.level = p.level
            AND CASE WHEN w.series = '[]' THEN h.series = '' ELSE w.series ? h.series END)
        """,
    ),
    Invariant(
        "INV-08", "ENT-03", "Une voie n’est demandée qu’une fois dans une saisie.",
        """
        SELECT d.uuid, m.phase || ' v' || m.version || ' : ' || h.pathway || ' ' || h.series
        FROM orientation_rankedchoice h JOIN orientation_submission m ON m.id = h.submission_id
        JOIN orientation_dossier d ON d.id = m.dossier_id
        GROUP BY d.uuid, m.phase, m.version, h.submission_id, h.pathway, h.series HAVING count(*) > 1
        """,
    ),
    Invariant(
        "INV-09", "ENT-04", "Une voie ne porte que les précisions qu’elle demande.",
        """
        SELECT p.dossier, m.phase || ' v' || m.version || ' rang ' || h.rank || ' : précision non demandée'
        FROM orientation_rankedchoice h JOIN orientation_submission m ON m.id = h.submission_id
        JOIN place p ON p.dossier_id = m.dossier_id JOIN pathway w ON w.code = h.pathway
        WHERE (h.free_text <> '' AND NOT (w.text_asked AND (p.free_text OR m.author_kind = 'SCHOOL')))
          OR ((h.school_status OR h.apprentice_status) AND NOT w.status_asked)
          OR (h.details <> '[]' AND w.details = '[]')
        """,
    ),
    Invariant(
        "INV-10", "ACC-02, ACC-03",
        "Tout acte est celui d’un représentant légal de l’élève, ou de l’élève s’il était majeur ce jour-là.",
        f"""
        SELECT dossier, what || ' d’une personne qui ne pouvait pas agir' FROM (
          SELECT a.*, {OF_AGE.format(at="a.at", zone="a.zone", birth_date="COALESCE(c.born, a.birth_date)")} AS of_age,
            l.ref IS NOT NULL AS was_legal, g.id IS NOT NULL AS is_linked
          FROM act a LEFT JOIN recorded c ON c.dossier = a.dossier AND c.verb = a.verb AND c.ref = a.said::text
          LEFT JOIN was_legal l ON l.dossier = a.dossier AND l.verb = a.verb AND l.ref = a.said::text
            AND l.representative_id = a.representative_id
          LEFT JOIN families_guardianship g ON g.student_id = a.student_id
            AND g.representative_id = a.representative_id) a
        WHERE CASE WHEN representative_id IS NULL THEN pupil_id IS DISTINCT FROM student_id OR NOT of_age
          ELSE of_age OR NOT was_legal OR NOT is_linked END
        """,
    ),
    Invariant(
        "INV-11", "CAL-02, CAL-03", "Une saisie tombe dans la fenêtre de l’académie, prolongations comprises.",
        """
        SELECT e.dossier, e.phase || ' v' || e.version || ' hors de la fenêtre' FROM entry e
        LEFT JOIN entry_end x ON x.dossier_id = e.dossier_id AND x.phase = e.phase AND x.kind = 'ENTRY'
          AND (x.decided_at IS NULL OR x.decided_at <= e.at)
        GROUP BY e.dossier, e.phase, e.version, e.at
        HAVING count(x.closes_at) = 0 OR e.at < max(x.opens_at) OR e.at >= max(x.closes_at)
        """,
    ),
    Invariant(
        "INV-12", "CAL-09", "Aucune saisie n’est validée après la fermeture fixée par l’établissement.",
        """
        SELECT e.dossier, e.phase || ' v' || e.version || ' après la fermeture' FROM entry e
        WHERE e.at >= (
          SELECT x.closes_at FROM orientation_schoolclosing x
          WHERE x.campaign_id = e.campaign_id AND x.school_id = e.school_id AND x.phase = e.phase AND x.at <= e.at
          ORDER BY x.id DESC LIMIT 1)
        """,
    ),
    Invariant(
        "INV-13", "CAL-05", "Aucun acte n’est enregistré pendant que l’établissement a fermé le service.",
        """
        SELECT a.dossier, a.what || ' pendant la fermeture du service' FROM act a
        JOIN place p ON p.dossier = a.dossier
        WHERE NOT (
          SELECT x.enabled FROM orientation_serviceswitch x
          WHERE x.campaign_id = p.campaign_id AND x.school_id = p.school_id AND x.at < a.at
          ORDER BY x.id DESC LIMIT 1)
        """,
    ),
    Invariant(
        "INV-14", "CAL-06", "Aucune saisie n’est validée après l’ouverture du conseil de classe de la division.",
        """
        SELECT e.dossier, e.phase || ' v' || e.version || ' pendant le conseil' FROM entry e
        JOIN recorded c ON c.dossier = e.dossier AND c.verb = 'entry_validated' AND c.ref = e.uuid::text
        WHERE EXISTS (
          SELECT 1 FROM sitting k
          WHERE k.campaign_id = e.campaign_id AND k.division_id = c.division_id AND k.phase = e.phase
            AND k.opened_at <= e.at AND (k.reset_at IS NULL OR k.reset_at > e.at))
        """,
    ),
    Invariant(
        "INV-15", "OPI-05",
        "Aucun choix définitif n’est saisi avant l’accusé de réception des avis, ou la levée par le chef.",
        """
        SELECT e.dossier, 'choix définitifs v' || e.version || ' sans accusé de réception' FROM entry e
        WHERE e.phase = 'DEFINITIVE'
          AND NOT EXISTS (SELECT 1 FROM orientation_gatelift l WHERE l.dossier_id = e.dossier_id AND l.at <= e.at)
          AND NOT EXISTS (
            SELECT 1 FROM statement s JOIN orientation_acknowledgement k ON k.statement_id = s.id
            WHERE s.dossier_id = e.dossier_id AND s.phase = 'PROVISIONAL' AND s.published_at <= e.at AND k.at <= e.at
              AND (e.opinion_change = 'TELL' OR s.withdrawn_at IS NULL OR s.withdrawn_at > e.at))
        """,
    ),
)  # fmt: skip
