"""« Je ne suis pas d’accord avec cette saisie »: recorded and shown, never blocking (policy « objection »)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from orientation import actions
from orientation.access import Access
from orientation.views.entry import show_entry
from orientation.views.family import family_act
from orientation.views.opinions import shown_version


@family_act("orientation:entry", show_entry)
def object_to_entry(request: HttpRequest, access: Access, phase: str) -> HttpResponse:
    actions.object_to_entry(
        dossier=access.facts.uuid, submission=shown_version(request, "submission"),
        reason=_one_line(request.POST.get("reason", "")), by=access.actor,
    )  # fmt: skip
    messages.success(request, "Votre désaccord est enregistré. La saisie reste en place.")
    return redirect("orientation:entry", uuid=access.facts.uuid, phase=phase)


def _one_line(typed: str) -> str:
    """A few words: neither lines of their own nor characters that nobody sees."""
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())
