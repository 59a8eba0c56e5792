from typing import Any

from anymail.signals import tracking
from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils.module_loading import import_string

from ledger.privileges import append_only_is_out_of_reach


class LedgerConfig(AppConfig):
    name = "ledger"
    label = "ledger"
    verbose_name = "Registre"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(append_only_is_out_of_reach, Tags.database)
        connection_created.connect(set_up_session, dispatch_uid="set_up_session")
        tracking.connect(import_string("ledger.tracking.record"), dispatch_uid="record")  # reads our models


# No trigger is ignored: left unsaid, each row asks for it and fails in a subtransaction of its own, twenty times slower
# by thousands. No statement is worth compiling, and a page read at random costs what the next one does: the planner's
# own figures are those of a spinning disk. One statement, one processor: a night leaves the others to the pages.
# What is prepared (ledger.prepared) is planned once, for any values.
SESSION = """
SET pgtrigger.ignore = '{}'; SET jit = off; SET random_page_cost = 1.1; SET max_parallel_workers_per_gather = 0;
SET plan_cache_mode = force_generic_plan
"""


def set_up_session(connection: BaseDatabaseWrapper, **more: Any) -> None:
    """Say once a connection what its statements rely on."""
    with connection.cursor() as cursor:
        cursor.execute(SESSION)
