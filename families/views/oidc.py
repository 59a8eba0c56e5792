"""To an identity provider and back, to sign in and to sign out (ACC-01)."""

import logging
from http import HTTPStatus

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from families.middleware import writes_on_get
from families.oidc import journeys, leaving
from families.oidc.checking import come_back
from families.oidc.parties import NoSuchParty, Party, party
from families.oidc.refusals import STATUSES, Code, Refused
from families.views import arrivals

logger = logging.getLogger("families.oidc")


@login_not_required
@never_cache
@require_GET
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """By a link and not by a form: Chromium would hold « form-action » against the provider's own redirections.

    Another site may not begin it for them.
    """
    chosen = offered(slug)
    wanted = next_page(request)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return redirect(sign_in_address(wanted))
    try:
        signed_in = request.user.is_authenticated
        address = journeys.begin(request, chosen, next=wanted, again=signed_in, prompt=asks_anew(request, chosen))
    except Refused as refused:
        return refusal_page(request, chosen, refused, wanted)
    return HttpResponseRedirect(address)


@login_not_required
@never_cache
@require_GET
@sensitive_variables("claims")
@writes_on_get
def provider_return(request: HttpRequest, slug: str) -> HttpResponse:
    """Back from the provider: `arrive` receives a person of whom everything was checked, and nobody else."""
    chosen = offered(slug)
    wanted = journeys.destination(request)
    try:
        claims, _ = come_back(request, chosen)
    except Refused as refused:
        return refusal_page(request, chosen, refused, wanted)
    return arrivals.arrive(request, claims, next=wanted)


@login_not_required
@never_cache
@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """After our sign-out: a page that leads by itself to the provider's, by an address of ours.

    A page, because a form brought the person here: the browser would refuse to follow it to another site.
    """
    if leaving.LEAVING not in request.session:
        return redirect("orientation:sign_out")
    return render(request, "families/oidc/leaving.html", {"party": leaving.what_is_left(request)["still_open"]})


@login_not_required
@never_cache
@require_GET
def leave_provider(request: HttpRequest) -> HttpResponse:
    address = leaving.provider_address(request)
    return HttpResponseRedirect(address) if address else redirect("orientation:sign_out")


@login_not_required
@never_cache
@require_GET
def provider_left(request: HttpRequest) -> HttpResponse:
    leaving.came_back(request)
    return redirect("orientation:sign_out")


def offered(slug: str) -> Party:
    try:
        return party(slug)
    except NoSuchParty as error:
        raise Http404 from error


def next_page(request: HttpRequest) -> str:
    """The page asked for, if it is one of this site; "" otherwise."""
    asked = request.GET.get(REDIRECT_FIELD_NAME, "")
    here = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if here else ""


def asks_anew(request: HttpRequest, chosen: Party) -> bool:
    """After who has just signed out here it may be somebody else, on a shared computer."""
    return chosen.prompt_login or leaving.LEFT in request.session


def sign_in_address(wanted: str) -> str:
    return reverse("families:sign_in", query={REDIRECT_FIELD_NAME: wanted} if wanted else None)


def refusal_page(request: HttpRequest, chosen: Party, refused: Refused, wanted: str) -> HttpResponse:
    """What to do now, and the other ways in. The log names the check, and nobody."""
    log = logger.error if refused.code is Code.DOWN else logger.warning
    log("%s %s %s", chosen.slug, refused.code, refused.detail)
    context = {
        "party": chosen,
        "code": refused.code.value,
        "detail": refused.detail,
        "next": wanted,
        "sign_in": sign_in_address(wanted),
    }
    status: HTTPStatus = STATUSES[refused.code]
    return render(request, "families/oidc/refused.html", context, status=status)
