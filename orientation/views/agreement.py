"""The other representative says « oui » or « non » to the answer given (ANS-06)."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from families.reauthentication import answer_minutes, proof_asked
from orientation import actions
from orientation.access import Access
from orientation.enums import Phase
from orientation.forms import AgreementForm
from orientation.leads import agreement_lead, name_of
from orientation.rules import Refusal, agreements_awaited, may_agree, visible_statement
from orientation.views.family import family_act, family_page, screen
from orientation.views.opinions import shown_version


def show_agreement(
    request: HttpRequest, access: Access, refusal: Refusal | None = None, form: AgreementForm | None = None,
) -> HttpResponse:  # fmt: skip
    facts, now = access.facts, access.now
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    mine = may_agree(facts, access.person, now) is None
    return screen(
        request, access, "agreement", phase=Phase.DEFINITIVE, refusal=refusal,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else None,
        lead=agreement_lead(facts, access.person, now),
        answer=answer,
        awaited=[name_of(facts, one) for one in agreements_awaited(facts, answer, now)] if answer else [],
        form=(form or AgreementForm()) if mine else None,
    )  # fmt: skip


@family_page
def agreement(request: HttpRequest, access: Access) -> HttpResponse:
    return show_agreement(request, access)


@proof_asked(answer_minutes)
@family_act("orientation:agreement", show_agreement)
def agree(request: HttpRequest, access: Access) -> HttpResponse:
    form = AgreementForm(request.POST)
    if not form.is_valid():
        refusal = may_agree(access.facts, access.person, access.now)
        return show_agreement(request, access, refusal=refusal, form=None if refusal else form)
    actions.agree(
        dossier=access.facts.uuid, answer=shown_version(request, "answer"), agrees=form.agrees, by=access.actor
    )
    messages.success(request, "Votre réponse est enregistrée. Elle est définitive.")
    return redirect("orientation:decision", uuid=access.facts.uuid)
