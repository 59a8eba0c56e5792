"""Sessions of parents, written in the database as a sign-in would: one JSON line of {cookie, dossier}."""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 (after the set-up)
from django.test import Client  # noqa: E402

from orientation.models import Submission  # noqa: E402


def main(count: int) -> None:
    """Parents spread over the whole campaign: half of those of a changed entry, half of the others."""
    found = []
    for version in (2, 1):
        entries = Submission.objects.filter(version=version, representative__user__isnull=False)
        step = max(entries.count() // (count // 2), 1)
        for pk in list(entries.order_by("pk").values_list("pk", flat=True))[::step][: count // 2]:
            entry = entries.select_related("representative__user", "dossier").get(pk=pk)
            client = Client()
            client.force_login(entry.representative.user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            found.append({"cookie": f"{cookie.key}={cookie.value}", "dossier": str(entry.dossier.uuid)})
    print(json.dumps({"visitors": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
