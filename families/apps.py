from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "families"
    label = "families"
    verbose_name = "Familles"
    default_auto_field = "django.db.models.BigAutoField"
