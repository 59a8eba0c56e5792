"""Entering intentions and choices: one screen for who writes and who reads, and the form of one choice (ENT)."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from orientation import actions
from orientation.access import Access
from orientation.actions.draft import draft_choices, live_draft
from orientation.choice_form import ChoiceForm, initial_of
from orientation.facts import Facts
from orientation.leads import entry_lead
from orientation.pathways import Choice, fingerprint
from orientation.recaps import recap_sentence
from orientation.refusals import sentence
from orientation.rules import (
    Refusal,
    RuleBroken,
    check_choices,
    entry_status,
    entry_to_show,
    gate,
    last_entry,
    may_enter,
    not_processed,
    visible_statement,
)
from orientation.views.family import enter, family_page, screen
from orientation.wording import guidance, words_of


@dataclass(frozen=True, slots=True)
class Listed:
    """The list being typed, and the version it is built on; `typed` is False when it is the validated entry itself."""

    choices: tuple[Choice, ...]
    base_version: int
    typed: bool

    @property
    def shown(self) -> str:
        return fingerprint(self.choices, self.base_version)

    @property
    def long(self) -> bool:
        """Too long for arrows alone: each choice can then be sent straight to a rank."""
        return len(self.choices) > 3

    @property
    def ranks(self) -> range:
        return range(1, len(self.choices) + 1)


def listed(request: HttpRequest, access: Access, phase: str) -> Listed:
    """The person's draft in progress, else the last validated entry (« Modifier les intentions »)."""
    draft = live_draft(request.user, access.dossier.pk, phase, access.now)
    if draft is not None:
        return Listed(draft_choices(draft), draft.base_version, True)
    last = last_entry(access.facts, phase)
    return Listed(last.choices, last.version, False) if last else Listed((), 0, False)


def show_entry(
    request: HttpRequest, access: Access, phase: str, refusal: Refusal | None = None,
    editing: bool = False, typed: Sequence[Choice] = (),
) -> HttpResponse:  # fmt: skip
    """`typed`: what a refused form held, shown so that nothing is lost in silence."""
    facts, now = access.facts, access.now
    current = listed(request, access, phase)
    mine = may_enter(facts, phase, access.person, now) is None
    entry = entry_to_show(facts, phase, now)
    editing = mine and (editing or current.typed)
    adding = editing or (mine and entry is None)
    return screen(
        request, access, "entry", phase=phase, refusal=refusal,
        lead=entry_lead(facts, phase, access.person, now),
        guidance=guidance(phase, facts.policies.max_choices),
        status_now=entry_status(facts, phase, now),
        recap=recap_sentence(facts, access.person),
        gate=gate(facts, now),
        mine=mine,
        current=current,
        editing=editing,
        lost=() if mine else (*(current.choices if current.typed else ()), *typed),
        unsaved=typed if mine else (),
        full=len(current.choices) >= facts.policies.max_choices,
        lines=judged(facts, phase, current.choices),
        entry=entry,
        not_processed=not_processed(facts, phase),
        statement=visible_statement(facts, phase, now),
        form=ChoiceForm(facts=facts, phase=phase, others=current.choices) if adding else None,
    )  # fmt: skip


def judged(facts: Facts, phase: str, choices: Sequence[Choice]) -> list[tuple[Choice, str]]:
    """Each choice with what has ceased to be right in it since it was listed (P2G-02: the offer changed)."""
    wrong = {one.rank: sentence(one.code) for one in check_choices(facts, phase, choices)}
    return [(choice, wrong.get(rank, "")) for rank, choice in enumerate(choices, start=1)]


@family_page
def entry(request: HttpRequest, access: Access, phase: str) -> HttpResponse:
    return show_entry(request, access, phase)


@family_page
def entry_change(request: HttpRequest, access: Access, phase: str) -> HttpResponse:
    """« Modifier les intentions »: the validated list, ready to be changed. Nothing is written before a button."""
    return show_entry(request, access, phase, editing=True)


def entry_add(request: HttpRequest, uuid: UUID, phase: str) -> HttpResponse:
    """« Ajouter une intention »: a dialog of the entry screen, or this page without JavaScript."""
    return _choice(request, uuid, phase)


def entry_edit(request: HttpRequest, uuid: UUID, phase: str, rank: int) -> HttpResponse:
    return _choice(request, uuid, phase, rank)


def _choice(request: HttpRequest, uuid: UUID, phase: str, rank: int = 0) -> HttpResponse:
    """The form of the choice of this rank, or of a new one (0)."""
    access = enter(request, uuid)
    current = listed(request, access, phase)
    others = current.choices[: max(rank - 1, 0)] + current.choices[rank:]
    if request.method == "POST":
        form = ChoiceForm(request.POST, facts=access.facts, phase=phase, others=others, adding=not rank)
        return _save(request, access, phase, rank, current, form)
    if may_enter(access.facts, phase, access.person, access.now) is not None:
        return redirect("orientation:entry", uuid=uuid, phase=phase)
    if rank > len(current.choices):
        raise Http404
    initial = initial_of(current.choices[rank - 1]) if rank else {}
    form = ChoiceForm(initial=initial, facts=access.facts, phase=phase, others=others, adding=not rank)
    return _form_page(request, access, phase, rank, current, form)


def _form_page(
    request: HttpRequest, access: Access, phase: str, rank: int, current: Listed, form: ChoiceForm
) -> HttpResponse:
    words = words_of(phase)
    return screen(
        request, access, "choice", phase=phase,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else None,
        lead=entry_lead(access.facts, phase, access.person, access.now),
        form=form,
        rank=rank,
        current=current,
        heading=f"Modifier {words.a}" if rank else words.add,
        full=not rank and len(current.choices) >= access.facts.policies.max_choices,
    )  # fmt: skip


def _save(
    request: HttpRequest, access: Access, phase: str, rank: int, current: Listed, form: ChoiceForm
) -> HttpResponse:
    typed = form.choices if form.is_valid() else ()
    refusal = refusal_of_list(request, access, phase, current if rank else None)
    if refusal is not None:
        return show_entry(request, access, phase, refusal, typed=typed)
    if not typed:
        return _form_page(request, access, phase, rank, current, form)
    try:
        _write(request, access, phase, rank, typed)
    except RuleBroken as broken:
        return show_entry(request, enter(request, access.facts.uuid), phase, broken.code, typed=typed)
    messages.info(request, _said(typed))
    return back_to_entry(access, phase)


def _said(typed: Sequence[Choice]) -> str:
    names = ", ".join(f"«\u00a0{one.label}\u00a0»" for one in typed)
    return f"{names} {'sont' if len(typed) > 1 else 'est'} dans votre liste. Votre liste n’est pas encore validée."


def _write(request: HttpRequest, access: Access, phase: str, rank: int, typed: Sequence[Choice]) -> None:
    path = {"dossier": access.facts.uuid, "phase": phase, "user": request.user, "by": access.actor}
    if rank:
        actions.change_choice(rank=rank, choice=typed[0], **path)
    else:
        actions.add_choices(choices=typed, **path)


def refusal_of_list(request: HttpRequest, access: Access, phase: str, current: Listed | None) -> Refusal | None:
    """Who may not enter is told so; then a page that was not showing the current list is refused (ENT-10)."""
    refusal = may_enter(access.facts, phase, access.person, access.now)
    if refusal is None and current is not None and request.POST.get("shown") != current.shown:
        return Refusal.STALE
    return refusal


def back_to_entry(access: Access, phase: str, rank: int = 0) -> HttpResponse:
    """The list, or the choice of this rank in it: a long list is not read again from its top."""
    path = {"uuid": access.facts.uuid, "phase": phase}
    anchor = f"rang-{rank}" if rank else "liste"
    return redirect(f"{reverse('orientation:entry', kwargs=path)}#{anchor}")
