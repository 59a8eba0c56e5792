"""What a secretary does with the files of Siècle in the admin, and what is read of it."""

import io

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import School
from siecle_sync.models import SiecleImport, SiecleImportFile
from tests.admin.world import page
from tests.siecle_sync.bee_builder import YEAR, eleve, family, pupils

UPLOAD, IMPORT_PAGE = "siecle_upload", "siecle_sync_siecleimport_change"
LIST = "siecle_sync_siecleimport_changelist"


def files() -> list[io.BytesIO]:
    return [pupils(eleve(1), eleve(2, DATE_NAISS="")), family()]


def hands_in(client: Client, school: School, *given: io.BytesIO, year: int = YEAR) -> HttpResponse:
    return client.post(
        reverse(f"admin:{UPLOAD}", args=[school.pk]), {"year": year, "files": list(given or files())}, follow=True
    )


def last() -> SiecleImport:
    return SiecleImport.objects.latest("created_at", "pk")


def shown(client: Client, upload: SiecleImport | None = None) -> HttpResponse:
    return page(client, IMPORT_PAGE, (upload or last()).pk)


def confirms(client: Client, seen: str | None = None) -> HttpResponse:
    said = shown(client).context["seen"] if seen is None else seen
    return client.post(reverse("admin:siecle_confirm", args=[last().pk]), {"seen": said}, follow=True)


def told(response: HttpResponse) -> list[str]:
    """The codes of what the page says to the person."""
    return [one.extra_tags for one in get_messages(response.wsgi_request) if one.extra_tags] or [
        one.extra_tags for one in response.context["messages"]
    ]


def emptied(upload: SiecleImport) -> bool:
    return not SiecleImportFile.objects.filter(upload=upload).exclude(content=None).exists()


def counts(upload: SiecleImport) -> dict[str, int]:
    return {name: count for name, count in upload.report["counts"].items() if count}
