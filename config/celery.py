"""The timetable of what happens by itself, on one screen."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

from config.checks import refuse_unsafe_mail
from ledger.privileges import warn_at_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("orientation")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # each académie has its own night: the task starts those whose hour has come
    "nights": {
        "task": "siecle_sync.tasks.start_nights",
        "schedule": crontab(),
    },
    # what is late, failed or refused too much is told to operators; in the morning, the whole country's night
    "watch": {"task": "siecle_sync.tasks.watch_nights", "schedule": crontab(minute="*/10")},
    # what schools hand in through the admin: goes on with what a killed worker left, empties what nobody confirmed
    "uploads": {"task": "siecle_sync.tasks.sweep_uploads", "schedule": crontab()},
    # the simulated Siècle repeats what the service has not confirmed
    "councils": {"task": "siecle_sync.mock.tasks.confirm_councils", "schedule": crontab()},
    # repairs letters whose task was lost (broker down, worker killed)
    "letters": {"task": "orientation.tasks.sweep_letters", "schedule": crontab()},
    # from 8 h at each school: the runs that follow end what a killed worker left, or a stopped service (MAI-08)
    "reminders": {"task": "orientation.tasks.remind", "schedule": crontab(minute="5,25,45")},
    "retention": {"task": "orientation.tasks.forget_letters", "schedule": crontab(hour=3, minute=40)},
    "sign-ins": {"task": "orientation.tasks.forget_sign_ins", "schedule": crontab(hour=3, minute=50)},
    "drafts": {"task": "orientation.tasks.sweep_drafts", "schedule": crontab(minute=7)},
    # the lines of the day before; again when a transaction that writes some was still open, and if a try was missed
    "seal": {"task": "orientation.tasks.seal", "schedule": crontab(hour="4-9", minute=15)},
    # the country's dashboard reads what was counted last (SIE-07)
    "figures": {"task": "orientation.tasks.count_country", "schedule": crontab(minute="*/10")},
    # once the nights of Paris are over: what they wrote is checked with the rest
    "inspection": {"task": "orientation.tasks.inspect_dossiers", "schedule": crontab(hour=5, minute=30)},
}


@worker_init.connect
def check_before_work(**kwargs: Any) -> None:
    refuse_unsafe_mail()
    warn_at_start()
    after_the_pages()


def after_the_pages() -> None:
    """Whatever this process does, families who read their pages on the same machine are served first."""
    os.nice(10)
