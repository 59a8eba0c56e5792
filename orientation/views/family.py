"""What every family screen shares: the door, the frame of the page, a verb that the rules may refuse."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from families.addresses import own_address
from families.sessions import ensure_sid
from ledger.models import ActorKind
from orientation.access import Access, access_dossier
from orientation.leads import SERVICE_OFF, not_followed
from orientation.refusals import sentence
from orientation.rules import Refusal, RuleBroken, service_off, student_acts
from orientation.wording import phase_title, words_of

View = Callable[..., HttpResponse]

NEVER = {Refusal.READ_ONLY_STUDENT, Refusal.STUDENT_OF_AGE, Refusal.NOT_LEGAL}
BADLY_FILLED = {
    Refusal.NO_CHOICE, Refusal.TOO_MANY_CHOICES, Refusal.PATHWAY_UNKNOWN, Refusal.PATHWAY_TWICE,
    Refusal.DETAIL_NOT_ASKED, Refusal.FREE_TEXT_TOO_LONG, Refusal.NOT_PROPOSED, Refusal.NOTHING_ACCEPTED,
    Refusal.ONE_ONLY, Refusal.SERIES_MISSING, Refusal.KIND_MISSING, Refusal.SPECIALTY_UNKNOWN,
    Refusal.SPECIALTY_TWICE, Refusal.SPECIALTY_NOT_OFFERED, Refusal.SPECIALTIES_COUNT,
}  # fmt: skip


def enter(request: HttpRequest, uuid: UUID) -> Access:
    """Open the dossier, or raise Http404; the page and its banner then share one instant."""
    access = access_dossier(request.user, uuid, sid=ensure_sid(request.session))
    request.now = access.now  # type: ignore[attr-defined]
    return access


def family_page(show: View) -> View:
    """A screen one reads: `show(request, access, **path)`."""

    @require_safe
    @wraps(show)
    def page(request: HttpRequest, uuid: UUID, **path: Any) -> HttpResponse:
        return show(request, enter(request, uuid), **path)

    return page


def family_act(screen: str, show: View) -> Callable[[View], View]:
    """A verb: `act(request, access, **path)` writes then redirects.

    Refused, the screen is shown as it now stands, with the reason. Reached by GET (back from signing in after the
    session ended), it leads to its screen.
    """

    def decorate(act: View) -> View:
        @wraps(act)
        def verb(request: HttpRequest, uuid: UUID, **path: Any) -> HttpResponse:
            kept = {key: value for key, value in path.items() if key == "phase"}
            if request.method in {"GET", "HEAD"}:
                return redirect(screen, uuid=enter(request, uuid).facts.uuid, **kept)
            if request.method != "POST":
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            try:
                return act(request, enter(request, uuid), **path)
            except RuleBroken as broken:
                return show(request, enter(request, uuid), refusal=broken.code, **kept)

        return verb

    return decorate


def status_of(refusal: Refusal | None) -> HTTPStatus:
    """403 for who may never write, 422 for what was typed, 409 for what happened meanwhile."""
    if refusal is None:
        return HTTPStatus.OK
    if refusal in NEVER:
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.UNPROCESSABLE_ENTITY if refusal in BADLY_FILLED else HTTPStatus.CONFLICT


def screen(
    request: HttpRequest, access: Access, template: str, *, phase: str = "", refusal: Refusal | None = None,
    status: HTTPStatus | None = None, **context: Any,
) -> HttpResponse:  # fmt: skip
    """Render one screen of a dossier in its frame: child, class, school, phase, notices, links."""
    frame = {
        "access": access,
        "facts": access.facts,
        "dossier": access.dossier,
        "student": access.dossier.student,
        "school": access.dossier.student.school,
        "zone": access.facts.timezone,
        "phase": phase,
        "phase_title": phase_title(phase, access.dossier.student.school) if phase else "",
        "words": words_of(phase) if phase else None,
        "for_reading": access.actor.kind == ActorKind.STUDENT,
        "address_trouble": address_trouble(request, access),
        "service_off": SERVICE_OFF if service_off(access.facts, access.now) else "",
        "refusal": sentence(refusal) if refusal else "",
        "not_followed": "" if access.facts.enrolled else not_followed(access.facts),
        "badly_filled": refusal in BADLY_FILLED,
    }
    return render(request, f"orientation/{template}.html", {**frame, **context}, status=status or status_of(refusal))


def address_trouble(request: HttpRequest, access: Access) -> str:
    """MAI-06: NONE (no address), REFUSED (our letters come back), or nothing to say."""
    person = access.facts.representative(access.person)
    if person is None:
        own = own_address(request.user) if student_acts(access.facts, access.now) else None
        return own.state if own and own.state in ("NONE", "REFUSED") else ""
    if not person.has_email:
        return "NONE"
    return "REFUSED" if person.email_refused else ""
