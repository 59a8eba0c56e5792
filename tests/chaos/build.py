"""python -m tests.chaos.build: migrates the databases named by the environment and fills them (`tests.chaos.world`)."""

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
django.setup()

from tests.chaos.world import build  # noqa: E402 (models need the settings)

if __name__ == "__main__":
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", "siecle_mock", database="siecle_mock", verbosity=0, interactive=False)
    build()
