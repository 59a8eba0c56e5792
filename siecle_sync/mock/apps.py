from django.apps import AppConfig


class MockConfig(AppConfig):
    name = "siecle_sync.mock"
    label = "siecle_mock"
    verbose_name = "Siècle Orientation (simulateur)"
    default_auto_field = "django.db.models.BigAutoField"
