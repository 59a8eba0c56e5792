"""Read each dashboard of the database of DATABASE_URL, as its reader does, and count the same dossiers by plain SQL."""

import json
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 (after the set-up)
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks import dates  # noqa: E402
from benchmarks.dashboards import FLOOR, timed  # noqa: E402
from families.models import Academy, School, StaffMembership, User  # noqa: E402
from ledger import clock  # noqa: E402
from orientation.figures.kept import keep  # noqa: E402


def signed_in(name: str, **membership: Any) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    StaffMembership.objects.create(user=user, **membership)
    client = Client()
    client.force_login(user)
    return client


def floor(condition: str, value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FLOOR.format(condition=condition), [value] if value else None)
        cursor.fetchall()


def page(client: Client, name: str, *args: Any) -> int:
    answer = client.get(reverse(f"admin:{name}", args=args))
    assert answer.status_code == 200, f"{name} : {answer.status_code}"
    return len(answer.content)


def read(repeat: int) -> dict[str, Any]:
    """The largest académie and its largest school: page → milliseconds, those of the floor, bytes."""
    academy = Academy.objects.annotate(n=Count("schools__students")).order_by("-n")[0]
    school = School.objects.filter(academy=academy).annotate(n=Count("students")).order_by("-n")[0]
    head, saio = signed_in("head", role="HEAD", school=school), signed_in("saio", role="ACADEMY", academy=academy)
    national = signed_in("national", role="NATIONAL")
    here, there, anywhere = ("s.school_id = %s", school.pk), ("h.academy_id = %s", academy.pk), ("true", None)
    pages: dict[str, tuple[Any, ...]] = {
        "school": (here, head, "school_dashboard", school.pk),
        "school evening": (here, head, "school_evening", school.pk),
        "school, by its académie": (here, saio, "school_dashboard", school.pk),
        "academy": (there, saio, "academy_dashboard", academy.pk),
        "academy evening": (there, saio, "academy_evening", academy.pk),
        "country, nothing kept": (anywhere, national, "country_dashboard"),
        "country": (anywhere, national, "country_dashboard"),
    }
    found = {}
    for name, (scope, client, *asked) in pages.items():
        if name == "country":
            keep()
        size = page(client, *asked)
        took = {"page_ms": timed(lambda c=client, a=asked: page(c, *a), repeat)}
        took |= {"floor_ms": timed(lambda s=scope: floor(*s), repeat)}
        found[name] = {**took, "ratio": round(took["page_ms"] / took["floor_ms"], 1), "bytes": size}
    return found


def main() -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    clock.freeze(dates.NIGHT)
    print(json.dumps({"pages": read(int(sys.argv[1]))}))


if __name__ == "__main__":
    main()
