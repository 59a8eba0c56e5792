from django.apps import AppConfig
from django.core.checks import Tags, register

from ledger.privileges import append_only_is_out_of_reach


class LedgerConfig(AppConfig):
    name = "ledger"
    label = "ledger"
    verbose_name = "Registre"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(append_only_is_out_of_reach, Tags.database)
