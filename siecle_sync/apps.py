from django.apps import AppConfig


class SiecleSyncConfig(AppConfig):
    name = "siecle_sync"
    label = "siecle_sync"
    verbose_name = "Échanges avec Siècle"
    default_auto_field = "django.db.models.BigAutoField"
