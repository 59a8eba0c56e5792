"""python -m tests.chaos [letters] [STEP… VICTIM… random controls]: every step × every victim, kills at random.

`make chaos` plays everything: the night, then the letters. « letters » names the letters alone.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
django.setup()

from tests.chaos import campaign, letters  # noqa: E402 (the invariants need the settings)


def main(arguments: list[str]) -> int:
    if "letters" in arguments:
        return letters.main([one for one in arguments if one != "letters"])
    night = campaign.main(arguments)
    return night if arguments else night | letters.main([])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
