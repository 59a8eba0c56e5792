"""The buttons of the list being typed: ↑ ↓ delete, cancel, validate (ENT-06, ENT-07)."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from orientation import actions
from orientation.access import Access
from orientation.rules import RuleBroken
from orientation.views.entry import back_to_entry, listed, refusal_of_list, show_entry
from orientation.views.family import family_act

A_RANK = re.compile(r"[0-9]{1,3}")
on_the_entry_screen = family_act("orientation:entry", show_entry)


@on_the_entry_screen
def up(request: HttpRequest, access: Access, phase: str, rank: int) -> HttpResponse:
    return _move(request, access, phase, rank, to=rank - 1)


@on_the_entry_screen
def down(request: HttpRequest, access: Access, phase: str, rank: int) -> HttpResponse:
    return _move(request, access, phase, rank, to=rank + 1)


@on_the_entry_screen
def move(request: HttpRequest, access: Access, phase: str, rank: int) -> HttpResponse:
    """« Déplacer au rang … »: `to`, from 1; anything else leaves the choice where it is."""
    asked = request.POST.get("to", "")
    return _move(request, access, phase, rank, to=int(asked) if A_RANK.fullmatch(asked) else rank)


def _move(request: HttpRequest, access: Access, phase: str, rank: int, *, to: int) -> HttpResponse:
    _current_list_only(request, access, phase)
    actions.move_choice(dossier=access.facts.uuid, phase=phase, rank=rank, to=to, user=request.user, by=access.actor)
    return back_to_entry(access, phase, max(to, 1))


@on_the_entry_screen
def remove(request: HttpRequest, access: Access, phase: str, rank: int) -> HttpResponse:
    _current_list_only(request, access, phase)
    actions.remove_choice(dossier=access.facts.uuid, phase=phase, rank=rank, user=request.user, by=access.actor)
    return back_to_entry(access, phase)


@on_the_entry_screen
def cancel(request: HttpRequest, access: Access, phase: str) -> HttpResponse:
    actions.cancel_draft(dossier=access.facts.uuid, phase=phase, user=request.user, by=access.actor)
    messages.info(request, "Ce qui n’était pas validé est effacé.")
    return redirect("orientation:entry", uuid=access.facts.uuid, phase=phase)


@on_the_entry_screen
def validate(request: HttpRequest, access: Access, phase: str) -> HttpResponse:
    shown = request.POST.get("shown", "")
    actions.validate_draft(dossier=access.facts.uuid, phase=phase, shown=shown, user=request.user, by=access.actor)
    return redirect("orientation:entry", uuid=access.facts.uuid, phase=phase)


def _current_list_only(request: HttpRequest, access: Access, phase: str) -> None:
    refusal = refusal_of_list(request, access, phase, listed(request, access, phase))
    if refusal is not None:
        raise RuleBroken(refusal)
