"""Keep the simulated Siècle in its own database: it is another institution's server."""

from typing import Any

from django.db.models import Model

LABEL = "siecle_mock"


class MockRouter:
    """Send the models of `siecle_mock` to the alias of the same name, and everything else to `default`."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return LABEL if model._meta.app_label == LABEL else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return self.db_for_read(model, **hints)

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        return (obj1._meta.app_label == LABEL) == (obj2._meta.app_label == LABEL)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == LABEL) == (app_label == LABEL)
