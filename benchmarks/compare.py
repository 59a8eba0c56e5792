"""Two databases after the same night: as many rows in every table, and the same but for what is drawn or dated."""

from typing import Any

TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
# what each night wrote, without its own uuids and instants
CONTENTS = {
    "reçus": "SELECT dossier_id, kind, ref, outcome FROM orientation_sieclereceipt",
    "avis": """SELECT dossier_id, phase, version, submission_id, division_id, entered_at, published_at, siecle_ref
               FROM orientation_councilstatement""",
    "réponses": """SELECT s.siecle_ref, a.position, a.pathway, a.series, a.requested, a.value, a.comment
                   FROM orientation_councilanswer a JOIN orientation_councilstatement s ON s.id = a.statement_id""",
    "retraits": """SELECT s.siecle_ref, w.reason FROM orientation_statementwithdrawal w
                   JOIN orientation_councilstatement s ON s.id = w.statement_id""",
    "historique": """SELECT verb, actor_kind, actor_uuid, actor_name, dossier_uuid,
                            CASE verb WHEN 'statement_published' THEN data - 'statement' ELSE data END
                     FROM ledger_journalentry""",
    "courriels": """SELECT kind, recipient_uuid, dossier_uuid, data, state, not_before FROM ledger_outgoingemail""",
    "établissements": """SELECT uai, direction, read, accepted, created, changed, rejected, not_processed, unchanged,
                                by_code
                         FROM siecle_sync_runschool""",
    "listes": "SELECT kind, uai, code, digest FROM siecle_sync_rosterreceipt",
    "lignes signalées": "SELECT direction, kind, ref, outcome, code FROM siecle_sync_runline",
}
# the same whatever the order of the rows
DIGEST = "SELECT count(*), COALESCE(sum(hashtextextended(one::text, 0)::numeric), 0)::text FROM ({query}) one"


def counts(cursor: Any) -> dict[str, int]:
    """How many rows each table has."""
    cursor.execute(TABLES)
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM "{name}"')
        found[name] = cursor.fetchone()[0]
    return found


def contents(cursor: Any) -> dict[str, str]:
    found = {}
    for name, query in CONTENTS.items():
        cursor.execute(DIGEST.format(query=query))
        rows, digest = cursor.fetchone()
        found[name] = f"{rows} lignes, {digest}"
    return found


def differences(ours: Any, other: Any) -> list[str]:
    """What the two databases do not have in common, in words; empty when they say the same."""
    found = []
    for one, two in ((counts(ours), counts(other)), (contents(ours), contents(other))):
        found += [f"{name} : {one[name]} et {two.get(name)}" for name in one if one[name] != two.get(name)]
    return found
