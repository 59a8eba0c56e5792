"""After each test, whatever it did: do the dossiers it leaves behind break an invariant?"""

from django.db import connection

from orientation.invariants import GROUND, INVARIANTS, catalogue

EACH = " UNION ALL ".join(
    f"SELECT '{one.id}', x.dossier::text, x.detail::text FROM ({one.sql}) AS x(dossier, detail)" for one in INVARIANTS
)
PREPARED: set[int] = set()  # by server process: planning fifty queries takes longer than running them on a few rows


def offences() -> list[tuple[str, str, str]]:
    """(invariant, dossier, detail) of each, in one round trip; nothing where there is no dossier."""
    if connection.connection is None or connection.needs_rollback:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), EXISTS (SELECT 1 FROM orientation_dossier)")
        process, some = cursor.fetchone()
        if not some:
            return []
        if process not in PREPARED:
            cursor.execute(f"PREPARE every_invariant AS {GROUND} {EACH}", {"catalogue": catalogue()})
            PREPARED.add(process)
        cursor.execute("EXECUTE every_invariant")
        return cursor.fetchall()
