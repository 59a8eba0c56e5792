"""What the database lets the service itself do to what must never change (ANS-09).

Triggers refuse UPDATE and DELETE on append-only tables; nothing but privileges refuses TRUNCATE, and who owns a table
may drop its triggers. Hence two roles: the owner migrates and erases, the service works (docs/exploitation.md).
"""

import logging
import threading
from typing import Any

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.db import DEFAULT_DB_ALIAS, connection, models

log = logging.getLogger(__name__)

HINT = "Donnez au service un rôle qui ne possède aucune table : docs/exploitation.md, « Deux rôles »."
POWERS = ("TRUNCATE", "UPDATE", "DELETE")
QUERY = f"""
SELECT current_user, count(*) FILTER (WHERE pg_has_role(c.relowner, 'MEMBER')),
       {", ".join(f"count(*) FILTER (WHERE has_table_privilege(c.oid, '{power}'))" for power in POWERS)}
FROM pg_class c WHERE c.oid IN (SELECT to_regclass(name) FROM unnest(%s) AS name)
"""  # noqa: S608 (made of our own constants)


def append_only_models() -> list[type[models.Model]]:
    """The tables whose rows no one changes or erases: their trigger says so."""
    return [model for model in apps.get_models() if any(map(_refuses_change, getattr(model._meta, "triggers", [])))]


def _refuses_change(trigger: pgtrigger.Trigger) -> bool:
    return isinstance(trigger, pgtrigger.Protect) and trigger.name == "append_only"


def weakness() -> str:
    """Say in one sentence what the role of this connection could do to append-only tables; '' if nothing."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [[model._meta.db_table for model in append_only_models()]])
        role, owned, *counts = cursor.fetchone()
    said = [f"possède {owned} table(s)"] if owned else []
    said += [f"a le droit {power} sur {count}" for power, count in zip(POWERS, counts, strict=True) if count]
    if not said:
        return ""
    return f"Le rôle PostgreSQL « {role} » peut effacer ce qui doit rester : il {', '.join(said)} (ANS-09)."


def append_only_is_out_of_reach(
    app_configs: Any = None, databases: list[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warning `ledger.W001`, outside development, when the service could erase what it must keep."""
    if settings.DEV or DEFAULT_DB_ALIAS not in (databases or []):
        return []
    said = weakness()
    return [Warning(said, hint=HINT, id="ledger.W001")] if said else []


def warn() -> None:
    """Log the same, whatever happens: the service never stops for it."""
    try:
        for found in append_only_is_out_of_reach(databases=[DEFAULT_DB_ALIAS]):
            log.warning("%s %s", found.msg, found.hint)
    except Exception:
        log.exception("the privileges of the service could not be read")


def warn_at_start() -> None:
    """Beside the start of the web server or the worker: a database slow to answer delays nothing."""
    if not settings.DEV:
        threading.Thread(target=_warn_and_leave, daemon=True).start()


def _warn_and_leave() -> None:
    warn()
    connection.close()
