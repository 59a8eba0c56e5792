from importlib import import_module

from django.apps import AppConfig

from ledger.mail import letter_arrived, letter_refused


class OrientationConfig(AppConfig):
    name = "orientation"
    label = "orientation"
    verbose_name = "Orientation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        heard = import_module("orientation.refused_addresses")  # reads models
        letter_refused.connect(heard.note_refusal, dispatch_uid="note_refusal")
        letter_arrived.connect(heard.note_arrival, dispatch_uid="note_arrival")
        accounts, dossiers = import_module("families.attachments"), import_module("orientation.actions.attachments")
        accounts.attached.connect(dossiers.note_attached, dispatch_uid="note_attached")
        accounts.detached.connect(dossiers.note_detached, dispatch_uid="note_detached")
