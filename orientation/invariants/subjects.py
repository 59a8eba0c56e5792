"""What is asked after 2de GT with a pathway: specialty subjects, a kind of vocational pathway (P2G-02, P2G-03)."""

from orientation.invariants.statement import Invariant
from orientation.pathways import OUTSIDE, SPECIALTIES_OF_THE_CHOICE

INVARIANTS = (
    Invariant(
        "INV-16", "P2G-02, P2G-03",
        "Une voie a les précisions qu’elle demande : autant d’enseignements différents qu’il en faut, ou une sorte.",
        f"""
        SELECT p.dossier, m.phase || ' v' || m.version || ' rang ' || h.rank || ' : ' || h.details
        FROM orientation_rankedchoice h JOIN orientation_submission m ON m.id = h.submission_id
        JOIN place p ON p.dossier_id = m.dossier_id JOIN pathway w ON w.code = h.pathway AND w.details <> '[]'
        CROSS JOIN LATERAL (
          SELECT count(*) AS asked, count(DISTINCT split_part(d, ':', 1)) AS different,
            count(*) FILTER (WHERE NOT w.details ? d) AS unknown, bool_or(split_part(d, ':', 2) <> '') AS outside
          FROM jsonb_array_elements_text(h.details) AS x(d)) x
        WHERE x.unknown > 0 OR x.different <> x.asked OR x.asked <> CASE
          WHEN NOT w.subjects_asked THEN 1 WHEN m.phase = 'DEFINITIVE' THEN {SPECIALTIES_OF_THE_CHOICE}
          WHEN x.outside THEN p.specialties_if_outside ELSE p.specialties END
        """,
    ),
    Invariant(
        "INV-17", "P2G-02",
        "Une famille demande dans l’établissement les enseignements qu’il offrait alors, et ailleurs les autres.",
        f"""
        SELECT e.dossier, e.phase || ' v' || e.version || ' : ' || x.detail FROM entry e
        JOIN orientation_rankedchoice h ON h.submission_id = e.id
        JOIN pathway w ON w.code = h.pathway AND w.subjects_asked
        CROSS JOIN LATERAL jsonb_array_elements_text(h.details) AS x(detail)
        CROSS JOIN LATERAL (
          SELECT (split_part(x.detail, ':', 2) = '{OUTSIDE}') = (
            COALESCE(o.specialties, '[]') = '[]' OR o.specialties ? split_part(x.detail, ':', 1)) AS wrong
          FROM (VALUES (interval '0'), (interval '1 microsecond')) AS v(before)  -- an offer of the same instant, or not
          LEFT JOIN LATERAL (
            SELECT i.specialties FROM orientation_specialtyoffer i
            WHERE i.campaign_id = e.campaign_id AND i.school_id = e.school_id AND i.at <= e.at - v.before
            ORDER BY i.id DESC LIMIT 1) o ON true) o
        GROUP BY e.dossier, e.phase, e.version, h.id, x.detail HAVING bool_and(o.wrong)
        """,
    ),
)  # fmt: skip
