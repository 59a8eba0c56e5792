"""One timeline of the dossier, newest first: the same number of queries however long it is."""

from django.http import HttpRequest, HttpResponse

from ledger.models import JournalEntry
from orientation.access import Access
from orientation.timeline import TITLES, events
from orientation.views.family import family_page, screen

PAGE = 20


@family_page
def history(request: HttpRequest, access: Access) -> HttpResponse:
    number = _page_number(request)
    rows = list(
        JournalEntry.objects.filter(dossier_uuid=access.facts.uuid, verb__in=TITLES).order_by("-at", "-id")[
            (number - 1) * PAGE : number * PAGE + 1
        ]
    )
    return screen(
        request, access, "history",
        events=events(rows[:PAGE], access.facts, access.now),
        newer=number - 1,
        older=number + 1 if len(rows) > PAGE else 0,
    )  # fmt: skip


def _page_number(request: HttpRequest) -> int:
    said = request.GET.get("page", "")
    return min(max(int(said), 1), 1000) if said.isascii() and said.isdigit() else 1
