"""The council's proposals: read, choose, confirm, answer once for all (ANS)."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from families.reauthentication import answer_minutes, proof_asked
from orientation import actions
from orientation.access import Access
from orientation.appeals import is_being_settled
from orientation.enums import AnswerKind, AuthorKind, Phase
from orientation.facts import FamilyAnswerFact
from orientation.forms import AnswerForm
from orientation.leads import name_of, proposals_lead
from orientation.rules import (
    Refusal,
    RuleBroken,
    agreements_awaited,
    entry_to_show,
    may_answer,
    not_processed,
    proposed,
    visible_statement,
)
from orientation.views.family import family_act, family_page, screen
from orientation.views.opinions import shown_version


def show_proposals(
    request: HttpRequest, access: Access, refusal: Refusal | None = None, form: AnswerForm | None = None,
) -> HttpResponse:  # fmt: skip
    facts, now = access.facts, access.now
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    mine = statement is not None and may_answer(facts, access.person, now) is None
    return screen(
        request, access, "proposals", phase=Phase.DEFINITIVE, refusal=refusal,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else None,
        lead=proposals_lead(facts, access.person, now),
        statement=statement,
        entry=entry_to_show(facts, Phase.DEFINITIVE, now),
        not_processed=not_processed(facts, Phase.DEFINITIVE),
        answer=answer,
        awaited=[name_of(facts, one) for one in agreements_awaited(facts, answer, now)] if answer else [],
        form=(form or AnswerForm(access=access)) if mine else None,
        settling=is_being_settled(facts, now),
        something_proposed=bool(statement and proposed(statement)),
    )  # fmt: skip


@family_page
def proposals(request: HttpRequest, access: Access) -> HttpResponse:
    return show_proposals(request, access)


@proof_asked(answer_minutes)
@family_act("orientation:proposals", show_proposals)
def confirm(request: HttpRequest, access: Access) -> HttpResponse:
    """Restate the consequence; nothing is written yet."""
    refusal = may_answer(access.facts, access.person, access.now)
    if refusal is not None:
        raise RuleBroken(refusal)
    form = AnswerForm(request.POST, access=access)
    if not form.is_valid():
        return show_proposals(request, access, form=form)
    return screen(
        request, access, "confirm_answer", phase=Phase.DEFINITIVE,
        form=form, kind=form.kind, accepted=form.keys, awaited=_to_be_awaited(access, form),
        statement=visible_statement(access.facts, Phase.DEFINITIVE, access.now),
    )  # fmt: skip


def _to_be_awaited(access: Access, form: AnswerForm) -> list[str]:
    """Whose agreement this answer would wait for (ANS-06)."""
    imagined = FamilyAnswerFact(
        uuid=access.facts.uuid, kind=form.kind, author_kind=AuthorKind(access.actor.kind), author=access.person,
        author_name=access.actor.name, at=access.now, accepted=tuple(form.keys),
    )  # fmt: skip
    return [name_of(access.facts, one) for one in agreements_awaited(access.facts, imagined, access.now)]


@proof_asked(answer_minutes)
@family_act("orientation:proposals", show_proposals)
def answer(request: HttpRequest, access: Access) -> HttpResponse:
    form = AnswerForm(request.POST, access=access)
    if not form.is_valid():
        refusal = may_answer(access.facts, access.person, access.now)
        return show_proposals(request, access, refusal=refusal, form=None if refusal else form)
    said = actions.answer_proposals(
        dossier=access.facts.uuid, statement=shown_version(request, "statement"), kind=form.kind,
        accepted=form.keys, by=access.actor,
    )  # fmt: skip
    screen_name = "decision" if said.kind == AnswerKind.REFUSED else "proposals"
    return redirect(f"orientation:{screen_name}", uuid=access.facts.uuid)
