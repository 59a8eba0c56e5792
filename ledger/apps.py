from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from ledger.privileges import append_only_is_out_of_reach


class LedgerConfig(AppConfig):
    name = "ledger"
    label = "ledger"
    verbose_name = "Registre"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(append_only_is_out_of_reach, Tags.database)
        connection_created.connect(ignore_no_trigger, dispatch_uid="ignore_no_trigger")


def ignore_no_trigger(connection: BaseDatabaseWrapper, **more: Any) -> None:
    """Say once a connection that no trigger is ignored.

    Left unsaid, each row asks for it and fails in a subtransaction of its own: twenty times slower by thousands.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET pgtrigger.ignore = '{}'")
