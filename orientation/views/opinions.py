"""The council's opinions, and their acknowledgement (OPI)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from orientation import actions
from orientation.access import Access
from orientation.enums import Phase
from orientation.leads import opinions_lead
from orientation.news import again
from orientation.rules import (
    Refusal,
    RuleBroken,
    entry_to_show,
    may_acknowledge,
    not_processed,
    visible_statement,
)
from orientation.school_changes import acknowledged_versions, changes_between, read_before
from orientation.views.family import family_act, family_page, screen


def show_opinions(request: HttpRequest, access: Access, refusal: Refusal | None = None) -> HttpResponse:
    facts, now = access.facts, access.now
    statement = visible_statement(facts, Phase.PROVISIONAL, now)
    acknowledged = acknowledged_versions(facts)
    before = acknowledged[-1] if acknowledged else read_before(facts, statement) if statement else None
    return screen(
        request, access, "opinions", phase=Phase.PROVISIONAL, refusal=refusal,
        lead=opinions_lead(facts, access.person, now),
        statement=statement,
        entry=entry_to_show(facts, Phase.PROVISIONAL, now),
        not_processed=not_processed(facts, Phase.PROVISIONAL),
        may_acknowledge=may_acknowledge(facts, access.person, now) is None,
        acknowledged=acknowledged,
        changes=changes_between(before, statement) if statement and before else (),
        again=again(facts, now),
    )  # fmt: skip


@family_page
def opinions(request: HttpRequest, access: Access) -> HttpResponse:
    return show_opinions(request, access)


@family_act("orientation:opinions", show_opinions)
def acknowledge(request: HttpRequest, access: Access) -> HttpResponse:
    actions.acknowledge(dossier=access.facts.uuid, statement=shown_version(request, "statement"), by=access.actor)
    messages.success(request, "Votre accusé de réception est enregistré.")
    return redirect("orientation:opinions", uuid=access.facts.uuid)


def shown_version(request: HttpRequest, name: str) -> UUID:
    """The version that the page was showing; a page that does not say is stale. Raises RuleBroken."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise RuleBroken(Refusal.STALE) from error
