"""python -m tests.chaos.build [letters]: migrates the databases named by the environment and fills them.

With a night that has everything to do (`tests.chaos.world`), or with letters that wait (`tests.chaos.letters_world`).
"""

import os
import sys

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
django.setup()

from tests.chaos import letters_world, world  # noqa: E402 (models need the settings)

if __name__ == "__main__":
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", "siecle_mock", database="siecle_mock", verbosity=0, interactive=False)
    (letters_world if "letters" in sys.argv else world).build()
