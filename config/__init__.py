"""The Django project: settings, addresses, timetable. No domain code lives here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
