from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
    label = "ledger"
    verbose_name = "Registre"
    default_auto_field = "django.db.models.BigAutoField"
