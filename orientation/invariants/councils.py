"""What the councils say, and its acknowledgement (OPI, ANS-01, SIE-03)."""

from orientation.invariants.statement import Invariant

INVARIANTS = (
    Invariant(
        "INV-20", "OPI-03", "L’accusé de réception suit la publication des avis et porte sur ce qui était publié.",
        """
        SELECT s.dossier, 'avis v' || s.version || ' : accusé de réception du ' || k.at
        FROM orientation_acknowledgement k JOIN statement s ON s.id = k.statement_id
        WHERE s.phase <> 'PROVISIONAL' OR k.at < s.published_at OR k.at > s.withdrawn_at OR k.at < (
          SELECT max(x.opens_at) FROM entry_end x
          WHERE x.dossier_id = s.dossier_id AND x.phase = 'PROVISIONAL' AND x.kind = 'CONSULTATION')
        """,
    ),
    Invariant(
        "INV-21", "OPI-03, OPI-04",
        "Un seul accusé de réception par version, et un seul par dossier sauf si la campagne en redemande.",
        """
        SELECT s.dossier, count(*) || ' accusés de réception'
        FROM orientation_acknowledgement k JOIN statement s ON s.id = k.statement_id
        GROUP BY s.dossier, CASE WHEN s.opinion_change = 'AGAIN' THEN s.id END HAVING count(*) > 1
        """,
    ),
    Invariant(
        "INV-22", "OPI-05", "Aucun accusé de réception n’est donné après la fin de la saisie définitive.",
        """
        SELECT s.dossier, 'accusé de réception du ' || k.at
        FROM orientation_acknowledgement k JOIN statement s ON s.id = k.statement_id
        LEFT JOIN recorded x ON x.dossier = s.dossier AND x.verb = 'opinions_acknowledged' AND x.ref = s.uuid::text
        WHERE EXISTS (
            SELECT 1 FROM sitting c WHERE c.campaign_id = s.campaign_id AND c.division_id = x.division_id
              AND c.phase = 'DEFINITIVE' AND c.opened_at <= k.at AND (c.reset_at IS NULL OR c.reset_at > k.at))
          OR k.at >= (
            SELECT max(x.closes_at) FROM entry_end x WHERE x.dossier_id = s.dossier_id AND x.phase = 'DEFINITIVE'
              AND x.kind = 'ENTRY' AND (x.decided_at IS NULL OR x.decided_at <= k.at))
        """,
    ),
    Invariant(
        "INV-23", "OPI-04", "Une version publiée par le conseil est retirée avant que la suivante soit publiée.",
        """
        SELECT dossier, phase || ' v' || version || ' encore en vigueur quand la suivante est publiée' FROM (
          SELECT s.*, lead(received_at) OVER w AS next_received, lead(id) OVER w AS next_id
          FROM statement s WINDOW w AS (PARTITION BY dossier_id, phase ORDER BY version)) x
        WHERE next_id IS NOT NULL AND (withdrawn_at IS NULL OR withdrawn_at > next_received)
        """,
    ),
    Invariant(
        "INV-24", "OPI-04", "Les versions publiées par le conseil se suivent à partir de 1.",
        """
        SELECT dossier, phase || ' : versions jusqu’à ' || max(version) || ' pour ' || count(*)
        FROM statement GROUP BY dossier, phase HAVING min(version) <> 1 OR max(version) <> count(*)
        """,
    ),
    Invariant(
        "INV-25", "CAL-06", "Un conseil de classe ne se prononce qu’une fois ouvert.",
        """
        SELECT s.dossier, s.phase || ' v' || s.version || ' sans conseil ouvert' FROM statement s
        WHERE NOT EXISTS (
          SELECT 1 FROM sitting k WHERE k.campaign_id = s.campaign_id AND k.division_id = s.council_division_id
            AND k.phase = s.phase AND k.opened_at <= s.received_at
            AND (k.reset_at IS NULL OR k.reset_at >= s.entered_at))
        """,
    ),
    Invariant(
        "INV-26", "OPI-01", "Ce que dit le conseil paraît le lendemain de sa saisie, au matin.",
        """
        SELECT dossier, phase || ' v' || version || ' publié le ' || published_at FROM statement
        WHERE (published_at AT TIME ZONE zone)::time < '06:00'
          OR (published_at AT TIME ZONE zone)::date <= (entered_at AT TIME ZONE zone - interval '5 hours')::date
        """,
    ),
    Invariant(
        "INV-27", "OPI-01, ANS-01", "Le conseil répond avec les valeurs de la campagne, et à chaque voie demandée.",
        """
        SELECT s.dossier, s.phase || ' v' || s.version || ' : ' || a.pathway || ' « ' || a.value || ' »'
        FROM orientation_councilanswer a JOIN statement s ON s.id = a.statement_id
        WHERE NOT CASE WHEN s.phase = 'DEFINITIVE' THEN a.value IN ('OUI', 'NON') ELSE s.opinion_values ? a.value END
          OR (NOT a.requested AND EXISTS (
            SELECT 1 FROM orientation_rankedchoice h WHERE h.submission_id = s.submission_id AND h.pathway = a.pathway
              AND h.series = a.series))
        UNION ALL
        SELECT s.dossier, s.phase || ' v' || s.version || ' ne dit rien de ' || h.pathway || ' ' || h.series
        FROM statement s JOIN orientation_rankedchoice h ON h.submission_id = s.submission_id
        LEFT JOIN orientation_councilanswer a ON a.statement_id = s.id AND a.pathway = h.pathway
          AND a.series = h.series AND a.requested
        WHERE a.id IS NULL
        """,
    ),
    Invariant(
        "INV-28", "SIE-03", "Le conseil n’examine jamais une saisie que Siècle n’a pas prise en compte.",
        """
        SELECT s.dossier, s.phase || ' v' || s.version || ' répond à la saisie v' || e.version FROM statement s
        JOIN entry e ON e.id = s.submission_id
        LEFT JOIN orientation_sieclereceipt r ON r.ref = e.uuid
        WHERE r.outcome IS DISTINCT FROM 'ACCEPTED'
        """,
    ),
    Invariant(
        "INV-29", "OPI-03, CAL-06",
        "Ce que dit le conseil vient d’une division de l’établissement, de l’année de la campagne.",
        """
        SELECT s.dossier, s.phase || ' v' || s.version || ' d’une autre division' FROM statement s
        JOIN families_division v ON v.id = s.council_division_id JOIN orientation_campaign c ON c.id = s.campaign_id
        WHERE v.school_id <> s.school_id OR v.year <> c.year
        """,
    ),
)  # fmt: skip
