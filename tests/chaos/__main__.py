"""python -m tests.chaos [STEP… VICTIM… random controls]: every step × every victim, kills at random; `make chaos`."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
django.setup()

from tests.chaos.campaign import main  # noqa: E402 (the invariants need the settings)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
