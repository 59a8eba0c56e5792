from django.apps import AppConfig
from django.utils.module_loading import import_string

from ledger.mail import letter_refused


class OrientationConfig(AppConfig):
    name = "orientation"
    label = "orientation"
    verbose_name = "Orientation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        note_refusal = import_string("orientation.refused_addresses.note_refusal")  # reads models
        letter_refused.connect(note_refusal, dispatch_uid="note_refusal")
